// The picture: one row a mentor, one bar a pause. A place on its scale is in percent of the window of time.

import { copyOf, find } from "./elements.js";
import { writeDay } from "./days.js";
import { hueOf, sayDates } from "./pauses.js";
import { link, ticksOf } from "./view.js";

/** Draw a row for each mentor of a Map of pauses by mentor. */
export function drawTimeline(picture, mentors, view) {
  const place = (instant) => (100 * (instant - view.from)) / (view.to - view.from);
  // No label is cut.
  const drawLine = (name, from, label) => copyOf("tick", { class: name, from, label: from < 95 ? label : "" });
  const ticks = ticksOf(view).map(([instant, label]) => drawLine("tick", place(instant), label));
  find(".lines", picture).replaceChildren(...ticks, drawLine("now", place(view.at)));
  const rows = [...mentors].map(([mentor, pauses]) => drawRow(mentor, pauses, view, place));
  find(".rows", picture).replaceChildren(...rows);
}

function drawRow(mentor, pauses, view, place) {
  const lanes = []; // where the last bar in each ends
  const own = pauses.filter((pause) => pause.start).sort((one, other) => one.start - other.start);
  const bars = own.map((pause) => {
    const free = lanes.findIndex((end) => end <= pause.start);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = endOfBar(pause, view);
    return drawBar(pause, lane, lanes[lane], place);
  });
  const words = own.map((pause) => `${pause.reason ?? "no reason"}, ${pause.words}`).join("; ") || "no pause here";
  const row = copyOf("row", { mentor, words, address: link({ mentor }), lanes: lanes.length || 1 });
  find(".track", row).append(...bars);
  return row;
}

/** Return where a bar ends: that of an open pause at the expected return, or at the present if that has passed. */
const endOfBar = ({ start, end, back }, { at }) => (end < Infinity ? end : Math.max(Date.parse(back) || 0, start, at));

function drawBar(pause, lane, end, place) {
  const [from, to, isOpen] = [place(pause.start), place(end), pause.end === Infinity];
  const reason = pause.reason ?? "no reason";
  return copyOf("bar", {
    from, to, lane, hue: hueOf(pause.reason), address: link({ mentor: pause.mentor_id }),
    back: isOpen && pause.back ? place(Date.parse(pause.back)) : null,
    class: `pause ${pause.phase}${isOpen ? " open" : ""}${from + to > 100 ? " label-before" : ""}`,
    title: `${reason}, ${pause.words}\n${sayDates(pause)}`,
    // What is not in the window stands at its edge.
    text: `${to <= 0 ? `← ${writeDay(end)}, ` : ""}${reason}${from >= 100 ? `, ${writeDay(pause.start)} →` : ""}`,
  });
}

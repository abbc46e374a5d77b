// The picture: one row a mentor, one bar a pause.

import { make } from "./elements.js";
import { fieldDay, ticksOf, write } from "./days.js";
import { compare, describe, endOf, hueOf, phaseOf, returnOf, sayDates } from "./pauses.js";

/** Draw one row for each mentor of `rows`, a Map of pauses by mentor; `link` makes an address of changed state. */
export function drawTimeline(picture, rows, view, link) {
  const [lines, scale, list] = picture.children;
  lines.replaceChildren(...drawScale(view));
  scale.replaceChildren(...drawScale(view));
  list.replaceChildren(...[...rows].map(([mentorId, pauses]) => drawRow(mentorId, pauses, view, link)));
}

/** Return where an instant is in the window, in percent of its width. */
const place = (instant, { from, to }) => (100 * (instant - from)) / (to - from);

function drawScale(view) {
  const draw = (name, instant, text) => make("span", { class: name, "--left": `${place(instant, view)}%` }, text);
  const labelled = (instant, label) => (place(instant, view) < 95 ? label : ""); // no label is cut
  const ticks = ticksOf(view).map(([instant, label]) =>
    draw(label ? "tick" : "tick minor", instant, labelled(instant, label)),
  );
  return view.at >= view.from && view.at < view.to ? [...ticks, draw("now", view.at, "")] : ticks;
}

function drawRow(mentorId, pauses, view, link) {
  const ends = []; // of the last bar in each lane
  const byStart = pauses.toSorted((one, other) => compare(one.start_date, other.start_date));
  const bars = byStart.map((pause) => {
    const free = ends.findIndex((end) => end <= Date.parse(pause.start_date));
    const lane = free < 0 ? ends.length : free;
    ends[lane] = drawnEnd(pause, view);
    return drawPause(pause, lane, view, link);
  });
  const words = pauses.map((pause) => `${pause.reason ?? "no reason"}, ${describe(pause, view)}`).join("; ");
  const name = { class: "mentor", href: link({ mentor: mentorId }), title: mentorId };
  const state = make("span", { class: "visually-hidden" }, words || "no pause here");
  const row = [make("a", name, make("bdi", {}, mentorId), state), make("div", { class: "track" }, bars)];
  return make("li", { "--lanes": ends.length || 1 }, row);
}

/** Return where a bar ends: that of an open pause at the expected return, or at the present if that has passed. */
function drawnEnd(pause, view) {
  const [end, expected] = [endOf(pause, view), Date.parse(pause.expected_return_date) || 0];
  return end < Infinity ? end : Math.max(expected, Date.parse(pause.start_date), view.at);
}

function drawPause(pause, lane, view, link) {
  const [start, end, phase] = [Date.parse(pause.start_date), drawnEnd(pause, view), phaseOf(pause, view)];
  // It is for the mouse: to others the mentor's link, in the same row, says the same.
  const title = `${pause.reason ?? "no reason"}, ${describe(pause, view)}\n${sayDates(pause)}`;
  const basic = { "--lane-number": lane, title, tabindex: -1, "aria-hidden": "true" };
  if (start >= view.to || end <= view.from) return drawOutside(pause, start >= view.to, basic, link);
  const [left, right] = [Math.max(0, place(start, view)), Math.min(100, place(end, view))];
  const isOpen = endOf(pause, view) === Infinity;
  const expected = isOpen && pause.expected_return_date ? place(Date.parse(pause.expected_return_date), view) : 101;
  const within = { "--left": `${(100 * (Math.max(expected, 0) - left)) / (right - left)}%` };
  const ends = [start < view.from && "cut", end > view.to && "cut-after", isOpen && "open"];
  const bar = {
    class: ["pause", phase, ...ends, left > 100 - right && "label-before"].filter(Boolean).join(" "),
    "--left": `${left}%`,
    "--right": `${100 - right}%`,
    "--hue": hueOf(pause.reason),
    href: link({ mentor: pause.mentor_id }),
  };
  const late = phase === "overdue" && expected <= 100 && make("i", { class: "overdue", ...within });
  const mark = expected >= 0 && expected <= 100 && make("i", { class: "mark", ...within });
  return make("a", { ...basic, ...bar }, late, mark, make("span", {}, pause.reason ?? "no reason"));
}

/** Draw a pause that is not in the window as a link to the time it is in. */
function drawOutside(pause, isAhead, basic, link) {
  const day = isAhead ? pause.start_date : (returnOf(pause) ?? pause.start_date);
  const properties = { class: isAhead ? "outside ahead" : "outside", href: link({ from: fieldDay(day).slice(0, 7) }) };
  return make("a", { ...basic, ...properties }, isAhead ? `${write("day", day)} →` : `← ${write("day", day)}`);
}

// The picture: one row for each mentor, one bar for each pause. Positions are in percent of the window of time.

import { copyOf, drawInParts, fill, find } from "./elements.js";
import { writeDay } from "./days.js";
import { sayMentor } from "./names.js";
import { hueOf, sayDates, sayReason } from "./pauses.js";
import { link, ticksOf } from "./view.js";

const FIRST = 25; // rows that are drawn, unless all are asked for

/** Draw a row for each mentor of a Map of pauses by mentor; return what shows them. */
export async function drawTimeline(mentors, view) {
  const timeline = find("#timeline");
  const percentOf = (instant) => (100 * (instant - view.from)) / (view.to - view.from);
  const ticks = ticksOf(view).map(([instant, label]) => copyOf("tick", { from: percentOf(instant), label }));
  const drawn = [...mentors].slice(0, view.rows ? mentors.size : FIRST);
  const rows = await drawInParts(drawn, ([mentor, pauses]) => drawRow(mentor, pauses, view, percentOf));
  const allOrFirst = view.rows ? `Show the first ${FIRST}` : `Show all ${mentors.size.toLocaleString()}`;
  const isSmall = mentors.size <= FIRST;
  return () => {
    timeline.classList.toggle("of-nobody", !rows.length);
    find(".lines", timeline).replaceChildren(...ticks, copyOf("now", { from: percentOf(view.at) }));
    find(".rows", timeline).replaceChildren(...rows);
    fill(timeline, { allOrFirst, rows: link({ rows: view.rows ? "" : "all" }), isSmall });
  };
}

function drawRow(mentor, pauses, view, percentOf) {
  const dated = pauses.filter((pause) => "start" in pause).sort((one, other) => one.start - other.start);
  const lanes = []; // of bars that do not overlap
  for (const pause of dated) {
    const end = endOfBar(pause, view);
    const bar = { pause, end, from: percentOf(pause.start), to: percentOf(end) };
    const free = lanes.find((bars) => bars.at(-1).to <= bar.from);
    if (free) free.push(bar);
    else lanes.push([bar]);
  }
  const said = dated.map((pause) => `${sayReason(pause.reason) ?? "no reason"}, ${pause.words}`);
  const words = said.join("; ") || "no pause here";
  const row = copyOf("row", { mentor: sayMentor(mentor), words, address: link({ mentor }) });
  row.key = mentor;
  find(".track", row).append(...lanes.map((bars) => drawLane(bars, percentOf)));
  return row;
}

/** Return where a bar ends: that of an open pause at the expected return, or at the present if that has passed. */
const endOfBar = ({ start, end, back }, { at }) => (end < Infinity ? end : Math.max(Date.parse(back) || 0, start, at));

/** Draw bars that follow one another; a label that a bar has no room for stands after it, or before the first one. */
function drawLane(bars, percentOf) {
  const lane = copyOf("lane");
  for (const [index, { pause, end, from, to }] of bars.entries()) {
    const before = index === 0 ? Math.min(from, 100) : 0;
    const after = Math.min(bars[index + 1]?.from ?? 100, 100) - Math.max(to, 0);
    const [reason, isOpen] = [sayReason(pause.reason) ?? "no reason", pause.end === Infinity];
    // What is not in the window stands at its edge.
    const [early, late] = [to <= 0 && `← ${writeDay(end)}, `, from >= 100 && `, ${writeDay(pause.start)} →`];
    const edges = [early, reason, pause.phase === "undated" && ", no return date", late];
    const classes = [pause.phase, isOpen && "open", before > after && "label-before"];
    lane.append(copyOf("bar", {
      from, to, room: Math.max(before, after), hue: hueOf(pause.reason), address: link({ mentor: pause.mentor_id }),
      back: isOpen && pause.back ? percentOf(Date.parse(pause.back)) : undefined,
      class: ["pause", ...classes].filter(Boolean).join(" "),
      title: `${reason}, ${pause.words}\n${sayDates(pause)}`,
      text: edges.filter(Boolean).join(""),
    }));
  }
  return lane;
}

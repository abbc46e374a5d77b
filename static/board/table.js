// The same facts as the picture, as a table that sorts.

import { make } from "./elements.js";
import { timeOf, write } from "./days.js";
import { compare, compareUrgency, describe, hueOf, phaseOf, returnOf } from "./pauses.js";

const LAST = "\uffff"; // after every text
const COLUMNS = {
  mentor: ["Mentor", (pause) => pause.mentor_id],
  state: ["State", null], // sorts by what needs somebody first
  reason: ["Reason", (pause) => pause.reason ?? LAST],
  start: ["Away from", (pause) => pause.start_date ?? LAST],
  back: ["Back on", (pause) => returnOf(pause) ?? LAST],
};

/** Sort pauses by a column, `-` before it descending; a mentor without one here is `{mentor_id, status}`. */
export function sortPauses(pauses, view) {
  const value = COLUMNS[view.sort.replace("-", "")]?.[1];
  const order = (one, other) => (value ? compare(value(one), value(other)) : compareUrgency(one, other, view));
  const direction = view.sort.startsWith("-") ? -1 : 1;
  return pauses.toSorted((one, other) => direction * order(one, other) || compare(one.mentor_id, other.mentor_id));
}

/** Draw the table; `link` makes an address of changed state. */
export function drawTable(table, pauses, view, link) {
  table.tHead.rows[0].replaceChildren(...Object.keys(COLUMNS).map((name) => drawHeading(name, view.sort, link)));
  table.tBodies[0].replaceChildren(...pauses.map((pause) => drawRow(pause, view, link)));
}

function drawHeading(name, sort, link) {
  const direction = sort === name ? "ascending" : sort === `-${name}` && "descending";
  const arrow = make("span", { "aria-hidden": "true" }, { ascending: " ↑", descending: " ↓" }[direction] ?? "");
  const heading = make("a", { href: link({ sort: sort === name ? `-${name}` : name }) }, COLUMNS[name][0], arrow);
  return make("th", { scope: "col", "aria-sort": direction }, heading);
}

function drawRow(pause, view, link) {
  const mentor = make("a", { href: link({ mentor: pause.mentor_id }) }, make("bdi", {}, pause.mentor_id));
  const reason = [make("i", { class: "swatch", "--hue": hueOf(pause.reason) }), make("bdi", {}, pause.reason ?? "–")];
  const cells = pause.start_date
    ? [describe(pause, view), reason, drawDate(pause.start_date), drawReturn(pause)]
    : [pause.status, "–", "–", "–"];
  const phase = pause.start_date ? phaseOf(pause, view) : false;
  return make("tr", { class: phase }, make("th", { scope: "row" }, mentor), cells.map((cell) => make("td", {}, cell)));
}

/** Draw an instant as its day in the reader's language; the instant itself is on hover. */
const drawDate = (instant) =>
  make("time", { datetime: instant, title: instant }, write("day", instant), make("small", {}, timeOf(instant)));

const drawReturn = (pause) =>
  returnOf(pause) ? [drawDate(returnOf(pause)), !pause.end_date && make("small", {}, " expected")] : "not known";

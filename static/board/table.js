// The same facts as the picture, as a table that sorts.

import { copyOf, find } from "./elements.js";
import { writeDay, writeTimeOfDay } from "./days.js";
import { drawActions } from "./actions.js";
import { drawBoxes } from "./chosen.js";
import { compareMentors, sayMentor } from "./names.js";
import { hueOf, sayReason } from "./pauses.js";
import { addPerson } from "./person.js";
import { keyOf } from "./together.js";
import { link } from "./view.js";

/** Sort pauses by one of their values, `-` before its name: descending; by mentor where they are equal. */
export function sortPauses(pauses, sort) {
  const [name, direction] = [sort.replace("-", ""), sort.startsWith("-") ? -1 : 1];
  const valueOf = (pause) => pause[name] ?? "\uffff"; // after every text
  const compare = name === "mentor_id" ? compareMentors : (one, other) => (one > other) - (one < other);
  return pauses.toSorted((one, other) =>
    direction * compare(valueOf(one), valueOf(other)) || compareMentors(one.mentor_id, other.mentor_id));
}

/** Draw the table; a mentor without a pause here has no `start_date`. As of another day nothing can be changed. */
export function drawTable(pauses, { as_of: asOf, expected }) {
  const isNow = !asOf && !expected;
  const rows = pauses.map((pause) => [drawRow(pause, isNow && pause.isPressing), pause]);
  find("#table tbody").replaceChildren(...rows.map(([row]) => row));
  drawBoxes(find("#table"), new Map(isNow ? rows : []));
}

/** Draw a row of such a table, with its actions or without. */
export function drawRow(pause, hasActions) {
  const { mentor_id: mentor, reason, start_date: start, end_date: end, back } = pause;
  const paused = start && {
    hue: hueOf(reason), from: writeDay(start), time: writeTimeOfDay(start), until: back ? writeDay(back) : "not known",
    kind: back && [writeTimeOfDay(back), end ? "" : "expected"].filter(Boolean).join(", "),
  };
  const row = copyOf("line", {
    ...pause, ...paused, mentor: sayMentor(mentor), address: link({ mentor }), reason: sayReason(reason) ?? "–",
  });
  row.key = keyOf(pause);
  addPerson(find("th", row), mentor);
  if (hasActions) find(".actions", row).append(drawActions(pause));
  return row;
}

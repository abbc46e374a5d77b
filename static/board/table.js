// The same facts as the picture, as a table that sorts.

import { copyOf, drawInParts, find } from "./elements.js";
import { writeDay, writeTimeOfDay } from "./days.js";
import { drawActions } from "./actions.js";
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

/**
 * Draw a row for each pause, or for each mentor who has none: then it has no `start_date`. If something can be done
 * about them, each has its box to choose it, and its actions.
 */
export const drawRows = (pauses, canAct) => drawInParts(pauses, (pause) => drawRow(pause, canAct));

function drawRow(pause, canAct) {
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
  if (canAct && pause.isPressing) find(".actions", row).append(drawActions(pause));
  if (canAct && pause.status !== "deleted")
    find("th", row).prepend(copyOf("choose", { key: row.key, label: `Choose ${sayMentor(mentor)}` }));
  return row;
}

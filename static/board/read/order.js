// The order of rows.

import { compareMentors } from "./names.js";
import { compareReasons } from "./reasons.js";

/** Sort rows by one of their values, `-` before its name: descending; by mentor where they are equal. */
export function sortRows(rows, sort) {
  const [name, direction] = [sort.replace("-", ""), sort.startsWith("-") ? -1 : 1];
  const valueOf = (row) => row[name] ?? "\uffff"; // after every text
  const compare = { mentor_id: compareMentors, reason: compareReasons }[name] ?? compareValues;
  const compareRows = (one, other) =>
    direction * compare(valueOf(one), valueOf(other)) || compareMentors(one.mentor_id, other.mentor_id);
  return rows.toSorted(compareRows);
}

const compareValues = (one, other) => (one > other) - (one < other);

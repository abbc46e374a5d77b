// The order of rows.

import { compareMentors } from "./names.js";

/** Sort rows by one of their values, `-` before its name: descending; by mentor where they are equal. */
export function sortRows(rows, sort) {
  const [name, direction] = [sort.replace("-", ""), sort.startsWith("-") ? -1 : 1];
  const valueOf = (row) => row[name] ?? "\uffff"; // after every text
  const compare = name === "mentor_id" ? compareMentors : (one, other) => (one > other) - (one < other);
  const compareRows = (one, other) =>
    direction * compare(valueOf(one), valueOf(other)) || compareMentors(one.mentor_id, other.mentor_id);
  return rows.toSorted(compareRows);
}

// What is ticked: it outlives search, filters and views.

import { shownKeys } from "./list.js";
import { draw, model, shownList } from "./model.js";

export const MOST_TICKED = 1000; // rows that are changed together

let last = null; // the key of the row that was ticked last

/** Say whether a row can be ticked: not a deleted mentor, and nothing to which something was just done. */
export const canBeTicked = ({ key, phase }) => phase !== "deleted" && !model.outcomes.get(key)?.isDone;

export const isTicked = (key) => model.ticked.has(key);

/** Tick rows, or untick them; with Shift, also all rows from the one that was ticked before. */
export function tick(rows, isOn, isShift) {
  for (const row of isShift && rows.length === 1 ? rowsUntil(rows[0]) : rows)
    if (!isOn) model.ticked.delete(row.key);
    else if (model.ticked.size < MOST_TICKED) model.ticked.set(row.key, row);
  last = rows[0].key;
  draw();
}

/** Return the rows that are shown from the one that was ticked last to another one, or that one alone. */
function rowsUntil(row) {
  const list = shownList();
  const keys = shownKeys(list);
  const [from, to] = [last, row.key].map((key) => keys.indexOf(key));
  const between = from === -1 ? [row.key] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
  return between.map((key) => list.rows.get(key)).filter(canBeTicked);
}

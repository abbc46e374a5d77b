// What is ticked: it outlives search, filters and views.

import { TICKED } from "../read/keys.js";
import { byKey, shownKeys } from "../read/list.js";
import { discardDraft, draw, isTyped, keepDraft, model, shownList } from "../read/model.js";
import { movedKeys, placeOfOutcome } from "../read/truth.js";

export const MOST_TICKED = 1000; // rows that are changed together

let last = null; // the key of the row that was ticked last

/** Say whether something can be done to a row: not to a deleted mentor, nor where it stands what was just done. */
export const canBeTicked = (row, isMoved) => row.phase !== "deleted" && placeOfOutcome(row, isMoved) !== "in the row";

export const isTicked = (key) => model.ticked.has(key);

/** Tick rows, or untick them; with Shift, also all rows from the one that was ticked before. */
export function tick(rows, isOn, isShift) {
  const all = isShift && rows.length === 1 ? rowsUntil(rows[0]) : rows;
  if (isOn) for (const row of all) if (model.ticked.size < MOST_TICKED) model.ticked.set(row.key, row);
  const { rows: inForm } = model.drafts.get(TICKED) ?? {};
  if (isOn && inForm) keepDraft(TICKED, { rows: [...byKey([...all, ...inForm]).values()] }); // as they were at opening
  if (!isOn) untick(all.map(({ key }) => key));
  last = rows[0].key;
  draw();
}

/** Untick rows by their keys. After the last one, nothing is left of the tray's form: it was about them. */
export function untick(keys) {
  forgetTicks(keys);
  if (!model.ticked.size) discardDraft(TICKED);
}

/** Untick rows that were changed. What was typed into the tray's form stays: nobody has asked to forget it. */
export function forgetTicks(keys) {
  for (const key of keys) model.ticked.delete(key);
  if (model.ticked.size) return;
  model.areAllNamed = false;
  if (!isTyped(TICKED)) discardDraft(TICKED);
}

/** Untick the rows to which something was done, and what nothing fits any more. */
export function untickDone(rows) {
  const done = new Set(rows.map(({ key }) => key));
  forgetTicks([...model.ticked].filter(([key, { leftOut }]) => leftOut || done.has(key)).map(([key]) => key));
}

/** Have the rows of some mentors say why they were refused, which `refused` has by mentor. */
export function noteRefused(refused) {
  for (const [key, row] of model.ticked)
    if (refused.has(row.mentor_id)) model.ticked.set(key, { ...row, refused: refused.get(row.mentor_id) });
}

/** Return the rows that are shown from the one that was ticked last to another one, or that one alone. */
function rowsUntil(row) {
  const list = shownList();
  const keys = shownKeys(list);
  const [from, to] = [last, row.key].map((key) => keys.indexOf(key));
  const between = from === -1 ? [row.key] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
  const moved = movedKeys(list);
  return between.map((key) => list.rows.get(key)).filter((each) => canBeTicked(each, moved.includes(each.key)));
}

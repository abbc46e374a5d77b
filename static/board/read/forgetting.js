// When what came of a write is forgotten: when its list is opened anew, when its place is left, when its mentor is
// written about again, and when its row has changed once more.

import { TICKED, isPanelKey, isRowKey, isUndoKey, keyOfUndo, mentorOf } from "./keys.js";
import { sectionOf } from "./list.js";
import { discardDraft, isTyped, model } from "./model.js";

function forget(isOver) {
  for (const [key, outcome] of model.outcomes) if (isOver(key, outcome)) model.outcomes.delete(key);
}

/** Forget what was done to the rows of a list that was just opened: they stand where they belong. */
export const forgetAtOpening = ({ rows }) => forget((key, { isDone }) => isDone && rows.has(key));

/**
 * Forget what was said in places that were left: in the panel of a mentor, and in the tray. Close the forms there
 * into which nothing was typed.
 */
export function forgetAtLeaving(view, before) {
  const isPanelLeft = view.mentor !== before.mentor;
  const isViewLeft = view.question !== before.question;
  const isFormLeft = (key) => (isPanelKey(key) ? isPanelLeft && mentorOf(key) !== view.mentor : isViewLeft);
  const isKept = (key) => !isRowKey(key) || isTyped(key) || model.pending.has(key);
  for (const key of model.drafts.keys()) if (isFormLeft(key) && !isKept(key)) discardDraft(key);
  forget((key, { isDone }) => {
    const isAboutForm = !isDone && model.drafts.has(key); // as long as that is there, why it was not done stays, too
    if (isPanelKey(key)) return isPanelLeft && !isAboutForm;
    return key === TICKED && isViewLeft && isDone;
  });
}

/**
 * Forget what was done to some mentors before, in rows and by Undo buttons: it may no longer be so, and the next
 * reading says what still is. Forget also what a row says of a write that was undone by now.
 */
export function forgetAtWriting(mentors) {
  const isOfOne = (mentor) => mentors.includes(mentor);
  forget((key, { isDone, mentors: undone, undo, partOf }) => {
    if (!isDone) return false;
    if (isUndoKey(key)) return undone.some(isOfOne);
    if (!isRowKey(key)) return false;
    return (undo ?? partOf)?.isUndone || (isOfOne(mentorOf(key)) && !isPanelKey(key));
  });
}

/**
 * Forget what was done to rows that have changed once more since: it may no longer be so. (The first reading
 * after a write notes the row; the outcome ends if a later one differs.)
 */
export function forgetAtReading({ rows, newest }) {
  forget((key, outcome) => {
    const isUndoRefused = outcome.undo && model.outcomes.has(keyOfUndo(outcome.undo)); // it says what has changed
    if (!rows.has(key) || !outcome.isDone || isUndoRefused) return false;
    const rowNow = rowAsText({ rows, newest }, key);
    const isChanged = outcome.rowAfterWrite && outcome.rowAfterWrite !== rowNow;
    outcome.rowAfterWrite = rowNow;
    return isChanged;
  });
}

/** Return a row of a list and where it stands now, to be compared. A row in no section may change as it likes. */
export function rowAsText({ rows, newest }, key) {
  const section = sectionOf(newest, key);
  const { mentor_etag: _, ...row } = rows.get(key); // it changes with any other pause of the mentor, too
  return JSON.stringify(section ? [section, row] : []);
}

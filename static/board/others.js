// What others did to the rows of a list since it was opened.

import { groupsOf, readHistory } from "./api.js";
import { toSecond, toText } from "./days.js";
import { standingEntries, sayDone, sayWriter } from "./history.js";
import { TICKED, LINK, isPanelKey, isRowKey, isUndoKey, keyOfUndo, mentorOf } from "./keys.js";
import { keysOutOfPlace, sectionOf } from "./list.js";
import { discardDraft, isTyped, model } from "./model.js";
import { mentorsOf } from "./pauses.js";
import { undoableWrites } from "./undo.js";

// An outcome is forgotten when its list is opened anew, when its place is left, when its mentor is written about again,
// and when its row has changed once more.

function forget(isOver) {
  for (const [key, outcome] of model.outcomes) if (isOver(key, outcome)) model.outcomes.delete(key);
}

/** Forget what was done to the rows of a list that was just opened: they stand where they belong. */
export const forgetAtOpening = ({ rows }) => forget((key, { isDone }) => isDone && rows.has(key));

/**
 * Forget what was said in places that were left: in the panel of a mentor, in the tray, and beside a link. Close the
 * forms there into which nothing was typed.
 */
export function forgetAtLeaving(view, before) {
  const isPanelLeft = view.mentor !== before.mentor;
  const isViewLeft = view.question !== before.question;
  forget((key, { isDone }) => {
    if (isPanelKey(key)) return isPanelLeft;
    if (key === TICKED) return isViewLeft && isDone;
    return key === LINK && isViewLeft;
  });
  const isFormLeft = (key) => (isPanelKey(key) ? isPanelLeft && mentorOf(key) !== view.mentor : isViewLeft);
  for (const key of model.drafts.keys()) if (isRowKey(key) && isFormLeft(key) && !isTyped(key)) discardDraft(key);
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
 * Forget what was done to rows that have changed once more since: it may no longer be so. (An outcome is kept with its
 * row `asRead` by the first reading after the write.)
 */
export function forgetAtReading({ rows, newest }) {
  forget((key, outcome) => {
    const isUndoRefused = outcome.undo && model.outcomes.has(keyOfUndo(outcome.undo)); // it says what has changed
    if (!rows.has(key) || !outcome.isDone || isUndoRefused) return false;
    const section = sectionOf(newest, key);
    const { mentor_etag: _, ...row } = rows.get(key); // it changes with any other pause of the mentor, too
    const asRead = JSON.stringify([section, section && row]); // what is in no section any more may change as it likes
    const isChanged = outcome.asRead && outcome.asRead !== asRead;
    outcome.asRead = asRead;
    return isChanged;
  });
}

/** Have the rows that were changed, so that they no longer belong where they stand, say who did what, and when. */
export async function readWhatOthersDid(list, isLate) {
  const isUnsaid = ({ key }) => !model.outcomes.get(key)?.isDone && !model.pending.has(key);
  const isOfMentor = ({ phase }) => phase; // the entries of What changed have none
  const rows = keysOutOfPlace(list).map((key) => list.rows.get(key)).filter((row) => isOfMentor(row) && isUnsaid(row));
  const [mentors] = groupsOf(mentorsOf(rows)); // the first ones
  if (!mentors) return;
  const since = toText(toSecond(list.since));
  const { data: entries } = await readHistory({ mentor_id: mentors.join(), since }, 100);
  if (isLate()) return; // by now the list may be another one
  const standing = standingEntries(entries);
  for (const row of rows) {
    const told = row.deletion ? entries : standing; // of a deleted mentor also the Undo of the deletion
    const entry = told.find((each) => isAbout(each, row));
    if (entry && isUnsaid(row)) model.outcomes.set(row.key, sayOutcome(entry, row));
  }
}

/** Say whether an entry of the history is about what a row shows. */
function isAbout({ mentor_id: mentor, event, pause_records: records }, row) {
  if (mentor !== row.mentor_id) return false;
  const isOfPause = records.some(({ pause_record_id: record }) => record === row.pause_record_id);
  return isOfPause || !row.pause_record_id || event === "deleted";
}

/** Return what a row says of an entry; if this tab has written it, with its Undo. */
function sayOutcome(entry, row) {
  const undo = undoableWrites().find(({ entries }) => entries.includes(entry.history_entry_id));
  if (undo) return { isDone: true, words: undo.words, ...(undo.mentors.length > 1 ? { partOf: undo } : { undo }) };
  const failed = model.outcomes.get(row.key);
  const isRefused = Boolean(failed && !failed.isLost); // without an answer this may be it
  const words = `${sayDone(entry, row)} · ${sayWriter(entry)}`;
  return { isDone: true, isRefused, words: isRefused ? `your change was not made: ${words}` : words };
}

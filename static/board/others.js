// What others did to the rows of a list since it was opened.

import { groupsOf, readHistory } from "./api.js";
import { toSecond, toText } from "./days.js";
import { listStanding, sayDone, sayWriter } from "./history.js";
import { CHOSEN, LINK, isPanelKey, mentorOf } from "./keys.js";
import { listLeft, sectionOf } from "./list.js";
import { model } from "./model.js";
import { mentorsOf } from "./pauses.js";
import { keyOfUndo, listUndos } from "./undo.js";

// An outcome is forgotten when its list is opened anew, when its place is left, when its mentor is written about again,
// and when its row has changed once more.

/** Forget what was done to the rows of a list that was just opened: they stand where they belong. */
export function forgetAtOpening({ rows }) {
  for (const [key, { isDone }] of model.outcomes) if (isDone && rows.has(key)) model.outcomes.delete(key);
}

/** Forget what was said in places that were left: in the panel of a mentor, in the tray, and beside a link. */
export function forgetAtLeaving(view, before) {
  const [isPanelLeft, isViewLeft] = [view.mentor !== before.mentor, view.question !== before.question];
  const isLeft = (key, isDone) =>
    (isPanelKey(key) ? isPanelLeft : isViewLeft && (key === LINK || (key === CHOSEN && isDone)));
  for (const [key, { isDone }] of model.outcomes) if (isLeft(key, isDone)) model.outcomes.delete(key);
}

/**
 * Forget what was done to rows of some mentors before: it may no longer be so, and the next reading says what still is.
 * Forget also what was undone by now, and which undos were done.
 */
export function forgetAtWriting(mentors) {
  const isOfRow = (key) => mentors.includes(mentorOf(key)) && !isPanelKey(key);
  const isOver = ([key, { isDone, undo, partOf }]) =>
    isDone && (isOfRow(key) || key.startsWith("undo ") || (key.includes(" ") && (undo ?? partOf)?.isUndone));
  for (const [key] of [...model.outcomes].filter(isOver)) model.outcomes.delete(key);
}

/**
 * Forget what was done to rows that have changed once more since: it may no longer be so. (An outcome is kept with its
 * row `asRead` by the first reading after the write.)
 */
export function forgetAtReading({ rows, newest }) {
  for (const [key, outcome] of model.outcomes) {
    const hasUndoOutcome = outcome.undo && model.outcomes.has(keyOfUndo(outcome.undo)); // it says what has changed
    if (!rows.has(key) || !outcome.isDone || hasUndoOutcome) continue;
    const section = sectionOf(newest, key);
    const { mentor_etag: _, ...row } = rows.get(key); // it changes with any other pause of the mentor, too
    const asRead = JSON.stringify([section, section && row]);
    if (outcome.asRead && outcome.asRead !== asRead) model.outcomes.delete(key);
    else outcome.asRead = asRead;
  }
}

/** Have the rows that were changed, so that they no longer belong where they stand, say who did what, and when. */
export async function readWhatOthersDid(list, isLate) {
  const isUnsaid = ({ key }) => !model.outcomes.get(key)?.isDone && !model.pending.has(key);
  const rows = listLeft(list).map((key) => list.rows.get(key)).filter((row) => row.phase && isUnsaid(row));
  const [mentors] = groupsOf(mentorsOf(rows)); // the first ones
  if (!mentors) return;
  const since = toText(toSecond(list.since));
  const { data: entries } = await readHistory({ mentor_id: mentors.join(), since }, 100);
  if (isLate()) return; // by now the list may be another one
  const standing = listStanding(entries);
  for (const row of rows) {
    const entry = (row.deletion ? entries : standing).find((each) => isAbout(each, row)); // it may be undone by now
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
  const undo = listUndos().find(({ entries }) => entries.includes(entry.history_entry_id));
  if (undo) return { isDone: true, words: undo.words, [undo.mentors.length > 1 ? "partOf" : "undo"]: undo };
  const failed = model.outcomes.get(row.key);
  const refused = failed && !failed.isLost ? "; your change was not made" : ""; // without an answer this may be it
  return { isDone: true, words: `${sayDone(entry, row)} · ${sayWriter(entry)}${refused}` };
}

// What others did to the rows of a list since it was opened.

import { readHistory } from "./api.js";
import { CHOSEN } from "./chosen.js";
import { LINK } from "./clipboard.js";
import { toSecond, toText } from "./days.js";
import { listStanding, sayDone, sayWriter } from "./history.js";
import { listLeft, sectionOf } from "./list.js";
import { model } from "./model.js";
import { mentorOf, mentorsOf } from "./pauses.js";
import { groupsOf } from "./readings.js";
import { keyOfUndo, listUndos } from "./undo.js";

/** Forget what was done to the rows of a list that was just opened: they stand where they belong. */
export function forgetSaid({ rows }) {
  for (const [key, { isDone }] of model.outcomes) if (isDone && rows.has(key)) model.outcomes.delete(key);
}

/** Forget what was said in places that were left: in the panel of a mentor, in the tray, and beside a link. */
export function forgetLeft(view, before) {
  const [isPanelLeft, isViewLeft] = [view.mentor !== before.mentor, view.question !== before.question];
  for (const [key, { isDone }] of model.outcomes)
    if (key.endsWith(" panel") ? isPanelLeft : isViewLeft && isDone && [CHOSEN, LINK].includes(key))
      model.outcomes.delete(key);
}

/**
 * Forget what was done to rows of some mentors before: it may no longer be so, and the next reading says what still is.
 * Forget also what was undone by now, and which undos were done.
 */
export function forgetDone(mentors) {
  const isOfRow = (key) => mentors.includes(mentorOf(key)) && !key.endsWith(" panel");
  const isOver = ([key, { isDone, undo, partOf }]) =>
    isDone && (isOfRow(key) || key.startsWith("undo ") || key.includes(" ") && (undo ?? partOf)?.isUndone);
  for (const [key] of [...model.outcomes].filter(isOver)) model.outcomes.delete(key);
}

/**
 * Forget what was done to rows that have changed once more since: it may no longer be so. (`facts` of an outcome are
 * those of the first reading after the write.)
 */
export function forgetOutdated({ rows, newest }) {
  for (const [key, outcome] of model.outcomes) {
    const hasUndoOutcome = outcome.undo && model.outcomes.has(keyOfUndo(outcome.undo)); // it says what has changed
    if (!rows.has(key) || !outcome.isDone || hasUndoOutcome) continue;
    const section = sectionOf(newest, key);
    const { mentor_etag: _, ...row } = rows.get(key); // it changes with any other pause of the mentor, too
    const facts = JSON.stringify([section, section && row]);
    if (outcome.facts && outcome.facts !== facts) model.outcomes.delete(key);
    else outcome.facts = facts;
  }
}

/** Have the rows that were changed, so that they no longer belong where they stand, say who did what, and when. */
export async function readWhatOthersDid(list, isLate) {
  const isUnsaid = ({ key }) => !model.outcomes.get(key)?.isDone && !model.writes.has(key);
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

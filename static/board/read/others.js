// What others did to the rows of a list since it was opened.

import { undoableWrites } from "../write/undo.js";
import { groupsOf, readHistory } from "./api.js";
import { toSecond, toText } from "./days.js";
import { rowAsText } from "./forgetting.js";
import { sayDone, sayWriter, standingEntries } from "./history.js";
import { keysOutOfPlace } from "./list.js";
import { model } from "./model.js";
import { mentorsOf } from "./pauses.js";

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
    if (!entry || !isUnsaid(row)) continue;
    model.outcomes.set(row.key, { ...sayOutcome(entry, row), rowAfterWrite: rowAsText(list, row.key) });
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

// Undo: what this tab has written and can take back, by the ids of the history entries of its writes.

import { send } from "../read/api.js";
import { sayAction, sayEntry, sayEvent, sayRestored, sayWriter } from "../read/history.js";
import { model } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { mentorsOf } from "../read/pauses.js";
import { setWrites } from "../read/storage.js";
import { metadataOf } from "./writer.js";

const WHY_NOT = { // why an entry is refused, by its code, if the API names no `later_entry`
  not_found: "it is too late, since the history no longer has what was done",
  stale: "it is too late, since a pause was deleted for good",
  conflict: "by now another pause has the same start and the same reason",
};

/**
 * Return an entry of the history, whoever wrote it, as a write that can be taken back. When that is done, `words` are
 * for Your changes, and `said` stands beside the entry.
 */
function undoOfEntry(entry) {
  const { history_entry_id: id, mentor_id: mentor, event, pause_records: records, changed_by: by } = entry;
  const undo = { id: `entry ${id}`, mentors: [mentor], entries: [id] };
  const words = sayRestored(records);
  if (event === "deleted") return { ...undo, words, said: words, label: "Restore" };
  return { ...undo, words: `undone: “${sayEntry(entry)}” by ${by ?? "somebody"}`, said: "undone", label: "Undo" };
}

/** Return the entries of one action as a write that can be taken back. */
export function undoOfEntries(entries) {
  if (entries.length === 1) return undoOfEntry(entries[0]);
  const ids = entries.map(({ history_entry_id: id }) => id);
  const words = `undone: “${sayAction(entries)}” by ${entries[0].changed_by}`;
  return { id: `entry ${ids}`, mentors: mentorsOf(entries), entries: ids, words, said: "undone", label: "Undo" };
}

/** Return what a write of several has done to one mentor as a write that can be taken back by itself. */
export const undoOfPart = (mentor, entries, words) =>
  ({ id: `entry ${entries}`, mentors: [mentor], entries, words: `undone: “${words}”`, said: "undone", label: "Undo" });

/**
 * Take a write back. Return the `entries` of the history that say so. Of what is refused, return why, in words
 * (`refused`), and the mentors (`refusedMentors`). What was refused can be tried again, unless the history has its
 * entry no longer.
 */
export async function takeBack(write) {
  const body = { history_entry_ids: write.entries, metadata: metadataOf() };
  const { data: { data: answers } } = await send("POST", "history/undo", { body });
  const refused = answers.filter(({ outcome }) => outcome === "refused");
  // The answer names no mentor if the history has no such entry.
  const refusedMentors = refused.flatMap(({ mentor_id: id }) => id ?? write.mentors);
  const words = new Set(refused.map((answer) => sayWhyNot(answer, write)));
  const isOver = ({ outcome, code }) => outcome !== "refused" || code === "not_found";
  const over = new Set(answers.filter(isOver).map(({ history_entry_id: id }) => id));
  for (const each of model.writes.filter(({ entries }) => entries.some((id) => over.has(id)))) {
    each.entries = each.entries.filter((id) => !over.has(id));
    each.isUndone = !each.entries.length && !refused.length; // what was purged is over, but not undone
  }
  setWrites(model.writes);
  const undone = answers.filter(({ outcome }) => outcome === "undone"); // else somebody has undone it before
  const entries = undone.map(({ undone_by: id }) => id);
  for (const id of entries) model.ownEntries.add(id);
  return { refused: [...words], refusedMentors, entries };
}

/** Say why an entry of a write is not taken back; if somebody has written later, who, when and what. */
function sayWhyNot({ mentor_id: id, code, later_entry: later }, { mentors }) {
  const known = id ?? (mentors.length === 1 ? mentors[0] : null);
  const mentor = known === null ? "some of them" : sayMentor(known);
  return `${mentor}: ${later ? `since then ${sayWriter(later)}, ${sayEvent(later.event)}` : WHY_NOT[code]}`;
}

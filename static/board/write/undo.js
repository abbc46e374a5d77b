// Undo: what this tab has written and can take back, by the ids of the history entries of its writes.

import { PAGE, groupsOf, readHistory, send } from "../read/api.js";
import { now } from "../read/days.js";
import { sayEntry, sayEvent, sayRestored, sayWriter } from "../read/history.js";
import { keyOf } from "../read/keys.js";
import { sayMentor } from "../read/names.js";
import { getWrites, setWrites } from "../read/storage.js";
import { metadataOf } from "./writer.js";

// The writes of this tab, the oldest first: `{id, at, mentors, words, label, entries, isUndone}`. `label` is that of
// the button that takes the write back. `entries` are those of its entries of the history that can still be taken
// back; if all of them were, it `isUndone`.
const writes = getWrites();

const WHY_NOT = { // why an entry is refused, by its code, if the API names no `later_entry`
  not_found: "it is too late, since the history no longer has what was done",
  stale: "it is too late, since a pause was deleted for good",
  conflict: "by now another pause has the same start and the same reason",
};

/** Return the writes of this tab, the newest first. */
export const ownWrites = () => writes.toReversed();

/** Return those that can still be taken back. */
export const undoableWrites = () => ownWrites().filter(({ entries }) => entries.length);

/**
 * Return an entry of the history, whoever wrote it, as a write that can be taken back. When that is done, `words` are
 * for Your changes, and `said` stands beside the entry; that of a deletion also in the row whose key is `row`.
 */
export function undoOfEntry(entry) {
  const { history_entry_id: id, mentor_id: mentor, event, pause_records: records, changed_by: by } = entry;
  const undo = { id: `entry ${id}`, mentors: [mentor], entries: [id] };
  const words = sayRestored(records);
  if (event === "deleted") return { ...undo, words, said: words, label: "Restore", row: keyOf({ mentor_id: mentor }) };
  return { ...undo, words: `undone: “${sayEntry(entry)}” by ${by ?? "somebody"}`, said: "undone", label: "Undo" };
}

/** Remember a write, so that it can be taken back, and return it; null if it has no entry in the history. */
export function remember({ mentors, words, entries, label = "Undo" }) {
  if (!entries.length) return null;
  const write = { id: entries[0], at: now(), mentors, words, label, entries };
  writes.push(write);
  setWrites(writes);
  return write;
}

/**
 * Take a write back. Return the `entries` of the history that say so. Of what is refused, return why, in words
 * (`refused`), the mentors (`refusedMentors`), and whether later changes are the only reason (`isChangedLater`). What
 * was refused can be tried again, unless the history has its entry no longer.
 */
export async function takeBack(write) {
  const body = { history_entry_ids: write.entries, metadata: metadataOf() };
  const { data: { data: answers } } = await send("POST", "history/undo", { body });
  const refused = answers.filter(({ outcome }) => outcome === "refused");
  // The answer names no mentor if the history has no such entry.
  const refusedMentors = refused.flatMap(({ mentor_id: id }) => id ?? write.mentors);
  const newest = refused.length ? await readNewest(refusedMentors) : [];
  const words = new Set(refused.map((answer) => sayWhyNot(answer, write, newest)));
  const isOver = ({ outcome, code }) => outcome !== "refused" || code === "not_found";
  const over = new Set(answers.filter(isOver).map(({ history_entry_id: id }) => id));
  for (const each of writes.filter(({ entries }) => entries.some((id) => over.has(id)))) {
    each.entries = each.entries.filter((id) => !over.has(id));
    each.isUndone = !each.entries.length && !refused.length; // what was purged is over, but not undone
  }
  setWrites(writes);
  const entries = answers.map(({ undone_by: id }) => id).filter(Boolean);
  const isChangedLater = refused.every(({ later_entry: later }) => later);
  return { refused: [...words], refusedMentors, isChangedLater, entries };
}

/** Read the newest entries, among which are those that stand in the way, as a rule; none, if no answer comes. */
const readNewest = (mentors) =>
  readHistory({ mentor_id: groupsOf(mentors)[0].join() }, PAGE).then(({ data }) => data, () => []);

/** Say why an entry of a write is not taken back: who did what later, and what that changed, if it is in `newest`. */
function sayWhyNot({ mentor_id: id, code, later_entry: later }, { mentors }, newest) {
  const known = id ?? (mentors.length === 1 ? mentors[0] : null);
  const mentor = known === null ? "some of them" : sayMentor(known);
  if (!later) return `${mentor}: ${WHY_NOT[code]}`;
  const isOfThisTab = writes.some(({ entries }) => entries.includes(later.history_entry_id));
  if (isOfThisTab) return `undo first what you did to ${mentor} later`;
  const entry = newest.find(({ history_entry_id: each }) => each === later.history_entry_id);
  return `${mentor}: ${sayWriter(later)}, ${entry ? sayEntry(entry) : sayEvent(later.event)}`;
}

/** Forget the writes of this tab: another token may be somebody else's. */
export function forgetWrites() {
  writes.length = 0;
  setWrites(writes);
}

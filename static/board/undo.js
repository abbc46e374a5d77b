// Undo: what this tab has written and can take back, by the ids of the history entries of its writes.

import { PAGE, groupsOf, readHistory, send } from "./api.js";
import { now } from "./days.js";
import { sayEntry, sayEvent, sayRestored, sayWriter } from "./history.js";
import { keyOf } from "./keys.js";
import { sayMentor } from "./names.js";
import { getUndos, metadataOf, setUndos } from "./storage.js";

// The writes of this tab, oldest first: `{id, at, mentors, words, label, entries}`. `label` is that of the button that
// takes it back. The `entries` of the history are those that can be taken back; if all of them were, it `isUndone`.
const undos = getUndos();

const WHY_NOT = { // why an entry is refused, by its code, if the API names no `later_entry`
  not_found: "it is too late, since the history no longer has what was done",
  stale: "it is too late, since a pause was deleted for good",
  conflict: "by now another pause has the same start and the same reason",
  unavailable: "the last change has a time that is still to come; ask who runs the service",
};

/** Return the writes of this tab, the newest first. */
export const listOwnWrites = () => undos.toReversed();

/** Return those that can still be taken back. */
export const listUndos = () => listOwnWrites().filter(({ entries }) => entries.length);

/**
 * Return the undo of an entry of the history, whoever wrote it. `said` is what stands beside the entry when it is done;
 * the mentor's `row` says that of a deletion, too.
 */
export function undoOfEntry(entry) {
  const { history_entry_id: id, mentor_id: mentor, event, pause_records: records, changed_by: by } = entry;
  const undo = { id: `entry ${id}`, mentors: [mentor], entries: [id] };
  const words = sayRestored(records);
  if (event === "deleted") return { ...undo, words, said: words, label: "Restore", row: keyOf({ mentor_id: mentor }) };
  return { ...undo, words: `undone: “${sayEntry(entry)}” by ${by ?? "somebody"}`, said: "undone", label: "Undo" };
}

/** Return the key of an undo that is on its way, and of what came of it. */
export const keyOfUndo = ({ id }) => `undo ${id}`;

/** Remember a write, so that it can be taken back. Return its undo, or null if it has no entry in the history. */
export function remember({ mentors, words, entries, label = "Undo" }) {
  if (!entries.length) return null;
  const undo = { id: entries[0], at: now(), mentors, words, label, entries };
  undos.push(undo);
  setUndos(undos);
  return undo;
}

/**
 * Take back what a write has done. Return the `entries` of the history that say so. Of what is refused, return why, in
 * words (`refused`), the mentors (`refusedMentors`), and whether later changes are the only reason (`isLate`). It can
 * be tried again, unless the history has it no longer; so can all of it, if no answer came.
 */
export async function takeBack(undo) {
  const body = { history_entry_ids: undo.entries, metadata: metadataOf() };
  const { data: { data: outcomes } } = await send("POST", "history/undo", { body });
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  // The answer names no mentor if the history has no such entry.
  const refusedMentors = refused.flatMap(({ mentor_id: id }) => id ?? undo.mentors);
  const newest = refused.length ? await readNewest(refusedMentors) : [];
  const words = new Set(refused.map((outcome) => sayWhyNot(outcome, undo, newest)));
  const isOver = ({ outcome, code }) => outcome !== "refused" || code === "not_found";
  const over = new Set(outcomes.filter(isOver).map(({ history_entry_id: id }) => id));
  for (const each of undos.filter(({ entries }) => entries.some((id) => over.has(id)))) {
    each.entries = each.entries.filter((id) => !over.has(id));
    each.isUndone = !each.entries.length && !refused.length;
  }
  setUndos(undos);
  const entries = outcomes.map(({ undone_by: id }) => id).filter(Boolean);
  const isLate = refused.every(({ later_entry: later }) => later);
  return { refused: [...words], refusedMentors, isLate, entries };
}

/** Read the newest entries, among which are those that stand in the way, as a rule; none, if no answer comes. */
const readNewest = (mentors) =>
  readHistory({ mentor_id: groupsOf(mentors)[0].join() }, PAGE).then(({ data }) => data, () => []);

/** Say why an entry of a write is not taken back: who did what later, and what that changed, if it is in `newest`. */
function sayWhyNot({ mentor_id: id, code, later_entry: later }, { mentors }, newest) {
  const mentor = id || mentors.length === 1 ? sayMentor(id ?? mentors[0]) : "some of them";
  if (!later) return `${mentor}: ${WHY_NOT[code]}`;
  const isOfThisTab = undos.some(({ entries }) => entries.includes(later.history_entry_id));
  if (isOfThisTab) return `undo first what you did to ${mentor} later`;
  const entry = newest.find(({ history_entry_id: each }) => each === later.history_entry_id);
  return `${mentor}: ${sayWriter(later)}, ${entry ? sayEntry(entry) : sayEvent(later.event)}`;
}

/** Forget all undos: another token may be somebody else's. */
export function forgetUndos() {
  undos.length = 0;
  setUndos(undos);
}

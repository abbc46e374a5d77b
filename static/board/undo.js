// Undo: what this tab has written and can take back, by the ids of the history entries of its writes.

import { PAGE, readHistory, send } from "./api.js";
import { sayEntry, sayEvent, sayWriter } from "./history.js";
import { sayMentor } from "./names.js";
import { groupsOf } from "./readings.js";
import { getUndos, metadataOf, setUndos } from "./storage.js";

// The writes of this tab, oldest first: `{id, mentors, words, entries}`. The `entries` of the history are those that
// can be taken back; if all of them were, it `isUndone`.
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

/** Return the undo of one entry of the history, whoever wrote it. */
export const undoOfEntry = ({ history_entry_id: id, mentor_id: mentor }) =>
  ({ id: `entry ${id}`, mentors: [mentor], entries: [id] });

/** Return the key of an undo that is on its way, and of what came of it. */
export const keyOfUndo = ({ id }) => `undo ${id}`;

/** Remember a write, so that it can be taken back. Return its undo, or null if it has no entry in the history. */
export function remember({ mentors, words, entries }) {
  if (!entries.length) return null;
  const undo = { id: entries[0], mentors, words, entries };
  undos.push(undo);
  setUndos(undos);
  return undo;
}

/**
 * Take back what a write has done. Return for the entries that are refused why, in words, and of which `mentors` they
 * are, and whether others were not (`isPartly`). The refused entries can be tried again, unless the history has them no
 * longer; so can all of them, if no answer came.
 */
export async function takeBack(undo) {
  const body = { history_entry_ids: undo.entries, metadata: metadataOf() };
  const { data: { data: outcomes } } = await send("POST", "history/undo", { body });
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  const mentors = refused.flatMap(({ mentor_id: id }) => id ?? undo.mentors); // of no id if the history has no entry
  const newest = mentors.length ? await readNewest(mentors) : [];
  const words = new Set(refused.map((outcome) => sayWhyNot(outcome, undo, newest)));
  const isOver = ({ outcome, code }) => outcome !== "refused" || code === "not_found";
  const over = new Set(outcomes.filter(isOver).map(({ history_entry_id: id }) => id));
  for (const each of undos.filter(({ entries }) => entries.some((id) => over.has(id)))) {
    each.entries = each.entries.filter((id) => !over.has(id));
    each.isUndone = !each.entries.length && !refused.length;
  }
  setUndos(undos);
  return { refused: [...words], mentors: new Set(mentors), isPartly: refused.length < outcomes.length };
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

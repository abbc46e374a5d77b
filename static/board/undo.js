// Undo: what this tab has written and can take back, by the ids of the history entries of its writes.

import { readHistory, send } from "./api.js";
import { sayMentor } from "./names.js";
import { getUndos, metadataOf, setUndos } from "./storage.js";

const undos = getUndos(); // of this tab, oldest first, `{mentor, words, entries}`: see sayWrite(); `entries` are ids

/** Say what was written: of one mentor, who is kept without the name, or of several. */
export const sayWrite = ({ mentor, words }) => (mentor ? `${sayMentor(mentor)} ${words}` : words);

/** Return the undos that can still be tried, the newest first. */
export const listUndos = () => undos.toReversed();

/** Remember a write. If it wrote nothing, or an answer was lost, no entry of it is known: it has no undo. */
export function remember(write) {
  if (!write.entries.length) return;
  undos.push(write);
  setUndos(undos);
}

/** Return how many pauses a write has ended, as its history entries say. */
export async function countEnded({ mentor, entries }) {
  const { data } = await readHistory({ mentor_id: mentor }, entries.length);
  const own = data.filter(({ history_entry_id: id }) => entries.includes(id));
  return own.flatMap((entry) => entry.pause_records).filter(({ event }) => event === "pause_ended").length;
}

/**
 * Take back what a write has done; return what the API says of each of its entries. Those that are refused can be tried
 * again, unless the history has them no longer; so can all of them, if no answer came.
 */
export async function takeBack(undo) {
  const index = undos.indexOf(undo);
  undos.splice(index, 1);
  try {
    const body = { history_entry_ids: undo.entries, metadata: metadataOf() };
    const { data: { data: outcomes } } = await send("POST", "history/undo", { body });
    const refused = outcomes.filter(({ outcome, code }) => outcome === "refused" && code !== "not_found");
    const entries = refused.map(({ history_entry_id: id }) => id);
    if (entries.length) undos.splice(index, 0, { ...undo, entries });
    return outcomes;
  } catch (problem) {
    undos.splice(index, 0, undo);
    throw problem;
  } finally {
    setUndos(undos);
  }
}

/** Forget all undos: another token may be somebody else's. */
export function forgetUndos() {
  undos.length = 0;
  setUndos(undos);
}

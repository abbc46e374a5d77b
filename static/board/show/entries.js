// The entries of a history, wherever the page shows them: each can be undone, whoever wrote it.

import { html, nothing } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { sayAction, sayEntry, sayUndid, sayUndone, undosByEntry } from "../read/history.js";
import { keyOfUndo } from "../read/keys.js";
import { canWrite, model } from "../read/model.js";
import { undoOfEntries, undoOfEntry } from "../write/undo.js";
import { drawDone, drawRefusal, drawUndo } from "./outcomes.js";

/**
 * Return a function that draws the entries of one action: `([entry, …]) => …`. `entries` are all that were read, the
 * newest first: they say which ones were undone.
 */
export function drawingOf(entries) {
  const byId = new Map(entries.map((entry) => [entry.history_entry_id, entry]));
  const undos = undosByEntry(entries);
  return (together) => {
    const undone = together.map(({ undoes }) => byId.get(undoes)).filter(Boolean);
    const [undo] = together.map(({ history_entry_id: id }) => undos.get(id));
    const isUndone = together.every(({ history_entry_id: id }) => undos.has(id));
    const state = isUndone && (together.length > 1 ? "undone" : sayUndone(together[0], undo));
    return drawAction(together, sayUndid(together, undone), state);
  };
}

/** Say whether an entry is of a kind that has an Undo. ("Added" has none: to delete the mentor, the panel asks.) */
const hasUndo = ({ event, pause_records: records }) =>
  event === "deleted" || (records.length > 0 && event !== "created");

/** Draw the entries of one action, which may have undone others (`undid`), and what came of their Undo: `undone`. */
function drawAction(entries, undid, undone) {
  const [{ changed_by: by, metadata }] = entries;
  const words = entries.length > 1 ? sayAction(entries) : sayEntry(entries[0]);
  const undo = undoOfEntries(entries);
  const key = keyOfUndo(undo);
  const outcome = model.outcomes.get(key);
  const isDone = outcome?.isDone;
  const canUndo = canWrite() && !isDone && entries.every(hasUndo);
  const button = canUndo ? drawUndo(undo, undo.row ? undo.label : "Undo this change") : nothing;
  const state = undone ? html`<small>${undone}</small>` : button;
  return html`
    <span>
      ${by ? html`<a href=${link({ view: "changes", by, q: "" })} title="Only changes by ${by}"><bdi>${by}</bdi></a>`
        : "Somebody"}
      ${words} ${undid} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
    </span>
    ${isDone ? drawDone({ ...outcome, words: undone || outcome.words }) : state}
    ${drawRefusal(key)}`;
}

/** Draw the button that takes back the deletion of a mentor. */
export const drawRestore = (deletion) => (canWrite() ? drawUndo(undoOfEntry(deletion)) : nothing);

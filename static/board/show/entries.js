// The entries of a history, wherever the page shows them: each can be undone, whoever wrote it.

import { html, nothing } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { sayEntry, sayUndid, sayUndone, undosByEntry } from "../read/history.js";
import { keyOfUndo } from "../read/keys.js";
import { canWrite, model } from "../read/model.js";
import { undoOfEntry } from "../write/undo.js";
import { drawDone, drawRefusal, drawUndo } from "./outcomes.js";

/**
 * Return a function that draws an entry: `(entry) => …`. `entries` are all that were read, the newest first: they
 * say which ones were undone.
 */
export function drawingOf(entries) {
  const byId = new Map(entries.map((entry) => [entry.history_entry_id, entry]));
  const undos = undosByEntry(entries);
  return (entry) => {
    const undo = undos.get(entry.history_entry_id);
    return drawEntry(entry, byId.get(entry.undoes), undo && sayUndone(entry, undo));
  };
}

/** Say whether an entry is of a kind that has an Undo. ("Added" has none: to delete the mentor, the panel asks.) */
const hasUndo = ({ event, pause_records: records }) =>
  event === "deleted" || (records.length > 0 && event !== "created");

/** Draw an entry, which may be the undo of another one (`undid`), and what came of its Undo: `undone` says it. */
function drawEntry(entry, undid, undone) {
  const { changed_by: by, metadata } = entry;
  const undo = undoOfEntry(entry);
  const key = keyOfUndo(undo);
  const outcome = model.outcomes.get(key);
  const isDone = outcome?.isDone;
  const canUndo = canWrite() && !isDone && hasUndo(entry);
  const button = canUndo ? drawUndo(undo, undo.row ? undo.label : "Undo this change") : nothing;
  const state = undone ? html`<small>${undone}</small>` : button;
  return html`
    <span>
      ${by ? html`<a href=${link({ view: "changes", by, q: "" })} title="Only changes by ${by}"><bdi>${by}</bdi></a>`
        : "Somebody"}
      ${sayUndid(entry, undid)} ${sayEntry(entry)} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
    </span>
    ${isDone ? drawDone({ ...outcome, words: undone || outcome.words }) : state}
    ${drawRefusal(key)}`;
}

/** Draw the button that takes back the deletion of a mentor. */
export const drawRestore = (deletion) => (canWrite() ? drawUndo(undoOfEntry(deletion)) : nothing);

// The entries of a history, wherever the page shows them: each can be undone, whoever wrote it.

import { html, nothing } from "./lit-html/lit-html.js";
import { link } from "./address.js";
import { listUndone, sayEntry, sayUndid } from "./history.js";
import { canWrite, model } from "./model.js";
import { drawOutcome, drawUndo } from "./outcomes.js";
import { keyOfUndo, undoOfEntry } from "./undo.js";

/** Return a function that draws what one of some entries says: `(entry) => …`. The newest entry is the first one. */
export function drawerOf(entries) {
  const byId = new Map(entries.map((entry) => [entry.history_entry_id, entry]));
  const undone = listUndone(entries);
  return (entry) => drawEntry(entry, byId.get(entry.undoes), undone.has(entry.history_entry_id));
}

/** Draw an entry, which may be the undo of another one, and may be undone itself; and what came of its Undo. */
function drawEntry(entry, undid, isUndone) {
  const { changed_by: by, metadata, event, pause_records: records } = entry;
  const undo = undoOfEntry(entry);
  const outcome = drawOutcome(keyOfUndo(undo));
  const isDone = model.outcomes.get(keyOfUndo(undo))?.isDone;
  const isUndoable = event === "deleted" || records.length && event !== "created"; // to delete, the panel asks before
  const canUndo = canWrite() && !isDone && isUndoable;
  const button = canUndo ? drawUndo(undo, undo.row ? undo.label : "Undo this change") : nothing;
  return html`
    <span>
      ${by ? html`<a href=${link({ view: "changes", by, q: "" })} title="Only changes by ${by}"><bdi>${by}</bdi></a>`
        : "Somebody"}
      ${sayUndid(entry, undid)} ${sayEntry(entry)} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
    </span>
    ${isUndone && outcome === nothing ? html`<small>undone</small>` : button} ${outcome}`;
}

/** Draw the button that takes back the deletion of a mentor. */
export const drawRestore = (deletion) => (canWrite() ? drawUndo(undoOfEntry(deletion)) : nothing);

// The entries of a history, wherever the page shows them: each can be undone, whoever wrote it.

import { html, nothing } from "./lit-html/lit-html.js";
import { link } from "./address.js";
import { listUndoable, listUndone, sayEntry, sayUndid, sayUndone } from "./history.js";
import { canWrite, model } from "./model.js";
import { drawDone, drawRefusal, drawUndo } from "./outcomes.js";
import { keyOfUndo, undoOfEntry } from "./undo.js";

/** Return a function that draws what one of some entries says: `(entry) => …`. The newest entry is the first one. */
export function drawerOf(entries) {
  const byId = new Map(entries.map((entry) => [entry.history_entry_id, entry]));
  const [undone, undoable] = [listUndone(entries), listUndoable(entries)];
  return (entry) => {
    const { history_entry_id: id, undoes } = entry;
    const isLate = hasUndo(entry) && !undoable.has(id);
    const later = undone.has(id) ? sayUndone(entry, undone.get(id)) : isLate && "changed later";
    return drawEntry(entry, byId.get(undoes), later);
  };
}

/** Say whether an entry is of a kind that has an Undo. (To delete a mentor who was added, the panel asks before.) */
const hasUndo = ({ event, pause_records: records }) => event === "deleted" || records.length && event !== "created";

/**
 * Draw an entry, which may be the undo of another one (`undid`), and what came of its Undo. `later` says what happened
 * to it since, if it cannot be undone any more.
 */
function drawEntry(entry, undid, later) {
  const { changed_by: by, metadata } = entry;
  const undo = undoOfEntry(entry);
  const key = keyOfUndo(undo);
  const { isDone, ...done } = model.outcomes.get(key) ?? {};
  const outcome = isDone ? drawDone({ ...done, words: later || done.words }) : drawRefusal(key);
  const canUndo = canWrite() && !isDone && hasUndo(entry);
  const button = canUndo ? drawUndo(undo, undo.row ? undo.label : "Undo this change") : nothing;
  return html`
    <span>
      ${by ? html`<a href=${link({ view: "changes", by, q: "" })} title="Only changes by ${by}"><bdi>${by}</bdi></a>`
        : "Somebody"}
      ${sayUndid(entry, undid)} ${sayEntry(entry)} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
    </span>
    ${later && outcome === nothing ? html`<small>${later}</small>` : button} ${outcome}`;
}

/** Draw the button that takes back the deletion of a mentor. */
export const drawRestore = (deletion) => (canWrite() ? drawUndo(undoOfEntry(deletion)) : nothing);

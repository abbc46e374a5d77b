// The entries of a history, wherever the page shows them: each can be undone, whoever wrote it; and Your changes.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { writeShort } from "../read/days.js";
import { sayAction, sayEntry, sayUndid, sayUndone, undosByEntry } from "../read/history.js";
import { keyOfUndo } from "../read/keys.js";
import { canWrite, draw, model } from "../read/model.js";
import { getName, getToken, setName } from "../read/storage.js";
import { undoOfEntries } from "../write/undo.js";
import { drawDone, drawRefusal, drawUndo } from "./outcomes.js";
import { drawMentors } from "./person.js";

/** Say whether an entry is of a kind that has an Undo. ("Added" has none: to delete the mentor, the panel asks.) */
const hasUndo = ({ event, pause_records: records }) =>
  event === "deleted" || (records.length > 0 && event !== "created");

/**
 * Return a function that draws the entries of one action, `([entry, …], isCut) => …`, with what came of their Undo;
 * there is none if not all of them were read. `read` are all entries that were read, the newest first: they say which
 * ones were undone.
 */
export function drawerOfEntries(read) {
  const byId = new Map(read.map((entry) => [entry.history_entry_id, entry]));
  const undos = undosByEntry(read);
  return (entries, isCut = false) => {
    const [first, ...others] = entries;
    const { changed_by: by, metadata } = first;
    const words = others.length ? sayAction(entries) : sayEntry(first);
    const undid = sayUndid(entries, entries.map(({ undoes }) => byId.get(undoes)).filter(Boolean));
    const isUndone = entries.every(({ history_entry_id: id }) => undos.has(id));
    const undone = isUndone && (others.length ? "undone" : sayUndone(first, undos.get(first.history_entry_id)));
    const undo = undoOfEntries(entries);
    const key = keyOfUndo(undo);
    const outcome = model.outcomes.get(key);
    const isDone = outcome?.isDone;
    const canUndo = canWrite() && !isDone && !isCut && entries.every(hasUndo);
    const button = canUndo ? drawUndo(undo, undo.label === "Restore" ? undo.label : "Undo this change") : nothing;
    const state = undone ? html`<small>${undone}</small>` : button;
    return html`
      <span>
        ${by ? html`<a href=${link({ view: "changes", by, q: "" })} title="Only changes by ${by}"><bdi>${by}</bdi></a>`
          : "Somebody"}
        ${words} ${undid} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
      </span>
      ${isDone ? drawDone({ ...outcome, words: undone || outcome.words }) : state}
      ${drawRefusal(key)}`;
  };
}

/** Draw the panel of what this tab has changed. */
export const drawYourChanges = () => html`
  ${getToken() || !model.mayWrite ? nothing : html`
    <p class="write"><label>Your name in the history <input maxlength="100" autocomplete="off" spellcheck="false"
      .value=${getName() ?? ""} @change=${({ target }) => { setName(target.value.trim()); draw(); }}></label></p>`}
  ${model.writes.length ? nothing : html`<p>Nothing was changed in this tab yet.</p>`}
  <ul class="undos">${repeat(model.writes.toReversed(), keyOfUndo, (undo) => html`
    <li><time>${writeShort(undo.at)}</time> ${drawMentors(undo.mentors)} <span>${undo.words}</span>
      ${drawUndo(undo)} ${drawRefusal(keyOfUndo(undo))}</li>`)}</ul>`;

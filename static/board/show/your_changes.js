// The panel of what this tab has changed: each change can be taken back.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { writeShort } from "../read/days.js";
import { isPanelKey, isRowKey, keyOfUndo, mentorOf } from "../read/keys.js";
import { shownKeys } from "../read/list.js";
import { canWrite, draw, model, shownList, typedDrafts } from "../read/model.js";
import { getName, getToken, setName } from "../read/storage.js";
import { ownWrites } from "../write/undo.js";
import { WRITES, fittingWrites } from "../write/writes.js";
import { drawDiscard } from "./forms.js";
import { drawRefusal, drawUndo } from "./outcomes.js";
import { drawMentor, drawMentors } from "./person.js";

/** Return the forms that are not shown now, into which something was typed but not sent: `[[key, draft], …]`. */
export function unsavedDrafts() {
  const list = shownList();
  const isRowOpen = (key, write) => canWrite() && shownKeys(list).includes(key) && !model.outcomes.get(key)?.isDone
    && fittingWrites([list.rows.get(key)], [write]).length > 0;
  const isShown = ([key, { write }]) =>
    (isPanelKey(key) ? mentorOf(key) === model.view.mentor : isRowOpen(key, write));
  return typedDrafts().filter((draft) => isRowKey(draft[0]) && !isShown(draft));
}

/** Return the link to a form: in the panel, or in the row that a search finds. */
function linkToForm(key) {
  const mentor = mentorOf(key);
  const today = { as_of: "", expected: "" };
  return link(isPanelKey(key) ? { mentor, ...today } : { view: "todo", show: "", q: mentor, ...today });
}

export const drawYourChanges = () => html`
  ${repeat(unsavedDrafts(), ([key]) => key, ([key, { write }]) => html`
    <p class="bar">Not saved: ${drawMentor(mentorOf(key), linkToForm(key))}
      <span>${WRITES[write].label}</span> ${drawDiscard(key, "Discard")}</p>`)}
  ${ownWrites().length || unsavedDrafts().length ? nothing : html`<p>Nothing was changed in this tab yet.</p>`}
  <ul class="undos">${repeat(ownWrites(), keyOfUndo, (undo) => html`
    <li><time>${writeShort(undo.at)}</time> ${drawMentors(undo.mentors)} <span>${undo.words}</span>
      ${drawUndo(undo)} ${drawRefusal(keyOfUndo(undo))}</li>`)}</ul>
  ${getToken() || !model.mayWrite ? nothing : html`
    <p class="write"><label>Your name in the history <input maxlength="100" autocomplete="off" spellcheck="false"
      .value=${getName() ?? ""} @change=${({ target }) => { setName(target.value.trim()); draw(); }}></label></p>`}`;

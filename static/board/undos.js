// The panel of what this tab has changed: each change can be taken back.

import { html, nothing } from "./lit-html/lit-html.js";
import { repeat } from "./lit-html/directives/repeat.js";
import { writeTime } from "./days.js";
import { draw, model } from "./model.js";
import { drawRefusal, drawUndo } from "./outcomes.js";
import { drawMentors } from "./person.js";
import { getName, getToken, setName } from "./storage.js";
import { keyOfUndo, listOwnWrites } from "./undo.js";

export const drawUndos = () => html`
  ${listOwnWrites().length ? nothing : html`<p>Nothing was changed in this tab yet.</p>`}
  <ul class="undos">${repeat(listOwnWrites(), keyOfUndo, (undo) => html`
    <li><time>${writeTime(undo.at)}</time> ${drawMentors(undo.mentors)} <span>${undo.words}</span>
      ${drawUndo(undo)} ${drawRefusal(keyOfUndo(undo))}</li>`)}</ul>
  ${getToken() || !model.mayWrite ? nothing : html`
    <p class="write"><label>Your name in the history <input maxlength="100" autocomplete="off" spellcheck="false"
      .value=${getName() ?? ""} @change=${({ target }) => { setName(target.value.trim()); draw(); }}></label></p>`}`;

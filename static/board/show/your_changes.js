// The panel of what this tab has changed: each change can be taken back.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { writeShort } from "../read/days.js";
import { keyOfUndo } from "../read/keys.js";
import { draw, model } from "../read/model.js";
import { getName, getToken, setName } from "../read/storage.js";
import { drawRefusal, drawUndo } from "./outcomes.js";
import { drawMentors } from "./person.js";

export const drawYourChanges = () => html`
  ${getToken() || !model.mayWrite ? nothing : html`
    <p class="write"><label>Your name in the history <input maxlength="100" autocomplete="off" spellcheck="false"
      .value=${getName() ?? ""} @change=${({ target }) => { setName(target.value.trim()); draw(); }}></label></p>`}
  ${model.writes.length ? nothing : html`<p>Nothing was changed in this tab yet.</p>`}
  <ul class="undos">${repeat(model.writes.toReversed(), keyOfUndo, (undo) => html`
    <li><time>${writeShort(undo.at)}</time> ${drawMentors(undo.mentors)} <span>${undo.words}</span>
      ${drawUndo(undo)} ${drawRefusal(keyOfUndo(undo))}</li>`)}</ul>`;

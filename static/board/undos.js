// The panel of what this tab has changed: each change can be taken back.

import { html, nothing } from "./lit-html/lit-html.js";
import { repeat } from "./lit-html/directives/repeat.js";
import { link } from "./address.js";
import { draw, model } from "./model.js";
import { drawRefusal, drawUndo } from "./outcomes.js";
import { drawMentor } from "./person.js";
import { getName, getToken, setName } from "./storage.js";
import { keyOfUndo, listUndos } from "./undo.js";

export const drawUndos = () => html`
  ${listUndos().length ? nothing : html`<p>In this tab nothing was changed that can be undone.</p>`}
  <ul class="undos">${repeat(listUndos(), keyOfUndo, (undo) => html`
    <li>${undo.mentor ? drawMentor(undo.mentor, link({ mentor: undo.mentor })) : nothing} <span>${undo.words}</span>
      ${drawUndo(undo)} ${drawRefusal(keyOfUndo(undo))}</li>`)}</ul>
  ${getToken() || !model.mayWrite ? nothing : html`
    <h3>Your name</h3>
    <p><label>Your name in the history <input maxlength="100" autocomplete="off" spellcheck="false"
      .value=${getName() ?? ""} @change=${({ target }) => { setName(target.value.trim()); draw(); }}></label></p>`}`;

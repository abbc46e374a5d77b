// The dialogs: the panel, the token, and the name of who writes.

import { html, nothing } from "../lit-html/lit-html.js";
import { go } from "../read/address.js";
import { draw, forgetAll, model } from "../read/model.js";
import { forgetNames, hasNames } from "../read/names.js";
import { forgetReasons } from "../read/reasons.js";
import { useToken } from "../read/refresh.js";
import { setToken } from "../read/storage.js";
import { giveName } from "../write/writer.js";
import { drawAdd } from "./add.js";
import { drawYourChanges } from "./entries.js";
import { drawKeys } from "./keyboard.js";
import { drawMentorPanel, titleOfMentor } from "./mentor.js";
import { drawNames, drawTables } from "./tables.js";

const PANELS = {
  add: ["Add mentors", drawAdd], names: ["Names", drawNames], tables: ["Download or upload", drawTables],
  undo: ["Your changes", drawYourChanges], keys: ["Keys", drawKeys],
};

/** Return the title of what the address has in the panel, and its content; or nothing. */
function panelNow() {
  const { mentor, panel } = model.view ?? {};
  if (!model.mayRead) return [];
  if (mentor) return [titleOfMentor(), drawMentorPanel];
  return panel === "add" && !model.mayWrite ? [] : PANELS[panel] ?? [];
}

export function drawDialogs() {
  const [title, drawContent] = panelNow();
  return html`
    <dialog id="panel" aria-labelledby="panel-title" ?data-open=${Boolean(title)} @cancel=${closeOnEscape}
      @close=${followForcedClose} @mousedown=${notePress}
      @click=${closeOnClickOutside}>
      ${title ? html`
        <h2 id="panel-title" tabindex="-1" ?autofocus=${model.view.panel !== "add"}>${title}</h2>
        <button type="button" class="close" aria-label="Close" @click=${closePanel}>×</button>
        <div class="content" tabindex="-1">${drawContent()}</div>
        <p class="visually-hidden" role="status">${model.announced}</p>` : nothing}
    </dialog>
    <dialog id="name" aria-labelledby="name-title" ?data-open=${model.intent}
      @cancel=${insteadOf(() => giveName(null))} @click=${focusName}>
      ${model.intent ? drawNameForm() : nothing}
    </dialog>
    <dialog id="token" aria-labelledby="token-title" closedby="none" ?data-open=${model.whyToken !== null}
      @cancel=${insteadOf(() => {})}>
      ${model.whyToken !== null ? drawTokenForm() : nothing}
    </dialog>`;
}

/** Open and close the dialogs as they were drawn: an element can be modal only by a call. */
export function showDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    const isOpen = "open" in dialog.dataset;
    if (isOpen && !dialog.open) dialog.showModal();
    if (!isOpen && dialog.open) dialog.close();
  }
}

/** Return what a form or a dialog does in the place of what the browser would do. */
const insteadOf = (act) => (event) => {
  event.preventDefault();
  act();
};

/** Close the panel. What was typed there is in its forms again when it is opened anew. */
const closePanel = () => go({ mentor: "", panel: "" });

/** Close the panel on Escape. (A file field sends `cancel`, too, if no file was chosen.) */
function closeOnEscape(event) {
  if (event.target.type === "file") return;
  event.preventDefault();
  closePanel();
}

/** Follow the browser if it has closed the panel without asking, as on a second Escape. */
const followForcedClose = ({ target }) => !target.open && "open" in target.dataset && closePanel();

function isOutside({ target, currentTarget, clientX: x, clientY: y }) {
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return target === currentTarget && (x < left || x > right || y < top || y > bottom);
}

let isPressedOutside = false; // where the press began of which a click follows
const notePress = (event) => (isPressedOutside = isOutside(event));
const closeOnClickOutside = (event) => isPressedOutside && isOutside(event) && closePanel();

/** Have a click outside of the form lead back to it: the write waits for the name. */
const focusName = () => document.querySelector("#name input")?.focus();

const drawNameForm = () => html`
  <form @submit=${insteadOf(() => giveName(document.querySelector("#name input").value.trim()))}>
    <h2 id="name-title">Who are you?</h2>
    <p>Your name stands in the history beside what you change. This browser keeps it.</p>
    <label>Your name <input name="writer" required maxlength="100" autocomplete="off" spellcheck="false"></label>
    <p class="buttons"><button class="primary">Continue, and ${model.intent}</button>
      <button type="button" @click=${() => giveName("")}>Go on without</button>
      <button type="button" @click=${() => giveName(null)}>Cancel</button></p>
  </form>`;

const drawTokenForm = () => html`
  <form @submit=${insteadOf(takeToken)}>
    <h2 id="token-title">This service asks for a token</h2>
    <p role="alert">${model.whyToken}</p>
    <label>Token <input type="password" name="token" required pattern="[!-~]+" autocomplete="off"
      spellcheck="false"></label>
    <p class="note">It is kept until this tab is closed, and sent to this service alone.</p>
    <p class="buttons"><button class="primary">Continue</button>
      ${hasNames() ? html`<button type="button" @click=${forgetNames}>Forget the names</button>` : nothing}</p>
  </form>`;

function takeToken() {
  setToken(document.querySelector("#token input").value);
  forgetReasons();
  forgetAll();
  model.whyToken = null;
  model.face = "loading";
  draw();
  useToken();
}

// The page around the views: what waits to be shown, what could not be read, and the strip at its bottom.

import { html, nothing, render } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { dateOfInstant, writeTime, zone } from "../read/days.js";
import { mentorOf } from "../read/keys.js";
import { isOutOfDate } from "../read/list.js";
import { draw, isAnswerMissing, isTyped, model, shownList, shownName } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { showWaiting } from "../read/refresh.js";
import { drawChanges } from "./changes.js";
import { drawDialogs, showDialogs } from "./dialogs.js";
import { drawForecast } from "./forecast.js";
import { keysOutOfSight } from "./forms.js";
import { drawBanner, drawHead, titleNow } from "./head.js";
import { drawList } from "./lists.js";
import { drawTray, isTrayOpen } from "./tray.js";

const DRAW = { changes: drawChanges, forecast: drawForecast }; // all other views are a table

const name = document.title; // of the board
const [page, coming] = document.querySelectorAll("#page, #coming"); // the latter is the place of the first rows

export function drawPage() {
  drawHead();
  render(drawBody(shownList()), page, { renderBefore: coming });
  document.title = `${titleNow()} – ${name}`;
  document.body.dataset.face = model.face;
  showDialogs();
}

function drawBody(list) {
  const { view, face } = model;
  const loading = html`<p class="note">${sayNotRead()}</p>`;
  if (face === "loading") return html`${drawTrouble()}<main>${loading}</main>${drawDialogs()}`;
  if (face === "forbidden") return html`${drawForbidden()}${drawDialogs()}`;
  return html`
    ${view.isToday || shownName() === "available" ? nothing : drawBanner(view)}
    <main id="main" tabindex="-1" aria-busy=${isAnswerMissing() ? "true" : nothing}
      class="view-${shownName()} ${isTrayOpen() && view.isToday ? "above-tray" : ""}">
      ${drawStatusLine(list)}
      ${list?.isEmpty ? drawEmpty() : html`
        ${list ? (DRAW[shownName()] ?? drawList)(list, view) : loading}
        ${list?.note ? html`<p class="note">${list.note}</p>` : nothing}`}
    </main>
    <footer><p class="note">Days are ${zone} days. <a href="docs">API</a></p></footer>
    <aside id="strip" tabindex="-1">${view.isToday ? drawTray() : nothing}</aside>
    <p class="visually-hidden" role="status">${model.announced}</p>
    ${drawDialogs()}`;
}

const sayNotRead = () => (model.trouble ? "Not read yet." : "Loading…");

const drawTrouble = () => html`<span id="trouble" role="alert">${model.trouble}</span>`;

/** Draw the line above the view: of when it is, what is wrong, and what waits to be shown. It has one height. */
function drawStatusLine(list) {
  return html`
    <p id="waiting">
      <span>${isAnswerMissing() ? sayNotRead() : html`As of <span class="paper">${dateOfInstant(list.readAt)}, </span>${
        writeTime(list.readAt)}<span class="paper"> ${zone}</span>`}</span>
      ${model.mayWrite || !model.mayRead ? nothing : html`<span>You may look, not change.</span>`}
      ${drawTrouble()}
      ${list ? drawShow(list) : nothing}
      ${keysOutOfSight().length ? drawNotSaved(keysOutOfSight().map(mentorOf)) : nothing}
    </p>`;
}

/** Draw the button that shows the list as it is now, if it is another one by now. */
function drawShow(list) {
  const held = [...model.drafts.keys()].filter(isTyped); // a row with a form stays where it is
  if (!isOutOfDate(list, held)) return nothing;
  const words = shownName() === "changes" ? "Show new changes" : "The list has changed: show it";
  return html`<button type="button" @click=${showWaiting}>${words}</button>`;
}

/** Draw a link to the first one of some mentors of whom something was typed that is not in sight. */
const drawNotSaved = ([first, ...others]) => html`<a class="button" href=${link({ mentor: first })}>Not saved: ${
  sayMentor(first)}${others.length ? ` and ${others.length} more` : ""}</a>`;

const drawEmpty = () => html`
  <section id="empty">
    <h2>There are no mentors yet</h2>
    <p>A mentor is available until you pause them.</p>
    ${model.mayWrite ? html`<a class="button primary" href=${link({ panel: "add" })}>Add mentors</a>` : nothing}
  </section>`;

const drawForbidden = () => html`
  <main id="forbidden">
    <h1>This token may not read the pauses</h1>
    <p role="alert">${model.trouble}</p>
    <p><button type="button" @click=${askForToken}>Use another token</button></p>
  </main>`;

function askForToken() {
  model.whyToken = "";
  draw();
}

// The page around the views: what waits to be shown, what could not be read, and the strip at its bottom.

import { html, nothing, render } from "./lit-html/lit-html.js";
import { link } from "./address.js";
import { Problem } from "./api.js";
import { drawChanges } from "./changes.js";
import { copy } from "./clipboard.js";
import { dateOfInstant, writeTime, zone } from "./days.js";
import { drawDialogs, showDialogs } from "./dialogs.js";
import { drawForecast } from "./forecast.js";
import { drawBanner, drawDay, drawHead, titleNow } from "./head.js";
import { drawHome } from "./home.js";
import { LINK } from "./keys.js";
import { listLeft, listWaiting, shownKeys } from "./list.js";
import { draw, isShownListOld, model, shownList, shownName } from "./model.js";
import { hasNames } from "./names.js";
import { drawPauses } from "./pauses_view.js";
import { showWaiting } from "./refresh.js";
import { drawTable } from "./rows.js";
import { carryOut } from "./saving.js";
import { drawTray, isTrayOpen } from "./tray.js";
import { countOf } from "./words.js";

const DRAW = { "": drawHome, pauses: drawPauses, found: drawFound, changes: drawChanges, forecast: drawForecast };
const PART = 30; // rows that are drawn in one task: 500 at once would hold the page up

const COPY = "Copy link";

let limit = PART; // rows that are drawn so far
let drawnFor = null; // the question of the list that they are of
let timer = 0;

/** Draw the page as the model is; a long list in parts. */
export function drawPage() {
  const list = shownList();
  if (list && list.question !== drawnFor) [limit, drawnFor] = [PART, list.question];
  render(drawBody(list), document.querySelector("#page"));
  document.title = `${titleNow()} – Mentor board`;
  document.body.dataset.face = model.face;
  showDialogs();
  clearTimeout(timer);
  if (limit < shownKeys(list).length) timer = setTimeout(drawMore);
}

function drawMore() {
  limit += PART;
  draw();
}

function drawBody(list) {
  const { view, face } = model;
  const loading = html`<p class="note">${sayNotRead()}</p>`;
  if (face === "loading") return html`${drawHead()}${drawTrouble()}<main>${loading}</main>${drawDialogs()}`;
  if (face === "forbidden") return html`${drawForbidden()}${drawDialogs()}`;
  return html`
    ${drawHead()}
    ${view.isToday ? nothing : drawBanner(view)}
    <main id="main" tabindex="-1" aria-busy=${isShownListOld() ? "true" : nothing}
      class="view-${shownName() || "home"} ${isTrayOpen() && view.isToday ? "above-tray" : ""}">
      ${drawWaiting(list)}
      ${face === "empty" && shownName() === "" ? drawEmpty() : html`
        ${list ? DRAW[shownName()](list, view, limit) : loading}
        ${list?.note ? html`<p class="note">${list.note}</p>` : nothing}`}
    </main>
    <footer><p class="note">Days are ${zone} days. <a href="docs">API</a></p></footer>
    <aside id="strip" tabindex="-1">${view.isToday ? drawTray() : nothing}</aside>
    <p class="visually-hidden" role="status">${model.said}</p>
    ${drawDialogs()}`;
}

const sayNotRead = () => (model.trouble ? "Nothing could be read yet." : "Loading…");

const drawTrouble = () => html`<span id="trouble" role="alert">${model.trouble}</span>`;

/** Draw the line of what waits to be shown; it is always there, with one height. */
function drawWaiting(list) {
  return html`
    <p id="waiting">
      <span>${isShownListOld() ? sayNotRead() : html`As of <span class="paper">${dateOfInstant(list.readAt)}, </span>${
        writeTime(list.readAt)}<span class="paper"> ${zone}</span>`}</span>
      <span class="links ${model.trouble ? "in-trouble" : ""}">
        <a href=${link({ panel: "names" })}>${hasNames() ? "Names…"
          : html`Show names<span class="wide"> instead of ids</span>…`}</a>
        <a href="" @click=${printPage}>Print</a>
        ${drawCopy()}
        ${drawTrouble()}
        ${list ? drawShow(list) : nothing}
      </span>
      ${drawDay(model.view)}
    </p>`;
}

/** Draw the link to what is shown: a click copies it. */
function drawCopy() {
  const act = async () => {
    if (!await copy(location.href)) throw new Problem({ detail: "not copied: copy the address of the page" });
    if (!hasNames()) return { words: "copied" };
    const search = model.view.q ? ", without the search" : ""; // see search.js
    return { words: `copied${search}: a colleague sees ids, not names` };
  };
  const { words, isDone } = model.outcomes.get(LINK) ?? {};
  const click = (event) => {
    event.preventDefault();
    carryOut(LINK, COPY, act, { isWrite: false });
  };
  return html`<a class="copy" href=${location.hash || "#"} title="A colleague who opens it sees the same"
    @click=${click}>${isDone ? "✓ " : ""}${words ?? COPY}</a>`;
}

function printPage(event) {
  event.preventDefault();
  window.print();
}

/** Draw the button that shows the list as it is now, if that is not what is shown. */
function drawShow(list) {
  const waiting = listWaiting(list);
  const isOwn = (key) => model.written.get(list.rows.get(key).mentor_id) >= list.since;
  const others = waiting.filter((key) => !isOwn(key)).length;
  const own = listLeft(list).length ? "Leave out what is done" : "Show what you changed";
  const words = others ? `${countOf(others, "change")} since ${writeTime(list.since)}: show` : own;
  return waiting.length ? html`<button type="button" @click=${showWaiting}>${words}</button>` : nothing;
}

function drawFound(list, _, limitNow) {
  const nobody = `Nobody has “${list.q}” in the id${hasNames() ? " or the name" : ""}.`;
  return html`${drawTable(list, { titles: { found: `Found for “${list.q}”` }, caption: "Found", limit: limitNow })}
    ${list.shown[0].keys.length ? nothing : html`<p class="nothing">${nobody}
      ${model.mayWrite ? html`<a class="button" href=${link({ panel: "add" })}>Add mentors</a>` : nothing}</p>`}`;
}

const drawEmpty = () => html`
  <section id="empty">
    <h2>There are no mentors yet</h2>
    <p>A mentor is active until you pause them; then they stand here, with the day on which they are expected back.</p>
    ${model.mayWrite ? html`<p class="buttons"><a class="button primary" href=${link({ panel: "add" })}>Add mentors</a>
      <a class="button" href=${link({ panel: "tables" })}>Upload a table</a></p>` : nothing}
    <p>To look around first, your operator can fill this service with example mentors:</p>
    <pre>flask --app app seed</pre>
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

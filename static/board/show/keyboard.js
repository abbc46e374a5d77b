// The keys of the page, and the list of them.

import { html } from "../lit-html/lit-html.js";
import { go } from "../read/address.js";
import { isAnswerMissing, model } from "../read/model.js";

const KEYS = {
  "/": ["Search", goToSearch],
  j: ["Next row", () => goToRow(1)],
  k: ["Row before", () => goToRow(-1)],
  "?": ["These keys", () => go({ panel: "keys" })],
};

export const drawKeys = () => html`
  <ul tabindex="0" aria-labelledby="panel-title">
    ${Object.entries(KEYS).map(([key, [words]]) => html`<li><kbd>${key}</kbd> ${words}</li>`)}
    <li><kbd>Tab</kbd> From the search to the first result; in a row, to what can be done there</li>
    <li><kbd>Enter</kbd> Open the mentor</li></ul>`;

/** Act on a key of the page, unless it is typed into a field, or a dialog is open. */
export function followKey(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isTyping = target.matches("input:not([type=checkbox]), textarea, select");
  const isToResult = target.name === "q" && key === "Tab" && !event.shiftKey && model.view.q && !isAnswerMissing();
  const act = isToResult ? KEYS.j[1] : !isTyping && Object.hasOwn(KEYS, key) && KEYS[key][1];
  if (act && act() !== false) event.preventDefault();
}

/** Go to the search, and select what was typed, so that another text takes its place. */
function goToSearch() {
  const field = document.querySelector("[name=q]");
  field.focus();
  field.select();
}

/** Go to the mentor of the next row, or of the one before; from elsewhere to the first. Return whether there is one. */
function goToRow(step) {
  const rows = [...document.querySelectorAll("main [data-key]")];
  const row = rows[rows.indexOf(document.activeElement.closest("[data-key]")) + step];
  if (!row) return false;
  row.querySelector(".mentor, button.whom").focus();
  return true;
}

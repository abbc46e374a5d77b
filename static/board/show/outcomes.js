// The buttons of writes, and what came of each write where it was asked for.

import { html, nothing } from "../lit-html/lit-html.js";
import { keyOfUndo } from "../read/keys.js";
import { draw, model } from "../read/model.js";
import { isDisabled, sayProgress, undoEntry, undoWrite } from "../write/saving.js";

/**
 * Draw a button that writes at a key by `act()`. While a write is on its way there, all buttons of the key are
 * disabled, and the one that was pressed says "Saving…". A `detail` stands below the label, in small. `words` is what
 * a screen reader says, if that is more. Of a double click only the first one counts: by the second, something else
 * may stand there. A button that `isOff` stays where it is, and does nothing.
 */
export function drawButton(key, label, act,
  { detail = "", words = label, className = "", type = "button", isOff = false } = {}) {
  const isThisOne = model.pending.get(key)?.label === label;
  const isStopped = () => isOff || isDisabled(key);
  const click = (event) => (event.detail > 1 || isStopped() ? event.preventDefault() : act());
  return html`<button type=${type} class=${className} aria-label=${isThisOne || words === label ? nothing : words}
    aria-disabled=${isStopped() ? "true" : nothing}
    @click=${click}>${isThisOne ? sayProgress(key) : label}${
      detail ? html` <small>${detail}</small>` : nothing}</button>`;
}

/** Draw the button that sends the form at a key, unless it `isOff`. */
export const drawSubmit = (key, label, isOff) =>
  drawButton(key, label, () => {}, { type: "submit", className: "primary", isOff });

/** Draw what came of the last write at a key: what was done, with its Undo, or why it was not done. */
export function drawOutcome(key) {
  const outcome = model.outcomes.get(key);
  if (!outcome?.isDone) return drawRefusal(key);
  return html`${drawDone(outcome)} ${outcome.write ? drawRefusal(keyOfUndo(outcome.write)) : nothing}`;
}

/** Draw what was done, with its Undo, if that can still be done; or that it was undone. */
export function drawDone({ words, detail = nothing, write, isByOthers }) {
  if (isByOthers) return html`<span class="said">${words}</span> ${detail}`;
  if (write?.isUndone) return drawUndo(write);
  return html`<span class="said">✓ ${words}</span> ${detail} ${write ? drawUndo(write) : nothing}`;
}

/** Draw the button that takes a write back, or the words that it was taken back; nothing, if it no longer can be. */
export function drawUndo(write, words) {
  if (write.isUndone) return html`<span class="said">✓ undone</span>`;
  if (!write.entries.length) return nothing;
  const act = () => (write.said ? undoEntry(write) : undoWrite(write));
  return drawButton(keyOfUndo(write), write.label, act, { words, className: "undo" });
}

/** Draw why the last write at a key was not done, if it was not. */
export function drawRefusal(key) {
  const outcome = model.outcomes.get(key);
  if (!outcome || outcome.isDone) return nothing;
  const { words, lines = [] } = outcome;
  return html`
    <div class="refusal" role="alert" data-outcome=${key}>
      <p>${words}</p>
      <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
      ${drawDismiss(key)}
    </div>`;
}

/** Draw the button that takes away what is said at a key. */
export function drawDismiss(key) {
  const dismiss = () => {
    model.outcomes.delete(key);
    draw();
  };
  return html`<button type="button" class="dismiss" aria-label="Dismiss" @click=${dismiss}>×</button>`;
}

// The form of a write. What is typed is kept until it is sent or discarded: it stands in a draft of the model.

import { html, nothing } from "../lit-html/lit-html.js";
import { live } from "../lit-html/directives/live.js";
import { dateOf, dateOfInstant, dayNumber, mondayOf, now, writeDay } from "../read/days.js";
import { isPanelKey, isRowKey, mentorOf } from "../read/keys.js";
import { shownKeys } from "../read/list.js";
import { canWrite, discardDraft, draw, isTyped, keepDraft, model, shownList, shownName } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { countMentors } from "../read/pauses.js";
import { sayReason, usedReasons } from "../read/reasons.js";
import { showWaiting } from "../read/refresh.js";
import { countOf, sayDay } from "../read/words.js";
import { write } from "../write/saving.js";
import { WRITES, sayIntent, sayWrite, valuesOf } from "../write/writes.js";
import { drawButton, drawSubmit } from "./outcomes.js";
import { hasTimeline } from "./timeline.js";

const BACK_AFTER = [["1 week", 7], ["2 weeks", 14], ["3 weeks", 21], ["4 weeks", 28]]; // and how many days that is

const openers = new Map(); // by the keys of forms: what had the focus when the form was opened

/** Move the focus into the form at a key. */
export function focusForm(key) {
  openers.set(key, document.activeElement);
  const form = document.querySelector(`[data-form="${CSS.escape(key)}"]`);
  form?.querySelector("input, textarea, [aria-pressed], [type=submit]")?.focus();
  form?.scrollIntoView({ block: "nearest" }); // with its buttons
}

/** Return the keys of the forms with something typed that are out of sight: their row is not shown, nor their panel. */
export function keysOutOfSight() {
  const shown = hasTimeline(model.view) ? [] : shownKeys(shownList());
  const isInSight = (key) => (isPanelKey(key) ? mentorOf(key) === model.view.mentor : shown.includes(key));
  return [...model.drafts.keys()].filter((key) => canWrite() && isRowKey(key) && isTyped(key) && !isInSight(key));
}

/** Draw the form at a key, with what was typed into it, and what it would do. It cannot be sent if it `isOff`. */
export function drawForm(key, rows = model.drafts.get(key).rows, { isOff = false } = {}) {
  const { values: typed, write: name, fitted, otherForm } = model.drafts.get(key);
  const { label, fieldsOfOne = [], submit = label, question } = WRITES[name];
  const isOfOne = rows.length === 1;
  const isNoted = typed.notes !== undefined; // it was typed before another row was ticked
  const fields = [...WRITES[name].fields, ...(isOfOne || isNoted ? fieldsOfOne : [])];
  // Of several pauses that which begins last: no day is offered before its start.
  const row = rows.reduce((one, other) => (other.start > one.start ? other : one));
  const values = valuesOf(name, fields, row, typed);
  const { notes: _, ...withoutNote } = values; // a note alone is about one
  const type = (changes) => {
    keepDraft(key, { values: { ...typed, ...changes } });
    if (!model.outcomes.get(key)?.isDone) model.outcomes.delete(key); // why it was not done
    draw();
  };
  const send = (event) => {
    event.preventDefault();
    write(key, name, rows, values, { label: submit, form: model.drafts.get(key) });
  };
  const closeUntouched = ({ key: pressed }) =>
    pressed === "Escape" && !isTyped(key) && !model.pending.has(key) && discard(key);
  const title = label.replace("…", "");
  const whom = rows.length === 1 ? sayMentor(row.mentor_id) : countOf(countMentors(rows), "mentor");
  return html`
    <form class="write" data-form=${key} aria-label="${title}: ${whom}"
      autocomplete="off" @submit=${send} @keydown=${closeUntouched}>
      ${question ? html`<p>${question}</p>` : nothing}
      ${fields.map((field) => FIELDS[field]({ name, values, typed, row, type, isOfOne }))}
      <div class="send">
        ${question || otherForm ? nothing : html`<p class="plan" data-submit=${submit}><bdi>${whom}</bdi>: ${
          sayWrite(name, rows, isOfOne ? values : withoutNote)}</p>`}
        <p class="buttons">
          ${otherForm ? drawGoOn(key, otherForm, typed) : drawSubmit(key, submit, fitted || isOff)}
          <button type="button" ?disabled=${model.pending.has(key)} @click=${() => discard(key)}>Cancel</button>
        </p>
      </div>
    </form>`;
}

/**
 * Draw the button that takes what was typed into the form of another write, where it fits. It sends nothing: it is
 * another element than the button that sends the form, which stands there next.
 */
function drawGoOn(key, { write: name, row }, values) {
  const goOn = () => {
    model.drafts.set(key, { write: name, rows: [row], values });
    model.outcomes.delete(key);
    draw();
    focusForm(key);
  };
  const intent = sayIntent(name, [row]);
  const words = intent[0].toUpperCase() + intent.slice(1) + (name === "change" ? " to yours…" : " as you typed…");
  return html`${drawButton(key, words, goOn, { className: "primary" })}`;
}

/**
 * Close a form, and forget what was typed into it; the focus goes back to what has opened it, or to the panel. If it
 * was refused, a search is read anew: a mentor whom a colleague has paused has another row by now.
 */
function discard(key) {
  const { isDone } = model.outcomes.get(key) ?? { isDone: true };
  discardDraft(key);
  if (!isDone) model.outcomes.delete(key); // why it was not done
  draw();
  const opener = openers.get(key);
  (opener?.isConnected ? opener : document.querySelector(".content"))?.focus();
  if (!isDone && shownName() === "found") showWaiting();
}

// How each field of a form is drawn, of the write `name` for a `row`. `values` are those of all fields, `typed` is what
// somebody has typed or chosen of them, and `type(changes)` takes more of it.
const FIELDS = {
  start: ({ values: { start }, typed: { daysAfterStart }, row: { start_date: begun }, type }) => {
    const today = dayNumber(now());
    const offered = [
      ["Today", dateOf(today)], ["Tomorrow", dateOf(today + 1)], ["Next Monday", dateOf(mondayOf(today) + 7)],
    ];
    // If the return was chosen as a time after the start, it moves with the start.
    const backOf = (date) => (daysAfterStart && date ? { back: dateOf(dayNumber(date) + daysAfterStart) } : {});
    const choose = (date) => type({ start: date, ...backOf(date) });
    const choices = begun && Date.parse(begun) <= now() ? [] : offered;
    return drawDays("From", "start", start, choose, choices, { isRequired: true });
  },
  back: ({ name, values: { start, back, notes }, row: { start_date: begun, phase }, type, isOfOne }) => {
    const today = dayNumber(now());
    const firstDay = dayNumber(start || begun || now()); // of the pause
    const isAhead = firstDay >= today;
    const countFrom = isAhead ? firstDay : today;
    const offered = BACK_AFTER.map(([words, days]) =>
      [`${isAhead ? "After" : "In"} ${words}`, dateOf(countFrom + days), isAhead ? days : undefined]);
    const choose = (date, daysAfterStart) => type({ back: date, daysAfterStart });
    const choices = phase === "ended" ? [] : [...offered, ["Not known", ""]]; // to go on, it is reopened
    const isNew = start && !WRITES[name].isFilled; // a new pause is not over already
    const afterStart = start || isAhead ? firstDay : firstDay + 1;
    const min = dateOf(isNew ? countFrom : afterStart);
    const isNoteAlone = isOfOne && notes?.trim(); // it moves no date
    const isRequired = !choices.length || (back === undefined && !isNoteAlone);
    return drawDays("Back on", "back", back, choose, choices, { isRequired, min });
  },
  reason: ({ name, values: { reason }, typed, type }) => {
    const { isReasonRequired, isFilled } = WRITES[name];
    const shown = (reason === typed.reason ? reason : sayReason(reason)) ?? ""; // what was typed stays as it was typed
    const choose = (words) => type({ reason: words || (isFilled ? "" : undefined) }); // to clear a reason is a change
    return drawReason(shown, choose, isReasonRequired);
  },
  notes: ({ values: { notes }, type }) => html`
    <label>Note <input name="notes" maxlength="500" .value=${live(notes ?? "")}
      @input=${({ target }) => type({ notes: target.value || undefined })}></label>`,
};

/**
 * Draw the choice of a day: those that are `offered`, `[[words, date, days], …]`, by a click, any other one by its
 * date. `choose(date, days)` takes it, with the `days` of the offer.
 */
function drawDays(label, name, value, choose, offered, { isRequired, min = "1970-01-01" }) {
  const day = value && dateOfInstant(value);
  const keepHalf = ({ target }) => target.validity.badInput && day !== "" && choose(""); // half a date is typed, too
  const drawOffer = ([words, date, days]) => html`<button type="button" aria-pressed=${String(day === date)}
    @click=${() => choose(date, days)}>${words}${date ? html` <small>${writeDay(date)}</small>` : nothing}</button>`;
  return html`
    <fieldset>
      <legend>${label}</legend>
      ${offered.map(drawOffer)}
      <label>${offered.length ? html`<span>or</span>` : nothing} <input type="date" name=${name}
        aria-label="${label}, another date" min=${min} max="2199-12-31"
        ?required=${isRequired} .value=${live(day ?? "")}
        @input=${({ target }) => choose(target.validity.rangeOverflow ? "" : target.value)} @keyup=${keepHalf}></label>
      <small>${day ? sayDay(day) : ""}</small>
    </fieldset>`;
}

/** Draw the choice of a reason: one in use by a click, or any text. */
function drawReason(reason, choose, isRequired) {
  const text = reason.trim();
  const offered = [...new Set(usedReasons().map(sayReason))];
  const drawOffer = (words) => html`<button type="button" aria-pressed=${String(words === sayReason(text))}
    @click=${() => choose(words)}>${words}</button>`;
  return html`
    <fieldset>
      <legend>Reason</legend>
      <input name="reason" aria-label="Reason" maxlength="200" ?required=${isRequired} .value=${live(reason)}
        @input=${({ target }) => choose(target.value)}>
      ${offered.map(drawOffer)}
      <small>${text && !offered.includes(sayReason(text)) ? "new reason" : ""}</small>
    </fieldset>`;
}

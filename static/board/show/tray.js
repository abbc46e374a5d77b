// The tray of what is ticked. All that can be done with several mentors together is done from it.

import { html, nothing } from "../lit-html/lit-html.js";
import { guard } from "../lit-html/directives/guard.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { writeDay } from "../read/days.js";
import { TICKED } from "../read/keys.js";
import { draw, isTyped, model } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { countMentors } from "../read/pauses.js";
import { countOf } from "../read/words.js";
import { write } from "../write/saving.js";
import { MOST_TICKED, noteRefused, tick, untick } from "../write/ticked.js";
import { WRITES, fittingWrites } from "../write/writes.js";
import { drawForm } from "./forms.js";
import { drawButton, drawDismiss, drawOutcome } from "./outcomes.js";
import { drawMentor, drawMentors } from "./person.js";
import { drawWrite } from "./rows.js";

const TOGETHER = ["bring_back", "week_later", "postpone", "pause"];
const MOST_NAMED = 50; // of who is ticked; the others are named if somebody asks

/** Say whether the tray has something to show: what is ticked, or what came of the last write. */
export const isTrayOpen = () => model.ticked.size > 0 || model.outcomes.has(TICKED);

/** Draw the tray. What a colleague has ended is left out, and says so. */
export function drawTray() {
  const ticked = [...model.ticked.values()].toSorted((one, other) => Boolean(other.leftOut) - Boolean(one.leftOut));
  if (!isTrayOpen()) return nothing;
  if (!ticked.length) return html`<section id="tray">${drawLast()}</section>`;
  const rows = ticked.filter(({ leftOut }) => !leftOut);
  const fitting = fittingWrites(rows, TOGETHER);
  const draft = model.drafts.get(TICKED);
  const isOpen = draft && (isTyped(TICKED) || fitting.includes(draft.write));
  const inForm = draft?.rows.filter(({ key }) => rows.some((row) => row.key === key));
  const isOff = inForm?.length === 0 && draft.rows.length > 1; // of one, the refusal says where what was typed fits
  const canPause = rows.some(({ phase }) => phase === "active");
  const named = model.areAllNamed ? ticked : ticked.slice(0, MOST_NAMED);
  return html`
    <section id="tray" aria-label="Chosen">
      <p class="bar"><strong>${countOf(countMentors(rows), "mentor")} chosen</strong>
        ${rows.length < MOST_TICKED ? nothing : html`<span>No more rows can be changed together.</span>`}
        ${fitting.map((name) => drawWrite(TICKED, name, rows))}
        ${fitting.length ? nothing : html`<span>Nothing can be done with all of them together.</span>`}
        <button type="button" @click=${untickAll}>Untick all</button></p>
      <ul>${repeat(named, ({ key }) => key, (row) => drawTicked(row, canPause))}
        ${named.length < ticked.length ? html`<li><button type="button" @click=${nameAll}>and
          ${ticked.length - named.length} more</button></li>` : nothing}</ul>
      ${drawLast()}
      ${drawOthers(isOpen ? inForm : rows, draft)}
      ${isOpen ? drawForm(TICKED, inForm.length ? inForm : draft.rows, { isOff }) : nothing}
    </section>`;
}

/** Draw what came of the last write from the tray, and of whom it is still so. */
function drawLast() {
  const { isDone, mentors } = model.outcomes.get(TICKED) ?? {};
  if (!isDone) return drawOutcome(TICKED);
  const whom = mentors.length > 1 ? countOf(mentors.length, "mentor") : drawMentors(mentors);
  return html`<div class="bar">${whom} ${drawOutcome(TICKED)} ${drawDismiss(TICKED)}</div>`;
}

/** Draw the button that repeats a write that was refused, without those because of whom. */
function drawOthers(rows, form) {
  const { refused, request } = model.outcomes.get(TICKED) ?? {};
  const others = rows.filter(({ mentor_id: mentor }) => !refused?.has(mentor));
  if (!refused || !others.length) return nothing;
  const { label, submit, fields } = WRITES[request.name];
  const goOn = () => {
    noteRefused(refused);
    const ownForm = form?.write === request.name ? form : undefined; // another one stays open
    write(TICKED, request.name, others, request.values, { label: submit ?? label, form: ownForm });
  };
  const words = `${submit ?? label}${fields ? "" : " for"} the other ${countMentors(others).toLocaleString()}`;
  return html`<p class="buttons">${drawButton(TICKED, words, goOn)}</p>`;
}

const drawTicked = (row, canPause) => guard([row, canPause, model.view.address, sayMentor(row.mentor_id)], () => html`
  <li>${drawMentor(row.mentor_id, link({ mentor: row.mentor_id }))}
    ${drawState(row, canPause)}
    <button type="button" aria-label="Untick ${sayMentor(row.mentor_id)}"
      @click=${() => tick([row], false)}>×</button>
  </li>`);

/** Draw how somebody is, or why they were left out or refused; if others can be paused, which pause they have. */
function drawState({ leftOut, refused, words, start_date: start, pause_start_date: from = start, back }, canPause) {
  if (leftOut) return html`<strong>left out: ${leftOut}</strong>`;
  if (refused) return html`<strong>refused: ${refused}</strong>`;
  if (!canPause || !from) return html`<small>${words}</small>`;
  return html`<strong>has a pause: ${writeDay(from)} – ${back ? writeDay(back) : "not known"}</strong>`;
}

function untickAll() {
  untick([...model.ticked.keys()]);
  draw();
}

function nameAll() {
  model.areAllNamed = true;
  draw();
}

// The tray of what is ticked. All that can be done with several mentors together is done from it.

import { html, nothing } from "../lit-html/lit-html.js";
import { guard } from "../lit-html/directives/guard.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { TICKED } from "../read/keys.js";
import { draw, model } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { countMentors, readAtOf } from "../read/pauses.js";
import { countOf } from "../read/words.js";
import { MOST_TICKED, tick, untick } from "../write/ticked.js";
import { fittingWrites } from "../write/writes.js";
import { drawForm } from "./forms.js";
import { drawDismiss, drawOutcome } from "./outcomes.js";
import { drawMentor, drawMentors } from "./person.js";
import { drawWrite } from "./rows.js";

const TOGETHER = ["bring_back", "week_later", "postpone", "pause"];
const MOST_NAMED = 50; // of who is ticked; the others are named if somebody asks

/** Say whether the tray has something to show: what is ticked, or what came of the last write. */
export const isTrayOpen = () => model.ticked.size > 0 || model.outcomes.has(TICKED);

/** Draw the tray. */
export function drawTray() {
  const rows = [...model.ticked.values()];
  if (!isTrayOpen()) return nothing;
  if (!rows.length) return html`<section id="tray">${drawLast()}</section>`;
  const changed = changedRows();
  const fitting = fittingWrites(rows, TOGETHER);
  const open = model.drafts.get(TICKED)?.write;
  const named = model.areAllNamed ? rows : rows.slice(0, MOST_NAMED);
  return html`
    <section id="tray" aria-label="Chosen">
      <p class="bar"><strong>${countOf(countMentors(rows), "mentor")} chosen</strong>
        ${rows.length < MOST_TICKED ? nothing : html`<span>No more rows can be changed together.</span>`}
        ${fitting.map((name) => drawWrite(TICKED, name, rows))}
        ${fitting.length ? nothing : html`<span>Nothing can be done with all of them together.</span>`}
        <button type="button" @click=${untickAll}>Untick all</button></p>
      <ul>${repeat(named, ({ key }) => key, (row) => drawTicked(row, changed.get(row.key)))}
        ${named.length < rows.length ? html`<li><button type="button" @click=${nameAll}>and
          ${rows.length - named.length} more</button></li>` : nothing}</ul>
      ${changed.size ? html`<p>What has changed is not written over.
        <button type="button" @click=${() => takeAsNow(changed)}>Go on with what is there now</button></p>` : nothing}
      ${drawLast()}
      ${fitting.includes(open) ? drawForm(TICKED, open, rows) : nothing}
    </section>`;
}

/** Draw what came of the last write from the tray, and of whom. */
function drawLast() {
  const { isDone, undo } = model.outcomes.get(TICKED) ?? {};
  if (!isDone) return drawOutcome(TICKED);
  return html`<div class="bar">${drawMentors(undo?.mentors ?? [])} ${drawOutcome(TICKED)} ${drawDismiss(TICKED)}</div>`;
}

/** Draw a row that is ticked, and how it is now if it has changed since. */
const drawTicked = (row, changed) => guard([row, changed, model.view.address, sayMentor(row.mentor_id)], () => html`
  <li>${drawMentor(row.mentor_id, link({ mentor: row.mentor_id }))}
    ${changed ? html`<strong>changed: ${changed.words}</strong>` : html`<small>${row.words}</small>`}
    <button type="button" aria-label="Untick ${sayMentor(row.mentor_id)}"
      @click=${() => tick([row], false)}>×</button>
  </li>`);

/** Return the ticked rows that have changed since they were ticked, as they are now (or they are `isGone`), by key. */
function changedRows() {
  const lists = Object.values(model.lists).toSorted((one, other) => other.readAt - one.readAt);
  const changed = new Map();
  for (const [key, ticked] of model.ticked) {
    const { rows, gone } = lists.find((list) => list.rows.has(key)) ?? {};
    const current = rows?.get(key);
    if (gone?.has(key)) changed.set(key, { isGone: true, words: model.outcomes.get(key)?.words ?? "no longer here" });
    else if (isNewer(current, ticked)) changed.set(key, current);
  }
  return changed;
}

/** Say whether a row was read later than another one, and is not the same. (A list of another view may be older.) */
const isNewer = (current, ticked) => current && current !== ticked && readAtOf(current) >= readAtOf(ticked)
  && JSON.stringify(current) !== JSON.stringify(ticked);

function untickAll() {
  untick([...model.ticked.keys()]);
  draw();
}

function nameAll() {
  model.areAllNamed = true;
  draw();
}

function takeAsNow(changed) {
  for (const [key, current] of changed)
    if (current.isGone) untick([key]);
    else model.ticked.set(key, current);
  model.outcomes.delete(TICKED);
  draw();
}

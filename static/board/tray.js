// The tray of what is ticked. All that can be done with several mentors together is done from it.

import { html, nothing } from "./lit-html/lit-html.js";
import { guard } from "./lit-html/directives/guard.js";
import { repeat } from "./lit-html/directives/repeat.js";
import { link } from "./address.js";
import { choose } from "./chosen.js";
import { drawForm } from "./forms.js";
import { CHOSEN } from "./keys.js";
import { discardDraft, draw, model } from "./model.js";
import { sayMentor } from "./names.js";
import { drawDismiss, drawOutcome } from "./outcomes.js";
import { countMentors, readAtOf } from "./pauses.js";
import { drawMentor, drawMentors } from "./person.js";
import { drawWrite } from "./rows.js";
import { countOf } from "./words.js";
import { listFitting } from "./writes.js";

const TOGETHER = ["bring_back", "week_later", "postpone", "pause"];
const MOST_NAMED = 50; // of who is ticked; the others are named if somebody asks

/** Say whether the tray has something to show: what is ticked, or what came of the last write. */
export const isTrayOpen = () => model.chosen.size > 0 || model.outcomes.has(CHOSEN);

/** Draw the tray. */
export function drawTray() {
  const rows = [...model.chosen.values()];
  if (!isTrayOpen()) return nothing;
  if (!rows.length) return html`<section id="tray">${drawLast()}</section>`;
  const changed = listChanged();
  const fitting = listFitting(rows, TOGETHER);
  const open = model.drafts.get(CHOSEN)?.write;
  const named = model.isTrayWhole ? rows : rows.slice(0, MOST_NAMED);
  return html`
    <section id="tray" aria-label="Chosen">
      <p class="bar"><strong>${countOf(countMentors(rows), "mentor")} chosen</strong>
        ${fitting.map((name) => drawWrite(CHOSEN, name, rows))}
        ${fitting.length ? nothing : html`<span>Nothing can be done with all of them together.</span>`}
        <button type="button" @click=${untickAll}>Untick all</button></p>
      <ul>${repeat(named, ({ key }) => key, (row) => drawChosen(row, changed.get(row.key)))}
        ${named.length < rows.length ? html`<li><button type="button" @click=${nameAll}>and
          ${rows.length - named.length} more</button></li>` : nothing}</ul>
      ${changed.size ? html`<p>What has changed is not written over.
        <button type="button" @click=${() => takeAsNow(changed)}>Go on with what is there now</button></p>` : nothing}
      ${drawLast()}
      ${fitting.includes(open) ? drawForm(CHOSEN, open, rows) : nothing}
    </section>`;
}

/** Draw what came of the last write from the tray, and of whom. */
function drawLast() {
  const { isDone, undo } = model.outcomes.get(CHOSEN) ?? {};
  if (!isDone) return drawOutcome(CHOSEN);
  return html`<div class="bar">${drawMentors(undo?.mentors ?? [])} ${drawOutcome(CHOSEN)} ${drawDismiss(CHOSEN)}</div>`;
}

/** Draw a row that is ticked, and how it is now if it has changed since. */
const drawChosen = (row, now) => guard([row, now, model.view.address, sayMentor(row.mentor_id)], () => html`
  <li>${drawMentor(row.mentor_id, link({ mentor: row.mentor_id }))}
    ${now ? html`<strong>changed: ${now.words}</strong>` : html`<small>${row.words}</small>`}
    <button type="button" aria-label="Untick ${sayMentor(row.mentor_id)}"
      @click=${() => choose([row], false)}>×</button>
  </li>`);

/** Return each ticked row that has changed since it was ticked, as it is now (or it `isGone`), by the keys. */
function listChanged() {
  const lists = Object.values(model.lists).toSorted((one, other) => other.readAt - one.readAt);
  const rowNow = (key) => {
    const { rows, gone } = lists.find((list) => list.rows.has(key)) ?? {};
    const { words = "no longer here" } = model.outcomes.get(key) ?? {};
    return gone?.has(key) ? { isGone: true, words } : rows?.get(key);
  };
  const isOlder = (now, row) => readAtOf(now) < readAtOf(row); // another list was read before it was ticked
  const isChanged = ([key, now]) => now && now !== model.chosen.get(key) && !isOlder(now, model.chosen.get(key))
    && JSON.stringify(now) !== JSON.stringify(model.chosen.get(key));
  return new Map([...model.chosen.keys()].map((key) => [key, rowNow(key)]).filter(isChanged));
}

function untickAll() {
  model.chosen.clear();
  model.isTrayWhole = false;
  discardDraft(CHOSEN);
  draw();
}

function nameAll() {
  model.isTrayWhole = true;
  draw();
}

function takeAsNow(changed) {
  for (const [key, now] of changed)
    if (now.isGone) model.chosen.delete(key);
    else model.chosen.set(key, now);
  model.outcomes.delete(CHOSEN);
  draw();
}

// A row: a mentor, their state, and what can be done about it. It is drawn again only if something of it has changed.

import { html, nothing } from "../lit-html/lit-html.js";
import { guard } from "../lit-html/directives/guard.js";
import { live } from "../lit-html/directives/live.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { dayNumber, now, writeDay, writeTimeOfDay } from "../read/days.js";
import { keyOfUndo } from "../read/keys.js";
import { shownKeys } from "../read/list.js";
import { canWrite, draw, isTyped, model, openForm, shownList, togetherOf } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { movedKeys, placeOfOutcome } from "../read/truth.js";
import { countReasons, sayReason } from "../read/reasons.js";
import { sayProgress, write } from "../write/saving.js";
import { canBeTicked, isTicked, tick } from "../write/ticked.js";
import { WRITES, fittingWrites, offeredDays } from "../write/writes.js";
import { drawForm, focusForm } from "./forms.js";
import { drawButton, drawDone, drawRefusal } from "./outcomes.js";
import { drawMentor } from "./person.js";

const ROW_WRITES = ["bring_back", "call_off", "postpone", "pause"]; // those that a row offers
const COLUMNS = { mentor_id: "Mentor", urgency: "State", reason: "Reason", start_date: "Away from", back: "Back on" };

/**
 * Draw a table of a list: a body for each section, with its heading and a box for all of its rows, if it has a title.
 * `sort` is by what it is sorted; without it the headings offer no other order.
 */
export function drawTable(list, { titles = {}, sort, caption }) {
  const moved = new Set(movedKeys(list));
  const canBePostponed = shownKeys(list).some((key) => fittingWrites([list.rows.get(key)], ["postpone"]).length);
  return html`
    <table role="table" class=${sort ? "sorted" : "sections"}>
      <caption class=${sort ? "" : "visually-hidden"}>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${Object.entries(COLUMNS).map(([name, words]) => drawHeading(name, words, sort))}
          <th role="columnheader" scope="col">${canBePostponed && canWrite() ? "Bring back, or move the return"
            : html`<span class="visually-hidden">Actions</span>`}</th>
        </tr>
      </thead>
      ${repeat(list.shown, ({ id }) => id, ({ id, keys }) => (!keys.length ? nothing : html`
        <tbody role="rowgroup">
          ${titles[id] ? drawSectionHeading(titles[id], id, keys, list, moved) : nothing}
          ${repeat(keys, (key) => key, (key) => drawRow(list.rows.get(key), moved.has(key)))}
        </tbody>`))}
    </table>`;
}

function drawHeading(name, words, sort) {
  if (!sort) return html`<th role="columnheader" scope="col">${words}</th>`;
  const isBy = sort.replace("-", "") === name;
  const order = isBy ? (sort.startsWith("-") ? "descending" : "ascending") : nothing;
  const next = sort === name ? `-${name}` : name;
  return html`<th role="columnheader" scope="col" aria-sort=${order}><a href=${link({ sort: next })}>${words}</a></th>`;
}

/** Draw the heading of a section, with its count, if it has one. (The count is the newest; the rows may be older.) */
function drawSectionHeading(title, id, keys, list, moved) {
  const rows = keys.map((key) => list.rows.get(key)).filter((row) => canBeTicked(row, moved.has(row.key)));
  return html`
    <tr role="row" class="section">
      <th role="rowheader" scope="rowgroup" colspan="5">
        ${rows.length && canWrite() ? drawBox(rows, `all of ${title}`) : html`<span class="box"></span>`}
        <h2>${list.counts ? `${title}: ${list.counts[id].toLocaleString()}` : title}</h2>
      </th>
    </tr>`;
}

let isShiftHeld = false; // at the last key on a box: a click by a key does not tell it in Firefox

/** Draw the box of some rows; it is half ticked if only some of them are. */
function drawBox(rows, words) {
  const count = rows.filter(({ key }) => isTicked(key)).length;
  const turnsOn = count < rows.length;
  const tickRange = (event) => { // beside the box: with Shift, a browser would select text there, and tick nothing
    if (!event.shiftKey || event.target !== event.currentTarget) return;
    event.preventDefault();
    if (event.type === "click") tick(rows, turnsOn, true);
  };
  return html`<label class="box" @mousedown=${tickRange} @click=${tickRange}><input
    type="checkbox" aria-label="Choose ${words}"
    .checked=${live(count === rows.length)} .indeterminate=${live(count > 0 && count < rows.length)}
    @keydown=${({ shiftKey }) => (isShiftHeld = shiftKey)}
    @click=${({ target: { checked }, shiftKey, detail }) =>
      tick(rows, checked, shiftKey || (!detail && isShiftHeld))}></label>`;
}

function drawRow(row, isMoved) {
  const { key } = row;
  const outcome = model.outcomes.get(key);
  const keyOfRefusal = outcome?.write ? keyOfUndo(outcome.write) : key; // its Undo can be refused, or a write
  const dependencies = [ // the question is in the links
    row, isMoved, outcome, model.outcomes.get(keyOfRefusal), sayProgress(keyOfRefusal), sayProgress(key), isTicked(key),
    model.drafts.get(key), model.mayWrite, model.stale.has(row.mentor_id), dayNumber(now()), shownList().question,
    sayMentor(row.mentor_id), togetherOf(row.mentor_id), countReasons(),
  ];
  return guard(dependencies, () => drawCells(row, outcome, keyOfRefusal, isMoved));
}

function drawCells(row, outcome, keyOfRefusal, isMoved) {
  const { key, mentor_id: mentor, phase, start } = row; // a mentor has no start: their row is brief
  const place = placeOfOutcome(row, isMoved);
  const hasActions = canWrite() && canBeTicked(row, isMoved);
  const open = model.drafts.get(key)?.write;
  const isOpen = canWrite() && (isTyped(key) || (hasActions && fittingWrites([row], ROW_WRITES).includes(open)));
  const below = [isOpen ? drawForm(key) : nothing, // what has happened stands below it, so that no field moves
    place === "below" ? drawDone(outcome) : nothing, drawRefusal(keyOfRefusal)];
  const isGrown = below.some((part) => part !== nothing);
  return html`
    <tr role="row" class="${place === "in the row" ? "done" : phase} ${start ? "" : "brief"} ${isGrown ? "grown" : ""}"
      data-key=${key} tabindex="-1" aria-label=${sayMentor(mentor)}>
      <th role="rowheader" scope="row">
        ${hasActions ? drawBox([row], sayMentor(mentor)) : html`<span class="box"></span>`}
        ${drawMentor(mentor, link({ mentor }))}
      </th>
      ${place === "in the row" ? html`<td role="cell" class="outcome" colspan="4">${
        drawDone({ detail: drawReasonOf(row, outcome), ...outcome })}</td>` : drawStateAndDates(row)}
      <td role="cell" class="actions ${hasActions ? phase : ""}">
        ${hasActions ? drawActions(row) : nothing}</td>
      ${isGrown ? html`<td role="cell" class="below">${below}</td>` : nothing}
    </tr>`;
}

/** Draw the reason of a row, unless it is said already. */
function drawReasonOf({ reason }, { words }) {
  const said = sayReason(reason);
  return said && !words.includes(said) ? html`<small>${said}</small>` : nothing;
}

function drawStateAndDates(row) {
  const { words, phase, reason, start_date: ofPause, pause_start_date: coming, end_date: end, back } = row;
  const from = ofPause ?? coming;
  const isReturnAhead = ofPause && back && phase !== "ended";
  const none = coming ? "" : "–"; // of a coming pause the reason is not known: a list of mentors has it not
  return html`
    <td role="cell" class="state">${words}</td>
    <td role="cell" title=${sayReason(reason) ?? ""}><bdi>${sayReason(reason) ?? none}</bdi></td>
    <td role="cell" data-name="Away from">${drawDate(from, "–")}</td>
    <td role="cell" data-name="Back on">${drawDate(back, from ? "not known" : "–")}
      ${isReturnAhead ? html`<small title=${end ? "" : "The pause lasts until somebody ends it"}>${
        end ? "ends by itself" : "expected"}</small>` : nothing}</td>`;
}

const drawDate = (instant, none) => (instant
  ? html`${writeDay(instant)} <small>${writeTimeOfDay(instant)}</small>`
  : html`<span class="none">${none}</span>`);

/** Draw the writes that a row offers, with a button for each day that a pause may be moved to. */
function drawActions(row) {
  const fitting = fittingWrites([row], ROW_WRITES);
  return html`${fitting.map((name) => html`
    ${name === "postpone" ? offeredDays(row).map((day, index) => drawPostpone(row, day, index)) : nothing}
    ${drawWrite(row.key, name, [row], { whom: sayMentor(row.mentor_id), className: name })}`)}`;
}

function drawPostpone(row, day, index) {
  const [label, detail] = [["+1 week", "+2 weeks"][index], writeDay(day)];
  const act = () => write(row.key, "postpone", [row], { back: day }, { label });
  return drawButton(row.key, label, act, { detail, words: `${label} ${detail} ${sayMentor(row.mentor_id)}` });
}

/** Draw the button of a write: it writes at once, or opens its form at the key. `whom` goes to a screen reader. */
export function drawWrite(key, name, rows, { whom = "", className = "" } = {}) {
  const { label, fields } = WRITES[name];
  const open = () => {
    openForm(key, name, rows);
    draw();
    focusForm(key);
  };
  const act = fields ? open : () => write(key, name, rows);
  const detail = WRITES[name].sayDetail?.(rows) ?? "";
  return drawButton(key, label, act, { detail, words: [label, detail, whom].filter(Boolean).join(" "), className });
}

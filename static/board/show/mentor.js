// The panel of one mentor: how they are, their pauses, what can be done about them, and who did what when.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { dateOfInstant, dayNumber, now, startOf, writeDay, writeInstant } from "../read/days.js";
import { sayPurged } from "../read/history.js";
import { isPanelKey, mentorOf, panelKeyOf } from "../read/keys.js";
import { canWrite, draw, isTyped, model, togetherOf } from "../read/model.js";
import { nameOf } from "../read/names.js";
import { awaySince } from "../read/pauses.js";
import { sayReasonOrNone } from "../read/reasons.js";
import { isPanelRead } from "../read/refresh.js";
import { join, sayDates, sayPause, sayStatus } from "../read/words.js";
import { undoOfEntries } from "../write/undo.js";
import { fittingWrites } from "../write/writes.js";
import { drawerOfEntries } from "./entries.js";
import { drawForm, keysOutOfSight } from "./forms.js";
import { drawOutcome, drawUndo } from "./outcomes.js";
import { drawLinkOut } from "./person.js";
import { drawWrite } from "./rows.js";

const MOST_ENTRIES = 10; // of the history
const OF_MENTOR = ["bring_back", "pause", "pause_again"];
const OF_PAUSE = ["change", "call_off", "reopen", "delete_pause"];

export function titleOfMentor() {
  const { mentor: id } = model.view;
  return nameOf(id) ? html`<bdi>${nameOf(id)}</bdi> <small><bdi>${id}</bdi></small>` : html`<bdi>${id}</bdi>`;
}

/** Say how a mentor is at an instant, by all their pauses: `paused since Fri, May 1, back Fri, May 8, 2 pauses`. */
function sayMentorStatus(mentor, pauses, at) {
  const { mentor_id: id, status, pause_start_date: start, expected_return_date: back } = mentor;
  const isPaused = status === "paused";
  const since = isPaused && start && Math.min(awaySince(pauses), Date.parse(start));
  const isLate = isPaused && back && dayNumber(back) < dayNumber(at);
  return join(
    sayStatus(status) + (since ? ` since ${writeInstant(since)}` : ""),
    start && !isPaused && `paused from ${writeInstant(start)}`,
    back && `${isLate ? "was expected back" : "back"} ${writeInstant(back)}`,
    togetherOf(id) > 1 && `${togetherOf(id)} pauses`,
  );
}

export function drawMentorPanel() {
  const { mentor: id, at, isToday } = model.view;
  const { panel } = model;
  if (!isPanelRead()) return html`<p class="note">${model.trouble || "Loading…"}</p>`;
  if (panel.isUnknown) return html`
    <p role="alert">There is no mentor ${id}. Check the id for a typing mistake.</p>
    ${drawGone(id, [])}`;
  const { mentor, pauses } = panel;
  const isDeleted = mentor.phase === "deleted";
  const wholeHistory = link({ view: "changes", of: id, by: "", when: "", q: "" });
  const { data: entries, pagination, purged_before: purged } = panel.history;
  const isLast = pagination.next === null && entries.length <= MOST_ENTRIES;
  const notes = notesOf(entries);
  const deletion = entries.find(({ event }) => event === "deleted");
  const outcome = model.outcomes.get(panelKeyOf(mentor));
  const hasOwnUndo = outcome?.write && !outcome.isByOthers;
  const drawEntries = drawerOfEntries(entries);
  return html`
    ${isToday ? nothing : html`<p class="note">${writeDay(at)}. To change a pause, choose “Show today”.</p>`}
    <p class="state">${isDeleted ? "This mentor was deleted, with their pauses."
      : sayMentorStatus(mentor, pauses, at)}
      ${drawLinkOut(id)}</p>
    ${isDeleted && deletion && !hasOwnUndo && canWrite() ? drawUndo(undoOfEntries([deletion])) : nothing}
    ${drawWrites(mentor, OF_MENTOR, "primary")}
    ${drawGone(id, [mentor, ...pauses])}
    ${isDeleted ? nothing : html`
      ${isToday ? drawAvailableOn(pauses) : nothing}
      <h3>Pauses</h3>
      ${pauses.length ? nothing : html`<p class="note">None so far.</p>`}
      <ul class="pauses">${repeat(pauses, ({ key }) => key, (pause) => drawPause(pause, notes))}</ul>`}
    <h3>History</h3>
    ${entries.length ? nothing : html`<p class="note">No entries.</p>`}
    <ol class="history">${repeat(entries.slice(0, MOST_ENTRIES), ({ history_entry_id: id }) => id, (entry) => html`
      <li><time datetime=${entry.changed_at}>${writeInstant(entry.changed_at)}</time>
        ${drawEntries([entry])}</li>`)}</ol>
    ${isLast ? html`<p class="note">${sayPurged(purged)}</p>`
      : html`<p><a class="button" href=${wholeHistory}>The whole history</a></p>`}
    <div class="removal">${drawWrites(mentor, ["delete_mentor"], "delete_mentor")}</div>`;
}

/** Draw the question whether the mentor is available on a day, and the answer. */
function drawAvailableOn(pauses) {
  const ask = ({ target }) => {
    model.dayAsked = target.validity.valid ? target.value : "";
    draw();
  };
  return html`<div class="bar"><label>Available on <input type="date" min="1970-01-01" max="2199-12-31"
    value=${model.dayAsked} @input=${ask}></label> <output>${sayAvailableOn(model.dayAsked, pauses)}</output></div>`;
}

/** Say whether a mentor is available on a day, by all their pauses: `no, Illness, Fri, May 1 – not known`. */
function sayAvailableOn(day, pauses) {
  if (!day) return "?";
  const at = day === dateOfInstant(now()) ? now() : startOf(dayNumber(day));
  const isBackBefore = ({ phase, end, back }) =>
    end === Infinity && phase !== "overdue" && back && Date.parse(back) <= at;
  const away = pauses.filter(({ start, end }) => start <= at && at < end);
  const last = away.find((pause) => !isBackBefore(pause));
  if (last) return join("no", sayPause(last), last.phase === "overdue" && last.words);
  return away.length ? "yes, if back by then as expected" : "yes";
}

/** Draw what was typed into forms of the mentor that have no other place any more, and what came of it. */
function drawGone(id, rows) {
  const known = new Set(rows.map(panelKeyOf));
  const ofPanel = [...model.outcomes.keys(), ...[...model.drafts.keys()].filter(isTyped)].filter(isPanelKey);
  const keys = new Set([...ofPanel.filter((key) => !known.has(key)), ...keysOutOfSight()]);
  return [...keys].filter((key) => mentorOf(key) === id)
    .map((key) => html`${canWrite() && isTyped(key) ? drawForm(key) : nothing} ${drawOutcomeAt(key)}`);
}

const drawOutcomeAt = (key) => html`<div class="outcome" data-outcome=${key}>${drawOutcome(key)}</div>`;

/**
 * Draw the buttons of the writes that fit a row, the form of one of them, if it is open, and what came of the last one:
 * below the form, or else below the buttons that delete no mentor.
 */
function drawWrites(row, names, className = "") {
  const key = panelKeyOf(row);
  const fitting = canWrite() ? fittingWrites([row], names) : [];
  const open = model.drafts.get(key)?.write;
  const isFormHere = names.includes("delete_mentor") === (open === "delete_mentor"); // it has two places
  const isOpen = isFormHere && canWrite() && (isTyped(key) || fitting.includes(open));
  return html`
    <p class="buttons">${repeat(fitting, (name) => name, (name, index) => // keyed: none takes the place of another
      drawWrite(key, name, [row], { className: index ? name : className }))}</p>
    ${isOpen ? drawForm(key) : nothing}
    ${isFormHere ? drawOutcomeAt(key) : nothing}`;
}

/** Return the newest note about each pause, by its id. */
function notesOf(entries) {
  const noted = entries.filter(({ metadata }) => metadata?.notes).toReversed(); // the newest one comes last
  return new Map(noted.flatMap(({ pause_records: records, metadata }) =>
    records.map(({ pause_record_id: id }) => [id, metadata.notes])));
}

function drawPause(pause, notes) {
  const { key, reason, words, phase } = pause;
  return html`
    <li class=${phase} data-key=${key} tabindex="-1">
      <p><strong><bdi>${sayReasonOrNone(reason)}</bdi></strong> <span class="state">${words}</span></p>
      <p>${sayDates(pause)} ${notes.has(pause.pause_record_id) ? html`<q>${notes.get(pause.pause_record_id)}</q>`
        : nothing}</p>
      ${drawWrites(pause, OF_PAUSE)}
    </li>`;
}

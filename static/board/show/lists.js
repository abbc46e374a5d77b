// The views that are a table of rows: To do, who is available, Pauses, and what a search has found.

import { html, nothing } from "../lit-html/lit-html.js";
import { live } from "../lit-html/directives/live.js";
import { go, link, linkToView } from "../read/address.js";
import { dayNumber, startOf, writeDay, writeWholeDay } from "../read/days.js";
import { shownKeys } from "../read/list.js";
import { isAnswerMissing, model, shownName } from "../read/model.js";
import { hasNames, sayMentor } from "../read/names.js";
import { SOON, countMentors } from "../read/pauses.js";
import { sayReason, usedReasons } from "../read/reasons.js";
import { countOf, join, sayDay } from "../read/words.js";
import { drawBanner, drawDay } from "./head.js";
import { drawTable } from "./rows.js";
import { drawLayouts, drawTimeline, drawWindow, hasTimeline } from "./timeline.js";

const GROUPS = { // of pauses, by what the address calls them
  overdue: "overdue", due: "back within 7 days", undated: "no return date", scheduled: "leaving later",
  current: "paused",
};
const TITLES = Object.fromEntries(
  Object.entries(GROUPS).map(([show, words]) => [show, words[0].toUpperCase() + words.slice(1)]),
);

// By view: what stands `above` its table, or `instead` of it, what it says if `nobody` is there, and options of
// drawTable().
const VIEWS = { todo: toDo, available: whoIsAvailable, pauses: allPauses, found: whatWasFound };

export function drawList(list, view) {
  const { above = nothing, nobody, instead, ...table } = VIEWS[shownName()](list, view);
  return html`
    ${above}
    ${instead ?? drawTable(list, table)}
    ${shownKeys(list).length || isAnswerMissing() ? nothing : html`<p class="nothing">${nobody}</p>`}`;
}

/** To do: above it each count is a filter. (The blank is in the text of a link: between tags it is not read out.) */
function toDo(list, { show, at }) {
  const { counts } = list;
  const drawCount = ([name, words], href) => html`
    <a href=${href} class=${name || "todo"} aria-current=${show === name ? "true" : nothing}><data
      value=${counts[name]}>${counts[name].toLocaleString()}</data>${` ${words}`}</a>`;
  const above = html`
    <nav id="counts" aria-label="Counts">
      ${Object.entries({ "": "to do", ...GROUPS }).map((each) => drawCount(each, link({ show: each[0] })))}
      ${drawCount(["active", "available"], linkToView("available"))}
    </nav>`;
  const nobody = show ? `${TITLES[show]}: nobody.` : `Nothing to do. ${sayNext(list)}`;
  const due = `${TITLES.due} (by ${writeDay(startOf(dayNumber(at) + SOON))})`;
  return { above, titles: { ...TITLES, due }, caption: GROUPS[show] ?? "to do", nobody };
}

/** Say who is expected back next: `Next: Ada, back Thu, Dec 10.` */
function sayNext({ rowsRead }) {
  const waiting = rowsRead.filter(({ phase, back }) => phase === "current" && back);
  if (!waiting.length) return "";
  const { mentor_id: mentor, back } = waiting.reduce((one, other) => (other.urgency < one.urgency ? other : one));
  return `Next: ${sayMentor(mentor)}, back ${sayDay(back)}.`;
}

function whoIsAvailable({ counts }, view) {
  const title = `Available ${view.isToday ? "today" : `on ${writeWholeDay(view.at)}`}`;
  const above = html`<p class="bar">${drawDay(view)}</p>${view.isToday ? nothing : drawBanner(view)}`;
  return { above, titles: { available: title }, caption: title, nobody: `${title}: ${counts.available}` };
}

function allPauses(list, view) {
  const rows = shownKeys(list).map((key) => list.rows.get(key));
  const states = { "": "all states", ...GROUPS, ended: "ended" };
  const filters = join(view.show && states[view.show], view.reason && sayReason(view.reason));
  const counts = `${countOf(rows.length, "pause")} of ${countOf(countMentors(rows), "mentor")}${list.time}`;
  return {
    above: drawPauseFilters(view, states), sort: view.sort, caption: counts + (filters && ` (${filters})`),
    nobody: "No pause fits what is asked for.", instead: hasTimeline(view) ? drawTimeline(rows, view) : undefined,
  };
}

function drawPauseFilters(view, states) {
  const reasons = new Set(["", ...usedReasons(), view.reason]);
  const wordsOf = Object.fromEntries([...reasons].map((each) => [each, sayReason(each) ?? "all reasons"]));
  return html`
    <form id="filters" aria-label="Filters" @submit=${(event) => event.preventDefault()}>
      ${drawSelect("Show", "show", view, states)}
      ${drawSelect("Reason", "reason", view, wordsOf)}
      ${drawLayouts(view)}
      ${drawWindow(view)}
      ${view.show || view.reason ? html`<a href=${link({ show: "", reason: "" })}>Reset</a>` : nothing}
    </form>`;
}

/** Draw the choice of a value that stands in the address by a `name`; `wordsOf` has what each value is called. */
export const drawSelect = (label, name, view, wordsOf) => html`
  <label>${label} <select class=${view[name] && "set"} .value=${live(view[name])}
    @change=${({ target }) => go({ [name]: target.value })}>
    ${Object.entries(wordsOf).map(([value, words]) =>
      html`<option value=${value} ?selected=${value === view[name]}>${words}</option>`)}</select></label>`;

function whatWasFound({ q }) {
  const nobody = html`Nobody has “${q}” in the id${hasNames() ? " or the name" : ""}.
    ${hasNames() ? nothing : html`<a class="button" href=${link({ panel: "names" })}>Names…</a>`}
    ${model.mayWrite ? html`<a class="button" href=${link({ panel: "add" })}>Add mentors</a>` : nothing}`;
  return { titles: { found: `Found for “${q}”` }, caption: "Found", nobody };
}

// Pauses: the filters, the table, and the timeline.

import { html, nothing } from "../lit-html/lit-html.js";
import { live } from "../lit-html/directives/live.js";
import { go, link } from "../read/address.js";
import { shownKeys } from "../read/list.js";
import { isAnswerMissing } from "../read/model.js";
import { countMentors, writeDueDay } from "../read/pauses.js";
import { sayReason, usedReasons } from "../read/reasons.js";
import { countOf, join } from "../read/words.js";
import { drawTable } from "./rows.js";
import { drawTimeline, drawWindow } from "./timeline.js";

/** Return what the states are called, by what the address calls them. */
const statesOf = ({ at }) => ({
  "": "all states", current: "paused now", overdue: "overdue", due: `ends by ${writeDueDay(at)}`,
  undated: "no return date", scheduled: "coming", ended: "ended",
});

/** Draw the view. */
export function drawPauses(list, view) {
  const rows = shownKeys(list).map((key) => list.rows.get(key));
  const states = statesOf(view);
  const filters = join(view.show && states[view.show], view.reason && sayReason(view.reason));
  const counts = `${countOf(rows.length, "pause")} of ${countOf(countMentors(rows), "mentor")}${list.time}`;
  return html`
    <form id="filters" aria-label="Filters" @submit=${(event) => event.preventDefault()}>
      <label>Show <select class=${view.show && "set"} .value=${live(view.show)}
        @change=${({ target }) => go({ show: target.value })}>
        ${Object.entries(states).map(([show, words]) => drawOption(show, words, view.show))}</select></label>
      <label>Reason <select class=${view.reason && "set"} .value=${live(view.reason)}
        @change=${({ target }) => go({ reason: target.value })}>
        ${drawOption("", "all reasons", view.reason)}
        ${reasonsOffered(view).map(([reason, words]) => drawOption(reason, words, view.reason))}</select></label>
      ${drawWindow(view)}
      ${view.show || view.reason ? html`<a href=${link({ show: "", reason: "" })}>Reset</a>` : nothing}
    </form>
    ${drawTable(list, { sort: view.sort, caption: counts + (filters && ` (${filters})`) })}
    ${rows.length || isAnswerMissing() ? nothing : html`<p class="nothing">No pause fits what is asked for.</p>`}
    ${view.span === "all" ? nothing : drawTimeline(rows, view)}`;
}

const drawOption = (value, words, chosen) =>
  html`<option value=${value} ?selected=${value === chosen}>${words}</option>`;

/** Return the reasons that can be chosen, with their words: those in use, and that of the address. */
function reasonsOffered({ reason }) {
  const offered = new Set(reason ? [...usedReasons(), reason] : usedReasons());
  return [...offered].map((each) => [each, sayReason(each)]);
}

// To do: who is overdue, back within these 7 days, or paused without a return date. Above it each count is a filter.

import { html, nothing } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { isAnswerMissing } from "../read/model.js";
import { writeDueDay } from "../read/pauses.js";
import { drawTable } from "./rows.js";

/** Return what each count is called, by what the address calls it. */
const filtersOf = ({ at }) => ({
  "": "to do", overdue: "overdue", due: `back by ${writeDueDay(at)}`, undated: "no return date", scheduled: "coming",
  current: "paused", active: "active",
});

/** Return the titles of the sections. */
const titlesOf = (view) => Object.fromEntries(
  Object.entries(filtersOf(view)).map(([show, words]) => [show, words[0].toUpperCase() + words.slice(1)]),
);

/** Draw the view. (The blank is in the text of a link: one between two tags would not be read out.) */
export const drawHome = (list, view) => html`
  <nav id="counts" aria-label="Counts">
    ${Object.entries(filtersOf(view)).map(([show, words]) => html`
      <a href=${link({ show })} class=${show || "todo"} aria-current=${view.show === show ? "true" : nothing}><data
        value=${list.counts[show]}>${list.counts[show].toLocaleString()}</data>${` ${words}`}</a>`)}
  </nav>
  ${drawTable(list, { titles: titlesOf(view), caption: filtersOf(view)[view.show] })}
  ${isAnswerMissing() || list.shown.some(({ keys }) => keys.length) ? nothing : drawNothing(view)}`;

function drawNothing(view) {
  const due = writeDueDay(view.at);
  return html`<p class="nothing">${view.show ? `${titlesOf(view)[view.show]}: nobody.`
    : `Nothing to do: nobody is overdue, expected back by ${due}, or paused without a return date.`}</p>`;
}

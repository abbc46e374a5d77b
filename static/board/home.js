// To do: who is overdue, back within 7 days, or paused without a return date. Above it each count is a filter.

import { html, nothing } from "./lit-html/lit-html.js";
import { link } from "./address.js";
import { isShownListOld } from "./model.js";
import { drawTable } from "./rows.js";

const FILTERS = { // by what the address calls them
  "": "to do", overdue: "overdue", due: "back within 7 days", undated: "no return date", scheduled: "coming",
  current: "paused", active: "active",
};
const TITLES = {
  overdue: "Overdue", due: "Back within 7 days", undated: "No return date", scheduled: "Coming pauses",
  current: "Paused now", active: "Active mentors",
};

/** Draw the view. (The name of a link would lack a blank that stands between two tags alone.) */
export const drawHome = (list, view, limit) => html`
  <nav id="counts" aria-label="Counts">
    ${Object.entries(FILTERS).map(([show, words]) => html`
      <a href=${link({ show })} class=${show || "todo"} aria-current=${view.show === show ? "true" : nothing}><data
        value=${list.counts[show]}>${list.counts[show].toLocaleString()}</data>${` ${words}`}</a>`)}
  </nav>
  ${drawTable(list, { titles: TITLES, caption: FILTERS[view.show], limit })}
  ${isShownListOld() || list.shown.some(({ keys }) => keys.length) ? nothing : drawNothing(view)}`;

const drawNothing = ({ show }) => html`<p class="nothing">${show ? `${TITLES[show]}: nobody.`
  : "Nothing to do: nobody is overdue, expected back within 7 days, or paused without a return date."}</p>`;

// The head of every view: its title, the search, the panels, the views, and the day that they are of. It stands in
// board.html, so that it is there before the scripts; here is what of it changes.

import { html, nothing, render } from "../lit-html/lit-html.js";
import { live } from "../lit-html/directives/live.js";
import { go, link, linkToView } from "../read/address.js";
import { dateOfInstant, now, writeWholeDay } from "../read/days.js";
import { mentorOf } from "../read/keys.js";
import { shownKeys } from "../read/list.js";
import { isAnswerMissing, model, shownList, shownName } from "../read/model.js";
import { hasNames } from "../read/names.js";
import { refresh } from "../read/refresh.js";
import { search } from "../read/search.js";

const heading = document.querySelector("h1");
const views = [...document.querySelectorAll("#views a")];
const field = document.querySelector("[name=q]");
const more = document.querySelector("#more");

for (const view of views) view.addEventListener("click", leaveSearch);
field.addEventListener("input", () => search(field.value));
field.form.addEventListener("submit", openOnly);
if (field.value) search(field.value); // it was typed before the scripts were there

export const titleNow = () =>
  (model.view.q ? "Search" : views.find(({ dataset }) => dataset.view === model.view.view).textContent);

export function drawHead() {
  const { view } = model;
  if (heading.textContent !== titleNow()) heading.textContent = titleNow();
  for (const each of views) {
    each.href = linkToView(each.dataset.view);
    each.ariaCurrent = each.dataset.view === view.view && !view.q ? "page" : null;
  }
  field.placeholder = hasNames() ? "Name or id" : "Part of an id";
  if (field.value !== view.typed) field.value = view.typed;
  render(html`
        <nav aria-label="Pages">
          ${model.writes.length ? html`<a class="button own" href=${link({ panel: "undo" })}>Your changes (${
            model.writes.filter(({ entries }) => entries.length).length})</a>` : nothing}
          <a class="button" href=${link({ panel: "tables" })}>Download or upload</a>
          ${model.mayWrite ? html`<a class="button" href=${link({ panel: "add" })}>Add mentors</a>` : nothing}
        </nav>
        <p class="tools">
          <a href=${link({ panel: "names" })}>Names…</a>
          ${shownName() === "available" ? nothing : drawDay(view)}
        </p>`, more);
}

/** End a search of names. (It is not in the address, so a link to the present view would not end it.) */
function leaveSearch() {
  if (hasNames() && model.view.q) search("");
}

/** Open the mentor, if the search has found exactly one. */
async function openOnly(event) {
  event.preventDefault();
  if (isAnswerMissing()) await refresh();
  if (isAnswerMissing()) return; // something else is asked for by now
  const mentors = new Set(shownKeys(shownList()).map(mentorOf));
  if (model.view.q && mentors.size === 1) go({ mentor: [...mentors][0] });
}

/** Draw the choice of another day, if the view has one; the field is empty today. */
export const drawDay = ({ hasDay, isToday, at }) => (hasDay ? html`
  <label class="day">Show another day <input type="date" min="1970-01-01" max="2199-12-31"
    .value=${live(isToday ? "" : dateOfInstant(at))} @change=${chooseDay} @keyup=${chooseDay}></label>` : nothing);

function chooseDay({ target }) {
  if (!target.validity.valid) return; // half of a date. (That its last part was deleted, the key alone tells.)
  const isAhead = target.value > dateOfInstant(now());
  const day = target.value === dateOfInstant(now()) ? "" : target.value;
  if (day !== model.view.as_of) more.hidePopover(); // it would lie over the answer
  go({ as_of: day, expected: isAhead ? "true" : "" });
}

const OVERDUE_ARE_BACK = "Who is overdue counts as back, too: the forecast has both numbers.";

/** Draw what is different about another day: all of the page is of that day then. */
export const drawBanner = ({ at, expected }) => html`
  <section id="banner" aria-label="Another day"><strong>${writeWholeDay(at)}</strong>
    <label class="check"><input type="checkbox" .checked=${live(Boolean(expected))}
      @change=${({ target }) => go({ expected: target.checked ? "true" : "" })}> if all come back when expected</label>
    <span>${expected ? OVERDUE_ARE_BACK : ""} To change a pause, choose “Show today”.</span>
    <a class="button" href=${link({ as_of: "", expected: "" })}>Show today</a></section>`;

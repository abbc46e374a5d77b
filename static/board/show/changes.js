// What changed: the history of everybody, or of one mentor, by day.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { go, link } from "../read/address.js";
import { DAY, formatter, isDate, writeDay, writeTime, zone } from "../read/days.js";
import { sayPurged } from "../read/history.js";
import { isAnswerMissing, model } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { showMore } from "../read/refresh.js";
import { drawingOf } from "./entries.js";
import { drawChoice } from "./lists.js";
import { drawMentor } from "./person.js";

const WHOLE_DATE = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Draw the view. The id of a section is its day, as text. */
export function drawChanges(list, view) {
  const drawEntry = drawingOf([...list.rows.values()]);
  return html`
    <div class="changes">
      ${drawFilters(view)}
      <p class="paper">Changes by ${view.by || "everybody"}${view.of && ` to ${sayMentor(view.of)}`}</p>
      ${repeat(list.shown, ({ id }) => id, ({ id, keys }) => html`
        <section><h2>${WHOLE_DATE.format(Number(id) * DAY)}</h2>
          <ol>${repeat(keys, (key) => key, (key) => drawRow(list.rows.get(key), drawEntry))}</ol></section>`)}
      ${list.shown.length || isAnswerMissing() ? nothing : html`<p class="nothing">No changes</p>`}
      ${list.isLast ? nothing : html`<p><button type="button" @click=${showMore}>Show more</button></p>`}
      <p class="note">${list.isLast ? sayPurged(list.purged) : ""} Times are those of ${zone}. A pause that begins or
        ends by its dates alone is not among the changes: nobody wrote anything then.</p>
    </div>`;
}

/** Draw the choice of whose changes are shown, and of when; about which mentor, the panel of the mentor asks. */
function drawFilters(view) {
  const { by, of, when } = view;
  const writers = [...new Set([...model.writers, by])].filter(Boolean).sort();
  const times = { "": "any time", today: "today", week: "this week", last_week: "last week" };
  if (isDate(when)) times[when] = writeDay(when);
  return html`
    <form id="filters" aria-label="Filters" @submit=${(event) => event.preventDefault()}>
      ${drawChoice("By", "by", view, { "": "everybody", ...Object.fromEntries(writers.map((name) => [name, name])) })}
      ${drawChoice("When", "when", view, times)}
      <label>or on a day <input type="date" min="1970-01-01" max="2199-12-31" .value=${isDate(when) ? when : ""}
        @change=${({ target }) => target.validity.valid && go({ when: target.value })}></label>
      ${of ? html`<span>Only changes to ${sayMentor(of)}</span>` : nothing}
      ${by || of || when ? html`<a href=${link({ by: "", of: "", when: "" })}>Reset</a>` : nothing}
    </form>`;
}

const drawRow = (entry, drawEntry) => html`
  <li data-key=${entry.key} tabindex="-1">
    <time datetime=${entry.changed_at}>${writeTime(entry.changed_at)}</time>
    ${drawMentor(entry.mentor_id, link({ mentor: entry.mentor_id }))}
    ${drawEntry(entry)}
  </li>`;

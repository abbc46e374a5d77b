// What changed: the history of everybody, or of one mentor, by day.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { go, link } from "../read/address.js";
import { DAY, formatter, isDate, writeDay, writeTime, zone } from "../read/days.js";
import { sayAction, sayPurged } from "../read/history.js";
import { shownKeys } from "../read/list.js";
import { draw, isAnswerMissing, model } from "../read/model.js";
import { nameOf, sayMentor } from "../read/names.js";
import { countMentors } from "../read/pauses.js";
import { showMore } from "../read/refresh.js";
import { drawerOfEntries } from "./entries.js";
import { drawSelect } from "./lists.js";
import { drawMentor } from "./person.js";

const WHOLE_DATE = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Draw the view. The id of a section is its day, as text. */
export function drawChanges(list, view) {
  const drawEntries = drawerOfEntries([...list.rows.values()]);
  const oldest = shownKeys(list).at(-1); // the action of this entry goes on below, if there is more
  const isCut = (entries) => !list.isLast && entries.length > 1 && entries.at(-1).key === oldest;
  return html`
    <div class="changes">
      ${drawChangeFilters(view)}
      <p class="paper">Changes by ${view.by || "everybody"}${view.of && ` to ${sayMentor(view.of)}`}</p>
      ${repeat(list.shown, ({ id }) => id, ({ id, keys }) => html`
        <section><h2>${WHOLE_DATE.format(Number(id) * DAY)}</h2>
          <ol>${repeat(actionsOf(keys.map((key) => list.rows.get(key))), ([{ key }]) => key,
            (entries) => drawAction(entries, drawEntries, isCut(entries)))}</ol></section>`)}
      ${list.shown.length || isAnswerMissing() ? nothing : html`<p class="nothing">${
        view.when === "seen" ? "Nobody has changed anything since you last looked." : "No changes"}</p>`}
      ${list.isLast ? nothing : html`<p><button type="button" @click=${showMore}>Show more</button></p>`}
      <p class="note">${list.isLast ? sayPurged(list.purged) : ""} Times are those of ${zone}. A pause that begins or
        ends by its dates alone is not among the changes: nobody wrote anything then.</p>
    </div>`;
}

/** Draw the choice of whose changes are shown, and of when; about which mentor, the panel of the mentor asks. */
function drawChangeFilters(view) {
  const { by, of, when } = view;
  const writers = [...new Set([...model.writers, by])].filter(Boolean).sort();
  const times = {
    "": "any time", seen: "since I last looked", today: "today", week: "this week", last_week: "last week",
  };
  if (isDate(when)) times[when] = writeDay(when);
  return html`
    <form id="filters" aria-label="Filters" @submit=${(event) => event.preventDefault()}>
      ${drawSelect("By", "by", view, { "": "everybody", ...Object.fromEntries(writers.map((name) => [name, name])) })}
      ${drawSelect("When", "when", view, times)}
      <label>or on a day <input type="date" min="1970-01-01" max="2199-12-31" .value=${isDate(when) ? when : ""}
        @change=${({ target }) => target.validity.valid && go({ when: target.value })}></label>
      ${of ? html`<span>Only changes to ${sayMentor(of)}</span>` : nothing}
      ${by || of || when ? html`<a href=${link({ by: "", of: "", when: "" })}>Reset</a>` : nothing}
    </form>`;
}

/**
 * Return entries by action: those that say the same of several mentors, by one writer at one instant, with the same
 * note.
 */
function actionsOf(entries) {
  const actionOf = ({ key, changed_at: at, changed_by: by, metadata, ...entry }) =>
    (by ? JSON.stringify([at, by, metadata?.notes, sayAction([entry])]) : key);
  return [...Map.groupBy(entries, actionOf).values()]
    .flatMap((together) => (countMentors(together) > 1 ? [together] : together.map((entry) => [entry])));
}

function drawAction(entries, drawEntries, isCut = false) {
  const [{ key, changed_at: at, mentor_id: mentor }, ...others] = entries;
  const isUnfolded = model.unfolded.has(key);
  const unfold = () => {
    model.unfolded[isUnfolded ? "delete" : "add"](key);
    draw();
  };
  return html`
    <li data-key=${others.length ? `${key} and others` : key} tabindex="-1">
      <time datetime=${at}>${writeTime(at)}</time>
      ${others.length ? html`<button type="button" class="whom" aria-expanded=${isUnfolded ? "true" : "false"}
          @click=${unfold}>${nameOf(mentor) ?? mentor} and ${isCut ? "at least " : ""}${
            countMentors(entries) - 1} more</button>`
        : drawMentor(mentor, link({ mentor }))}
      ${drawEntries(entries, isCut)}
      ${others.length && isUnfolded
        ? html`<ol>${repeat(entries, (each) => each.key, (each) => drawAction([each], drawEntries))}</ol>` : nothing}
    </li>`;
}

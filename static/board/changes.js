// What changed: the history of everybody, or of one mentor, by day; above it what begins, began and ended this week.

import { html, nothing } from "./lit-html/lit-html.js";
import { guard } from "./lit-html/directives/guard.js";
import { repeat } from "./lit-html/directives/repeat.js";
import { go, link } from "./address.js";
import { DAY, dayNumber, formatter, writeDay, writeTime, zone } from "./days.js";
import { sayEntry, sayPurged, sayUndid } from "./history.js";
import { isShownListOld } from "./model.js";
import { sayMentor } from "./names.js";
import { drawMentor } from "./person.js";
import { showMore } from "./refresh.js";
import { sayPause } from "./words.js";

const WHOLE_DATE = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const WEEK = { // sections of the weekly mail
  beginning: "Begin in the 7 days from today", begun: "Began in the 7 days before today",
  ended: "Ended in the 7 days before today",
};

/** Draw the view. */
export const drawChanges = (list, view) => html`
  <div class="changes">
    ${drawFilters(view)}
    ${list.week ? drawWeek(list.week) : nothing}
    ${isNothingThen(list, view) ? html`<p class="note">On ${writeDay(view.until)} nothing was changed.</p>` : nothing}
    ${repeat(list.shown, ({ id }) => id, ({ id, keys }) => html`
      <section><h2>${WHOLE_DATE.format(id * DAY)}</h2>
        <ol>${repeat(keys, (key) => key, (key) => drawRow(list.rows.get(key), list))}</ol></section>`)}
    ${list.shown.length || isShownListOld() ? nothing : html`<p class="nothing">Nothing was changed.</p>`}
    ${list.isLast ? nothing : html`<p><button type="button" @click=${showMore}>Show more</button></p>`}
    <p class="note">${list.isLast ? sayPurged(list.purged) : ""} Times are those of ${zone}. A pause that begins or ends
      by its dates alone is not among the changes: nobody wrote anything then.</p>
  </div>`;

/** Say whether nothing was changed on the day that somebody has jumped to. */
const isNothingThen = ({ shown: [newest] }, { until }) => until && newest && newest.id !== String(dayNumber(until));

/** Draw by whom and of whom the changes are, and the choice of a day to begin with. */
function drawFilters({ by, of, until }) {
  const whose = [of && `to ${sayMentor(of)}`, by && `by ${by}`].filter(Boolean).join(" ");
  return html`
    <p class="bar">
      <span>${whose ? `Only changes ${whose}` : "Changes by everybody"}</span>
      ${whose ? html`<a class="button" href=${link({ by: "", of: "" })}>Show all</a>` : nothing}
      <label>Show changes until the end of <input type="date" min="1970-01-01" max="2199-12-31" .value=${until}
        @change=${({ target }) => target.validity.valid && go({ until: target.value })}></label>
      ${until ? html`<a class="button" href=${link({ until: "" })}>Show the newest</a>` : nothing}
    </p>`;
}

const drawWeek = ({ purged_before: purged, ...week }) => html`
  <details class="week" open>
    <summary><h2>This week</h2></summary>
    ${Object.entries(WEEK).map(([name, title]) => drawSection(title, week[name]))}
    <p class="note">${purged ? `Pauses that ended before ${writeDay(purged)} were deleted.` : ""}</p>
  </details>`;

const drawSection = (title, { total, data }) => html`
  <section>
    <h3>${title}: ${total.toLocaleString()}${total > data.length ? ` (the first ${data.length})` : ""}</h3>
    <ul>${data.map((pause) => html`
      <li>${drawMentor(pause.mentor_id, link({ mentor: pause.mentor_id }))} <span>${sayPause(pause)}</span></li>`)}</ul>
  </section>`;

const drawRow = (entry, list) =>
  guard([entry, list.question, sayMentor(entry.mentor_id)], () => drawEntry(entry, list.rows.get(entry.undoes)));

/** Draw an entry; that of an undo has a link to the entry that it has undone, if that is shown, too. */
function drawEntry(entry, undone) {
  const { key, mentor_id: mentor, changed_at: at, changed_by: by, metadata } = entry;
  const undid = sayUndid(entry, undone);
  return html`
    <li id="entry-${key}" data-key=${key} tabindex="-1">
      <time datetime=${at}>${writeTime(at)}</time>
      ${drawMentor(mentor, link({ mentor }))}
      <span>
        ${by ? html`<a href=${link({ by })} title="Only changes by ${by}"><bdi>${by}</bdi></a>` : "Somebody"}
        ${undone ? html`<a href="" @click=${(event) => goTo(event, undone)}>${undid}</a>` : undid}
        ${sayEntry(entry)} ${metadata?.notes ? html`<q>${metadata.notes}</q>` : nothing}
      </span>
    </li>`;
}

/** Go to an entry of the list. (The address says what is shown, and no place in it.) */
function goTo(event, { key }) {
  event.preventDefault();
  document.getElementById(`entry-${key}`)?.focus();
}

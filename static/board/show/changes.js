// What changed: the history of everybody, or of one mentor, by day; above it what begins, began and ended this week.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { go, link } from "../read/address.js";
import { DAY, dayNumber, formatter, now, startOf, writeDay, writeTime, zone } from "../read/days.js";
import { sayPurged } from "../read/history.js";
import { isAnswerMissing } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { SOON } from "../read/pauses.js";
import { showMore } from "../read/refresh.js";
import { sayPause } from "../read/words.js";
import { drawingOf } from "./entries.js";
import { drawMentor } from "./person.js";

const DAYS = SOON + 1; // of the weekly mail
const WHOLE_DATE = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const WEEK = { // by section of the weekly mail: what it is called, and its first day, counted from today
  beginning: ["Begin today or later", 0], begun: ["Began", -DAYS], ended: ["Ended", -DAYS],
};

/** Draw the view. The id of a section is its day, as text. */
export function drawChanges(list, view) {
  const drawEntry = drawingOf(list.entries);
  return html`
    <div class="changes">
      ${drawFilters(view)}
      ${list.week ? drawWeek(list.week) : nothing}
      ${repeat(list.shown, ({ id }) => id, ({ id, keys }, index) => html`
        ${isAnswerMissing() ? nothing : drawGap(list, index, view)}
        <section><h2>${WHOLE_DATE.format(Number(id) * DAY)}</h2>
          <ol>${repeat(keys, (key) => key, (key) => drawRow(list.rows.get(key), drawEntry))}</ol></section>`)}
      ${list.shown.length || isAnswerMissing() ? nothing : html`<p class="nothing">${sayNone(view)}.</p>`}
      ${list.isLast ? nothing : html`<p><button type="button" @click=${showMore}>Show more</button></p>`}
      <p class="note">${list.isLast ? sayPurged(list.purged) : ""} Times are those of ${zone}. A pause that begins or
        ends by its dates alone is not among the changes: nobody wrote anything then.</p>
    </div>`;
}

/** Draw a note on the days without changes above a section. */
function drawGap({ shown, newest }, index, view) {
  const today = dayNumber(now());
  const isNewestShown = shown[0].id === newest[0]?.id; // else a newer day waits to be shown
  if (index === 0 && !isNewestShown) return nothing;
  const first = Number(shown[index].id) + 1;
  const last = index ? Number(shown[index - 1].id) - 1 : Math.min(dayNumber(view.until || now()), today);
  if (first > last) return nothing;
  const days = [...new Set([first, last].map((each) => writeDay(startOf(each))))].join(" – ");
  return html`<p class="note">${sayNone(view)}: ${days}.</p>`;
}

/** Say whose changes are shown, if not those of everybody: `to mentor-042 by bob`. */
const sayWhose = ({ by, of }) => [of && `to ${sayMentor(of)}`, by && `by ${by}`].filter(Boolean).join(" ");

const sayNone = (view) => `No changes ${sayWhose(view)}`.trim();

/** Draw by whom and of whom the changes are, and the choice of a day to begin with. */
function drawFilters(view) {
  const { until } = view;
  const whose = sayWhose(view);
  return html`
    <p class="bar">
      <span>${whose ? `Only changes ${whose}` : "Changes by everybody"}</span>
      ${whose ? html`<a class="button" href=${link({ by: "", of: "" })}>Show all</a>` : nothing}
      <label>Show changes until the end of <input type="date" min="1970-01-01" max="2199-12-31" .value=${until}
        @change=${({ target }) => target.validity.valid && go({ until: target.value })}></label>
      ${until ? html`<a class="button" href=${link({ until: "" })}>Show the newest</a>` : nothing}
    </p>`;
}

const drawWeek = ({ as_of, purged_before: purged, ...week }) => html`
  <details class="week">
    <summary><h2>The last and the next 7 days</h2></summary>
    ${Object.entries(WEEK).map(([name, [title, first]]) => drawSection(title, dayNumber(as_of) + first, week[name]))}
    ${purged ? html`<p class="note">Pauses that ended before ${writeDay(purged)} were deleted.</p>` : nothing}
  </details>`;

function drawSection(title, first, { total, data }) {
  const [from, to] = [first, first + DAYS - 1].map((day) => writeDay(startOf(day)));
  const shown = total > data.length ? ` (the first ${data.length})` : "";
  return html`
    <section>
      <h3>${title}, ${from} – ${to}: ${total.toLocaleString()}${shown}</h3>
      <ul>${data.map(({ mentor_id: mentor, ...pause }) => html`
        <li>${drawMentor(mentor, link({ mentor }))} <span>${sayPause(pause)}</span></li>`)}</ul>
    </section>`;
}

const drawRow = (entry, drawEntry) => html`
  <li data-key=${entry.key} tabindex="-1">
    <time datetime=${entry.changed_at}>${writeTime(entry.changed_at)}</time>
    ${drawMentor(entry.mentor_id, link({ mentor: entry.mentor_id }))}
    ${drawEntry(entry)}
  </li>`;

// What changed: the history of everybody, or of one mentor, by day.

import { html, nothing } from "../lit-html/lit-html.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { go, link } from "../read/address.js";
import { DAY, formatter, writeTime, zone } from "../read/days.js";
import { sayPurged } from "../read/history.js";
import { isAnswerMissing } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { showMore } from "../read/refresh.js";
import { drawingOf } from "./entries.js";
import { drawMentor } from "./person.js";

const WHOLE_DATE = formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Draw the view. The id of a section is its day, as text. */
export function drawChanges(list, view) {
  const drawEntry = drawingOf([...list.rows.values()]);
  return html`
    <div class="changes">
      ${drawFilters(view)}
      ${repeat(list.shown, ({ id }) => id, ({ id, keys }) => html`
        <section><h2>${WHOLE_DATE.format(Number(id) * DAY)}</h2>
          <ol>${repeat(keys, (key) => key, (key) => drawRow(list.rows.get(key), drawEntry))}</ol></section>`)}
      ${list.shown.length || isAnswerMissing() ? nothing : html`<p class="nothing">No changes ${sayWhose(view)}</p>`}
      ${list.isLast ? nothing : html`<p><button type="button" @click=${showMore}>Show more</button></p>`}
      <p class="note">${list.isLast ? sayPurged(list.purged) : ""} Times are those of ${zone}. A pause that begins or
        ends by its dates alone is not among the changes: nobody wrote anything then.</p>
    </div>`;
}

/** Say whose changes are shown, if not those of everybody: `to mentor-042 by bob`. */
const sayWhose = ({ by, of }) => [of && `to ${sayMentor(of)}`, by && `by ${by}`].filter(Boolean).join(" ");

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

const drawRow = (entry, drawEntry) => html`
  <li data-key=${entry.key} tabindex="-1">
    <time datetime=${entry.changed_at}>${writeTime(entry.changed_at)}</time>
    ${drawMentor(entry.mentor_id, link({ mentor: entry.mentor_id }))}
    ${drawEntry(entry)}
  </li>`;

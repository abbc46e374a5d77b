// The trend: how many mentors were paused, week by week, and how many can be matched from now on.

import { html, nothing, svg } from "./lit-html/lit-html.js";
import { now, writeDay } from "./days.js";
import { properties } from "./properties.js";
import { drawNow, drawTicks } from "./scale.js";

const COLUMNS = ["Week from", "Paused", "Can be matched", "If the overdue stay away", "Begun", "Ended", "Late"];

/** Draw the view: a sentence, the picture, and the table. */
export function drawTrend({ periods, paused, active }) {
  const all = paused + active;
  const weeks = periods.map((week) => ({
    ...week, start: Date.parse(week.from), day: writeDay(week.from),
    matchable: all - week.paused, least: all - week.paused - week.overdue,
  }));
  const past = weeks.filter(({ start }) => start <= now());
  const ahead = weeks.slice(past.length);
  const present = { start: now(), day: "Now", paused, matchable: active, least: active };
  const lowest = [present, ...ahead].reduce((one, other) => (other.least < one.least ? other : one));
  const sentence = `${active.toLocaleString()} of ${all.toLocaleString()} mentors can be matched today`
    + (lowest === present ? ", and no fewer in the weeks ahead."
      : `; at the lowest ${lowest.least.toLocaleString()}, in the week of ${lowest.day}.`);
  return html`
    <div class="trend">
      <figure>
        <figcaption>${sentence}</figcaption>
        <p class="legend" aria-hidden="true">
          <span><i class="key past"></i> until today: paused</span>
          <span><i class="key ahead"></i> from today: can be matched, as expected</span>
          <span><i class="key stay"></i> can be matched, if the overdue stay away</span>
          <span><i class="key present"></i> today</span>
        </p>
        ${drawPicture(sentence, weeks, past, [present, ...ahead], Math.max(all, 1))}
        <p class="note">As expected: each open pause ends on its return date. A mentor who is overdue is counted as
          back, one who has no return date as paused. Mentors who were deleted are not counted; the number of mentors is
          that of today.</p>
      </figure>
      <details>
        <summary>The same as a table</summary>
        <p class="note">“Paused” and “Can be matched” count mentors as the week begins; “Begun”, “Ended” and “Late”
          count pauses in the week. How many could be matched in the past is not known: nobody deleted counts.</p>
        <table>
          <thead><tr>
            ${COLUMNS.map((words) => html`<th scope="col">${words}</th>`)}
          </tr></thead>
          <tbody>
            ${past.map((week) => drawWeek(week, "past"))}
            ${[present, ...ahead].map((week) => drawWeek(week, week === present ? "now" : "ahead"))}
          </tbody>
        </table>
      </details>
    </div>`;
}

function drawPicture(words, weeks, past, fromNow, top) {
  const [from, to] = [weeks[0].start, weeks.at(-1).start];
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => 100 - (100 * count) / top;
  const drawLine = (name, part, count) => svg`<polyline class=${name}
    points=${part.map((week) => `${x(week.start)},${y(week[count])}`).join(" ")}></polyline>`;
  return html`
    <div class="picture" role="img" aria-label=${words}>
      <div class="lines">
        ${[0, top].map((count) => html`
          <span class="level" ${properties({ "--at": y(count) })}><b>${count.toLocaleString()}</b></span>`)}
        ${drawTicks({ span: "year", start: from, end: to }, x)}${drawNow(now(), x)}
      </div>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        ${drawLine("past", [...past, fromNow[0]], "paused")}${drawLine("stay", fromNow, "least")}
        ${drawLine("ahead", fromNow, "matchable")}
      </svg>
    </div>`;
}

const drawWeek = ({ day, paused, matchable, least, begun, ended, late }, kind) => html`
  <tr class=${kind} aria-current=${kind === "now" ? "date" : nothing}>
    <th scope="row">${day} ${kind === "ahead" ? html`<small>expected</small>` : nothing}</th>
    <td>${paused}</td>
    <td>${kind === "past" ? "" : matchable}</td>
    <td>${kind === "past" ? "" : least}</td>
    <td>${begun}</td><td>${ended}</td><td>${late}</td>
  </tr>`;

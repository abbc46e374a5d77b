// The trend: how many mentors are paused, week by week, and so how many can be matched.

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
    most: week.paused + week.overdue, // if the overdue stay away
  }));
  const past = weeks.filter(({ start }) => start <= now());
  const ahead = weeks.slice(past.length);
  const present = { start: now(), day: "Now", paused, most: paused };
  const lowest = [present, ...ahead].reduce((one, other) => (other.most > one.most ? other : one));
  const [can, least] = [active, all - lowest.most].map((count) => count.toLocaleString());
  const sentence = `${can} of ${all.toLocaleString()} mentors can be matched today`
    + (lowest === present ? `, and at no time fewer until ${weeks.at(-1).day}, even if the overdue stay away.`
      : `; if the overdue stay away, ${least} at the lowest, in the week of ${lowest.day}.`);
  return html`
    <div class="trend">
      <figure>
        <figcaption>${sentence}</figcaption>
        <p class="legend" aria-hidden="true">
          <span><i class="key past"></i> paused</span>
          <span><i class="key ahead"></i> paused, as expected</span>
          <span><i class="key stay"></i> paused, if the overdue stay away</span>
          <span><i class="key matchable"></i> can be matched</span>
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
            ${past.map((week) => drawWeek(week, all, "past"))}
            ${[present, ...ahead].map((week) => drawWeek(week, all, week === present ? "now" : "ahead"))}
          </tbody>
        </table>
      </details>
    </div>`;
}

function drawPicture(words, weeks, past, fromNow, top) {
  const [from, to] = [weeks[0].start, weeks.at(-1).start];
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => 100 - (100 * count) / top;
  const toPoints = (part, count) => part.map((week) => `${x(week.start)},${y(week[count])}`).join(" ");
  const drawLine = (name, part, count) =>
    svg`<polyline class=${name} points=${toPoints(part, count)}></polyline>`;
  const corners = `${x(weeks.at(-1).start)},0 ${x(fromNow[0].start)},0`;
  return html`
    <div class="picture" role="img" aria-label=${words}>
      <div class="lines">
        ${[0, top].map((count) => html`
          <span class="level" ${properties({ "--at": y(count) })}><b>${count.toLocaleString()}</b></span>`)}
        ${drawTicks({ span: "year", start: from, end: to }, x)}${drawNow(now(), x)}
      </div>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        <polygon class="matchable" points="${toPoints(fromNow, "most")} ${corners}"></polygon>
        ${drawLine("past", [...past, fromNow[0]], "paused")}${drawLine("stay", fromNow, "most")}
        ${drawLine("ahead", fromNow, "paused")}
      </svg>
    </div>`;
}

const drawWeek = ({ day, paused, most, begun, ended, late }, all, kind) => html`
  <tr class=${kind} aria-current=${kind === "now" ? "date" : nothing}>
    <th scope="row">${day} ${kind === "ahead" ? html`<small>expected</small>` : nothing}</th>
    <td>${paused}</td>
    <td>${kind === "past" ? "" : all - paused}</td>
    <td>${kind === "past" ? "" : all - most}</td>
    <td>${begun}</td><td>${ended}</td><td>${late}</td>
  </tr>`;

// The forecast: how many mentors are available, on each day from today on.

import { html, nothing, svg } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { DAY, dateOfInstant, dayNumber, formatter, mondayOf, now, writeDay } from "../read/days.js";
import { countOf } from "../read/words.js";
import { drawTicks, properties } from "./timeline.js";

const MONTH = formatter({ month: "long" });
const LIST = new Intl.ListFormat("en");

/** Draw the view: a sentence, a line of how many are available, whose lowest point is named, and a table of weeks. */
export function drawForecast({ days, paused, active }) {
  const all = paused + active;
  const ahead = days.map((period) => ({
    start: Date.parse(period.from), day: dayNumber(period.from),
    expected: all - period.paused, least: all - period.paused - period.overdue, // the overdue stay away
  }));
  const points = [{ start: now(), least: active }, ...ahead];
  const [sentenceNow, sentenceAhead] = sayForecast(points, all);
  const [bottom, top] = axisOf(points.map(({ least }) => least), all);
  return html`
    <div class="forecast">
      <figure>
        <figcaption>${sentenceNow} <span>${sentenceAhead}</span></figcaption>
        <p class="note">Until ${writeDay(ahead.at(-1).start)}, if the overdue stay away and all others come back on
          their day. ${bottom ? `The bottom of the picture is ${bottom.toLocaleString()}, not 0.` : ""}</p>
        ${drawPicture(`${sentenceNow} ${sentenceAhead}`, points, bottom, top)}
      </figure>
      ${drawWeeks(ahead)}
      <p class="note">By the pauses known now, and the number of mentors today. A mentor without a
        return date counts as away.</p>
    </div>`;
}

/** Say how many mentors are available today, and then, in a sentence that follows, the fewest in each month. */
function sayForecast(points, all) {
  const months = [...Map.groupBy(points, ({ start }) => MONTH.format(dayNumber(start) * DAY))];
  const fewest = lowest(points, "least");
  const sayMonth = ([month, days]) => `${lowest(days, "least").least.toLocaleString()} in ${month}${
    days.includes(fewest) ? ` (${fewest === points[0] ? "today" : `on ${writeDay(fewest.start)}`})` : ""}`;
  return [
    `Available today: ${points[0].least.toLocaleString()} of ${countOf(all, "mentor")}.`,
    `The fewest in each month: ${LIST.format(months.map(sayMonth))}.`,
  ];
}

/** Return the first of the days that have the lowest count. */
const lowest = (days, count) => days.reduce((one, other) => (other[count] < one[count] ? other : one));

/** Return the ends of the axis: near the lowest and the highest count, so that small changes are seen. */
function axisOf(counts, all) {
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  const margin = Math.max(Math.ceil((high - low) / 4), 1);
  return [Math.max(low - margin, 0), Math.max(Math.min(high + margin, all), 1)];
}

function drawPicture(words, points, bottom, top) {
  const [from, to] = [points[0].start, points.at(-1).start];
  const low = lowest(points, "least");
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => (100 * (top - count)) / (top - bottom);
  return html`
    <div class="picture" role="img" aria-label=${words}>
      <div class="lines">
        ${[bottom, top].map((count) => html`
          <span class="level" ${properties({ "--at": y(count) })}><b>${count.toLocaleString()}</b></span>`)}
        ${drawTicks({ span: "quarter", start: from, end: to }, x)}
        <span class="low" ${properties({ "--from": x(low.start), "--at": y(low.least) })}><b>${
          low.least.toLocaleString()} ${low === points[0] ? "today" : `on ${writeDay(low.start)}`}</b></span>
      </div>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        ${svg`<polyline points=${points.map(({ start, least }) => `${x(start)},${y(least)}`).join(" ")}></polyline>`}
      </svg>
    </div>`;
}

/** Draw the fewest of each week; the day on which they are leads to who they are. If nobody is overdue: once. */
function drawWeeks(ahead) {
  const weeks = [...Map.groupBy(ahead, ({ day }) => mondayOf(day)).values()];
  const hasOverdue = ahead.some(({ least, expected }) => least !== expected);
  const columns = hasOverdue ? ["If the overdue stay away", "If the overdue come back, too"] : ["Available"];
  return html`
    <table>
      <caption>The fewest in each week</caption>
      <thead><tr>${["Week from", ...columns].map((words) => html`<th scope="col">${words}</th>`)}</tr></thead>
      <tbody>${weeks.map((days) => {
        const { start, expected } = lowest(days, "expected");
        const whoIsThere = link({ view: "available", as_of: dateOfInstant(start), expected: "true" });
        return html`
          <tr><th scope="row">${writeDay(days[0].start)}</th>
            ${hasOverdue ? html`<td>${lowest(days, "least").least.toLocaleString()}</td>` : nothing}
            <td><a href=${whoIsThere}>${expected.toLocaleString()} on ${writeDay(start)}</a></td></tr>`;
      })}</tbody>
    </table>`;
}

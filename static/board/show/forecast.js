// The forecast: how many mentors are paused, and so how many can be matched: weeks of the past, days ahead.

import { html, svg } from "../lit-html/lit-html.js";
import { DAY, dayNumber, formatter, mondayOf, now, writeDay } from "../read/days.js";
import { countOf } from "../read/words.js";
import { properties } from "./properties.js";
import { drawNow, drawTicks } from "./scale.js";

const MONTH = formatter({ month: "long" });
const LIST = new Intl.ListFormat("en");

const NOTE = "“Paused” counts mentors as the week begins; “Begun”, “Ended” and “Late” count pauses in the week. "
  + "How many mentors could be matched then is not known, since deleted mentors are not counted.";

/** Draw the view: a sentence, the picture, and a table each of what is ahead and of the past. */
export function drawForecast({ weeks, days, paused, active }) {
  const all = paused + active;
  const toPoint = (period) => ({
    ...period, start: Date.parse(period.from), day: dayNumber(period.from),
    pausedAtWorst: period.paused + period.overdue, // if the overdue stay away
  });
  const [past, ahead] = [weeks.map(toPoint), days.map(toPoint)];
  const present = { start: now(), paused, pausedAtWorst: paused };
  const fewest = (week, count) => all - highest(week, count)[count];
  const [sentenceNow, sentenceAhead] = sayForecast(active, all, ahead);
  return html`
    <div class="forecast">
      <figure>
        <figcaption>${sentenceNow} <span>${sentenceAhead}</span></figcaption>
        <p class="legend" aria-hidden="true">
          <span><i class="key past"></i> paused</span>
          <span><i class="key ahead"></i> paused, as expected</span>
          <span><i class="key stay"></i> paused, if the overdue stay away</span>
          <span><i class="key matchable"></i> can be matched</span>
          <span><i class="key present"></i> today</span>
        </p>
        ${drawPicture(`${sentenceNow} ${sentenceAhead}`, past, [present, ...ahead], Math.max(all, 1))}
        <p class="note">By the pauses known now. “As expected” (dashed): each open pause ends on its return date, a
          mentor who is overdue counts as back, and one without a return date as paused. Mentors who were deleted are
          not counted; the number of mentors is that of today.</p>
      </figure>
      ${drawWeeks("The weeks ahead", ["Week from", "The fewest, as expected", "If the overdue stay away"],
        [...Map.groupBy(ahead, ({ day }) => mondayOf(day)).values()].map((week) =>
          [writeDay(week[0].from), fewest(week, "paused"), fewest(week, "pausedAtWorst")]))}
      ${drawWeeks("The weeks behind", ["Week from", "Paused", "Begun", "Ended", "Late"],
        past.toReversed().map(({ from, paused: count, begun, ended, late }) =>
          [writeDay(from), count, begun, ended, late]), NOTE)}
    </div>`;
}

/** Say how many mentors can be matched today, and then, in sentences that follow, how many in each month ahead. */
function sayForecast(active, all, ahead) {
  if (!all) return ["There are no mentors yet.", ""];
  const fewest = (days) => (all - highest(days, "pausedAtWorst").pausedAtWorst).toLocaleString();
  const months = Map.groupBy(ahead, ({ day }) => MONTH.format(day * DAY));
  const least = [...months].map(([month, days]) => `${fewest(days)} or more in ${month}`);
  const lowest = `${fewest(ahead)}, on ${writeDay(highest(ahead, "pausedAtWorst").from)}`;
  return [
    `${active.toLocaleString()} of ${countOf(all, "mentor")} can be matched today.`,
    `If the overdue stay away and all others come back on their day, it will be ${LIST.format(least)}. `
      + `The fewest from tomorrow on: ${lowest}.`,
  ];
}

/** Return the first of the points that have the highest count. */
const highest = (points, count) => points.reduce((one, other) => (other[count] > one[count] ? other : one));

function drawPicture(words, past, fromNow, top) {
  const [from, to] = [past[0].start, fromNow.at(-1).start];
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => 100 - (100 * count) / top;
  const toPoints = (part, count) => part.map((point) => `${x(point.start)},${y(point[count])}`).join(" ");
  const drawLine = (name, part, count) =>
    svg`<polyline class=${name} points=${toPoints(part, count)}></polyline>`;
  const corners = `${x(to)},0 ${x(fromNow[0].start)},0`;
  return html`
    <div class="picture" role="img" aria-label=${words}>
      <div class="lines">
        ${[0, top].map((count) => html`
          <span class="level" ${properties({ "--at": y(count) })}><b>${count.toLocaleString()}</b></span>`)}
        ${drawTicks({ span: "year", start: from, end: to }, x)}${drawNow(now(), x)}
      </div>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        <polygon class="matchable" points="${toPoints(fromNow, "pausedAtWorst")} ${corners}"></polygon>
        ${drawLine("past", [...past, fromNow[0]], "paused")}${drawLine("stay", fromNow, "pausedAtWorst")}
        ${drawLine("ahead", fromNow, "paused")}
      </svg>
    </div>`;
}

/** Draw a folded table of weeks. */
const drawWeeks = (title, columns, weeks, note = "") => html`
  <details>
    <summary>${title}</summary>
    <table>
      <thead><tr>${columns.map((words) => html`<th scope="col">${words}</th>`)}</tr></thead>
      <tbody>${weeks.map(([week, ...counts]) => html`
        <tr><th scope="row">${week}</th>${counts.map((count) => html`<td>${count.toLocaleString()}</td>`)}</tr>`)}
      </tbody>
    </table>
    <p class="note">${note}</p>
  </details>`;

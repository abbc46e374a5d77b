// The pictures: what the forecast says, and where the bars of the timeline stand. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { test } from "node:test";
import { viewNow } from "../../static/board/read/address.js";
import { model } from "../../static/board/read/model.js";
import { rowOfPause } from "../../static/board/read/pauses.js";
import { drawForecast } from "../../static/board/show/forecast.js";
import { drawTimeline, hasTimeline } from "../../static/board/show/timeline.js";
import { NOW, cases, day, markupOf, recordOf, textsOf } from "./page.mjs";

/** Return the forecast by `[[days, paused, overdue besides], …]` from tomorrow on, and by the counts of now. */
function forecastOf(counts, now) {
  const all = counts.flatMap(([days, paused, overdue]) => Array(days).fill({ paused, overdue }));
  return drawForecast({ days: all.map((each, index) => ({ ...each, from: `${day(index + 1)}T00:00:00Z` })), ...now });
}
// To the end of March; until 9 April; that day and the next one, which are as bad; to the end of April; 1 May.
const AHEAD = [[5, 1, 3], [8, 1, 3], [1, 1, 5], [1, 3, 3], [20, 2, 3], [1, 2, 2]];
const FORECAST = forecastOf(AHEAD, { paused: 4, active: 6 });

test("The forecast says how many are available, the fewest of each month, and when they are fewest", () => {
  assert.deepEqual(textsOf(FORECAST, "figcaption"), ["Available today: 6 of 10 mentors. "
    + "The fewest in each month: 6 in March, 4 in April (on Thu, Apr 9), and 6 in May."]);
  assert.match(textsOf(FORECAST, "note")[0], /^Until Fri, May 1, if .* The bottom of the picture is 3, not 0.$/);
});

test("Its table has the fewest of each week, whose day leads to who they are", () => {
  const rows = textsOf(FORECAST, "tr").slice(1).join("; ");
  assert.equal(rows, "Fri, Mar 27 6 9 on Fri, Mar 27; Mon, Mar 30 6 9 on Mon, Mar 30; Mon, Apr 6 4 7 on Fri, Apr 10; "
    + "Mon, Apr 13 5 8 on Mon, Apr 13; Mon, Apr 20 5 8 on Mon, Apr 20; Mon, Apr 27 5 8 on Mon, Apr 27");
  assert.match(markupOf(FORECAST), /href=#view=available&as_of=2026-04-10&expected=true>7 on Fri, Apr 10</);
});

test("Its line goes from now to the last day, and its lowest point has its count and its day", () => {
  const points = markupOf(FORECAST).match(/ points=([^>]*)>/)[1].split(" ").map((pair) => pair.split(",").map(Number));
  assert.deepEqual([points[0], points.at(-1)], [[0, 25], [100, 25]]); // 6 of 3 to 7
  assert.deepEqual(points[14], points.toSorted(([, one], [, other]) => other - one)[0]);
  assert.equal(Math.round(points[14][0]), Math.round(100 * (14 - 8.5 / 24) / (36 - 8.5 / 24)));
  assert.deepEqual(textsOf(FORECAST, "low"), ["4 on Thu, Apr 9"]);
});

cases("Its axis begins near the lowest count, and ends near the highest", [
  [[[[5, 1, 3], [1, 3, 3]], { paused: 4, active: 6 }], ["3", "7"]],
  [[[[5, 0, 0]], { paused: 0, active: 1 }], ["0", "1"]],
  [[[[5, 1, 0]], { paused: 1, active: 0 }], ["0", "1"]],
  [[[[5, 13, 0], [5, 0, 0]], { paused: 13, active: 130 }], ["126", "143"]], // no more than there are
  [[[[5, 0, 0]], { paused: 0, active: 1200 }], ["1,199", "1,200"]],
], ([counts, now]) => textsOf(forecastOf(counts, now), "level"));

test("If nobody is overdue, each week has one count; the fewest may be those of today", () => {
  const forecast = forecastOf([[3, 0, 0]], { paused: 0, active: 1 });
  assert.match(textsOf(forecast, "figcaption")[0], /today: 1 of 1 mentor\. .*: 1 in March \(today\)\.$/);
  assert.deepEqual(textsOf(forecast, "tr"), ["Week fromAvailable", "Fri, Mar 27 1 on Fri, Mar 27"]);
  assert.deepEqual(textsOf(forecast, "low"), ["1 today"]);
  assert.doesNotMatch(textsOf(forecast, "note")[0], /bottom/); // it is 0
});

/** Return the bars of a timeline of March, by lanes: from which day to which, the return, the label. */
function barsOf(texts) {
  location.hash = "view=pauses&span=month&from=2026-03&layout=timeline";
  model.rowsDrawn = 30;
  const drawn = drawTimeline(texts.map((text) => rowOfPause(recordOf(text), { at: Date.parse(NOW) })), viewNow());
  return markupOf(drawn).split('<div class="lane">').slice(1).map((lane) =>
    [...lane.matchAll(/class=pause (.*?) aria-hidden.*?--from=(\S+) --to=(\S+) .*?--back=([^>]*).*?auto">(.*?)</gs)]
      .map(([, classes, from, to, back, label]) => {
        const [first, last, expected] = [from, to, back].map((percent) => Math.round(3.1 * percent + 10) / 10);
        return `${classes}, ${first} to ${last}${back ? ` (${expected})` : ""}: ${label}`;
      }).join("; "));
}

cases("A pause is a bar to its end, or else to the return that is expected, and at least to the present", [
  ["-20 expected -5 because illness", "overdue open, 6 to 26.4 (21): Illness"],
  ["-23 expected 4 because illness", "current open, 3 to 30 (30): Illness"],
  ["-24", "undated open, 2 to 26.4: no reason, no return date"],
  ["-20 ends 2 expected -1", "current label-before, 6 to 28: no reason"],
  ["3 ends 4", "scheduled label-before, 29 to 30: no reason"],
  ["-25 ends -21", "ended, 1 to 5: no reason"],
  ["-60 ends -25", "ended, -34 to 1: ← Sun, Mar 1, no reason"], // before the window
  ["10 expected 12", "scheduled open label-before, 36 to 38 (38): no reason, Sun, Apr 5 →"],
].map(([text, bar]) => [text, [bar]]), (text) => barsOf([text]));

cases("Bars that overlap stand below each other, those that do not in one lane", [
  [["-9", "-4", "-1 ends 2"], 3], [["-9 ends -5", "-5 ends -2", "-3"], 2], [["-3", "-9 ends -3"], 1],
], (texts) => barsOf(texts).length);

test("A label stands before a bar only if no other bar of the lane is there", () => {
  assert.deepEqual(barsOf(["-9 ends -5", "-2 ends 2"]),
    ["ended label-before, 17 to 21: no reason; current, 24 to 28: no reason"]);
});

cases("There is a timeline of all times but of all dates", [
  [{ layout: "timeline", span: "year" }, true], [{ layout: "timeline", span: "all" }, false],
  [{ layout: "", span: "year" }, false],
], hasTimeline);

cases("The scale has the weeks of a month, or the months", [
  ["span=month", [3, 5, "Mar 2", "Mar 9", "Mar 16", "Mar 23", "Mar 30"]],
  ["span=quarter", [0, 16, "Feb", "Mar", "Apr"]],
  ["span=year&from=2026-09",
    [0, 12, "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"]],
], (hash) => {
  location.hash = `view=pauses&layout=timeline&${hash}`;
  const drawn = drawTimeline([], viewNow());
  const [first, texts] = [markupOf(drawn).match(/tick" --from=([\d.]+)/)[1], textsOf(drawn, "tick")];
  return [Math.round(first), texts.length, ...texts.filter(Boolean)]; // a week of a quarter has no label
});

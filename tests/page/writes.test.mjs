// The writes that the page offers: whom they fit, which fields they send, and what is said of them. Today is 26 March.

import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "../../static/board/read/days.js";
import { model } from "../../static/board/read/model.js";
import { countTogether, rowOfMentor, rowOfPause } from "../../static/board/read/pauses.js";
import { noteReason } from "../../static/board/read/reasons.js";
import {
  WRITES, fittingWrites, offeredDays, otherFormOf, sayIntent, sayWrite, valuesOf,
} from "../../static/board/write/writes.js";
import { HARD_DAYS, cases, day, recordOf, setTime } from "./page.mjs";

for (const reason of ["illness", "exam period"]) noteReason(reason); // they are in use
const ACTIVE = rowOfMentor({ mentor_id: "ada", status: "active" }, { at: now() });
const PAUSED = rowOfMentor({ mentor_id: "ada", status: "paused" }, { at: now() });

/** Return a row by the text of a pause, or as it is; the list that is shown has counted the pauses of each mentor. */
const rowOf = (row) => (typeof row === "string" ? rowOfPause(recordOf(row), { at: now() }) : row);

/** Return the rows of some pauses, which are all that there are. */
function rowsOf(texts) {
  const rows = texts.map(rowOf);
  model.view = { view: "pauses" };
  model.lists = { pauses: { together: countTogether(rows) } };
  return rows;
}

const OF_PAUSE_IN_FORCE = ["bring_back", "postpone", "change", "week_later", "delete_pause"];
cases("A row is offered what fits its state", [
  [["-9 expected -2"], OF_PAUSE_IN_FORCE], [["-9 expected 2"], OF_PAUSE_IN_FORCE], [["-9"], OF_PAUSE_IN_FORCE],
  [["3 ends 9"], ["postpone", "change", "week_later", "call_off", "delete_pause"]],
  [["-9 ends -5"], ["change", "reopen", "delete_pause"]], [["3 ends 3"], ["reopen", "delete_pause"]],
  [[ACTIVE], ["pause", "delete_mentor"]], [[PAUSED], ["bring_back", "pause_again", "delete_mentor"]],
  [["-9", "3 ends 9"], ["postpone", "change", "week_later", "delete_pause"]], // what fits all
  [["-9", ACTIVE], []], [[], []],
], (rows) => fittingWrites(rows.map(rowOf)));

// What is written, of which row, what was typed; the fields that are sent, and what is said of it.
const SENT = [
  ["bring_back", "-20 expected -5", {}, { status: "active" }, "back today"],
  ["postpone", "-20 expected -5", { back: day(14) }, { expected_return_date: day(14) }, "expected back Thu, Apr 9"],
  ["postpone", "-20 ends 2", { back: day(9) }, { end_date: day(9) }, "back Sat, Apr 4"], // a fixed end stays one
  ["postpone", "-20", { back: day(0) }, { expected_return_date: day(0) }, "expected back today"],
  ["postpone", "-20", { back: day(-3) }, { end_date: day(-3) }, "back since Mon, Mar 23"],
  ["postpone", "-20 expected -5", { back: "" }, { expected_return_date: null }, "no return date"],
  ["postpone", "-20 ends 5", { back: "" }, { end_date: null, expected_return_date: null }, "no return date"],
  ["postpone", "-20 ends 5", { notes: "called" }, { end_date: recordOf("5").start_date }, "note “called”"],
  ["postpone", "-20 expected -5", { notes: "called" }, { expected_return_date: recordOf("-5").start_date },
    "note “called”"],
  ["postpone", "-20", {}, { expected_return_date: null },
    "back on which day?"],
  ["pause", ACTIVE, { start: day(0), back: day(9), reason: " Illness " },
    { status: "paused", pause_start_date: day(0), expected_return_date: day(9), pause_reason: "illness" },
    "paused from today, back Sat, Apr 4, Illness"],
  ["pause", ACTIVE, { start: day(1), back: "", reason: undefined },
    { status: "paused", pause_start_date: day(1), expected_return_date: null, pause_reason: null },
    "paused from tomorrow"],
  ["pause_again", PAUSED, { start: day(1), back: "", reason: "Sick_leave" },
    { mentor_id: "ada", start_date: day(1), expected_return_date: null, reason: "Sick_leave" },
    "paused from tomorrow, Sick leave"],
  ["change", "-5 expected 5 because illness", { start: day(-4), back: day(9), reason: "Exam" },
    { start_date: day(-4), expected_return_date: day(9), reason: "Exam" },
    "from Sun, Mar 22 instead of Sat, Mar 21; back Sat, Apr 4 instead of Tue, Mar 31; reason Exam instead of Illness"],
  ["change", "-5 because exam_period", { start: day(-5), back: "", reason: "exam_period" },
    { start_date: day(-5), expected_return_date: null, reason: "exam_period" }, "no change"],
  ["change", "-5 expected 5", { start: day(-5), back: "", reason: "", notes: "called" },
    { start_date: day(-5), expected_return_date: null, reason: null }, "back not known instead of Tue, Mar 31, note “called”"],
  ["change", "-20 expected -9T15:00", { start: day(-20), back: day(-9), reason: null }, // the day that it has
    { start_date: day(-20), expected_return_date: recordOf("-9T15:00").start_date, reason: null }, "no change"],
  ["change", "-20 expected -9", { start: day(-20), back: day(-2), reason: null },
    { start_date: day(-20), end_date: day(-2), reason: null },
    "back Tue, Mar 24 instead of Tue, Mar 17; the pause ends"],
  ["change", "-20 ends 9", { start: day(-20), back: day(-2), reason: null },
    { start_date: day(-20), end_date: day(-2), reason: null },
    "back Tue, Mar 24 instead of Sat, Apr 4; the pause ends"],
  ["change", "-20 expected -9", { start: day(-20), back: day(-20), reason: null },
    { start_date: day(-20), end_date: day(-20), reason: null },
    "back Fri, Mar 6 instead of Tue, Mar 17; the pause is called off"],
  ["change", "-20 ends 9", { start: day(-20), back: day(5), reason: null },
    { start_date: day(-20), end_date: day(5), reason: null }, "back Tue, Mar 31 instead of Sat, Apr 4"],
  ["change", "-30 ends -20", { start: day(-31), back: day(-15), reason: null },
    { start_date: day(-31), end_date: day(-15), reason: null },
    "from Mon, Feb 23 instead of Tue, Feb 24; back Wed, Mar 11 instead of Fri, Mar 6"], // it has ended before
  ["change", "-5 because illness", { start: day(-5), back: "", reason: "Illness", notes: "called" },
    { start_date: day(-5), expected_return_date: null, reason: "illness" }, "note “called”"],
  ["change", "-5", { start: "", back: "", reason: "" }, { start_date: "", expected_return_date: null, reason: null },
    "from which day?"],
  ["week_later", "-20 expected -5", {}, { expected_return_date: day(7) }, "expected back Thu, Apr 2"],
  ["week_later", "3 ends 9", {}, { end_date: day(16) }, "back Sat, Apr 11"],
  ["call_off", "3 ends 9", {}, { is_active: false }, "called off"],
  ["reopen", "-20 ends -5", {}, { is_active: true }, "reopened"],
  ["delete_pause", "-20", {}, undefined, "pause deleted"],
  ["delete_mentor", ACTIVE, {}, undefined, "mentor deleted"],
];

for (const [name, given, values, fields, words] of SENT) {
  const typed = Object.entries(values).map((value) => value.join(" ")).join(", ");
  test(`${name} of ${given.phase ?? given} (${typed}): ${words}`, () => {
    const [row] = rowsOf([given]);
    assert.deepEqual([WRITES[name].body?.(row, values), sayWrite(name, [row], values)], [fields, words]);
  });
}

test("A write changes the mentor, or the pause, unless it adds or deletes", () => {
  const sentBy = (name) => `${WRITES[name].method ?? "PUT"} ${WRITES[name].list}`;
  assert.deepEqual({ ...Object.groupBy(Object.keys(WRITES), sentBy) }, {
    "PUT mentor-statuses": ["bring_back", "pause"],
    "PUT pause-records": ["postpone", "change", "week_later", "call_off", "reopen"],
    "POST pause-records": ["pause_again"],
    "DELETE pause-records": ["delete_pause"],
    "DELETE mentor-statuses": ["delete_mentor"],
  });
});

cases("Of a mentor in several pauses it is said, and of several mentors what is so of all", [
  [["bring_back", ["-20", "-3"], 1], "back today, 2 pauses ended"],
  [["bring_back", ["-20", "-3 of ben"], 2], "back today"],
  [["bring_back", ["-20", "-3", "-3 of ben"], 3], "back today"],
  [["postpone", ["-20", "-3"], 1], "this pause: no return date"],
  [["postpone", ["-20", "-3", "-3 of ben"], 3], "no return date"],
  [["week_later", ["-20 expected -5", "-3 of ben"], 2], "expected back Thu, Apr 2"],
  [["week_later", ["-20 expected -5", "3 ends 9 of ben"], 2], "each back a week later"],
], ([name, texts, count]) => sayWrite(name, rowsOf(texts).slice(0, count), { back: "" }));

cases("A button says how many pauses it ends, and to which days it moves a return", [
  [["bring_back", ["-20", "-3"], 1], "ends 2 pauses"], [["bring_back", ["-20"], 1], ""],
  [["bring_back", ["-20", "-3", "-3 of ben"], 3], ""],
  [["week_later", ["-20 expected -5", "-3 of ben"], 2], "Thu, Apr 2"],
  [["week_later", ["-20 expected 9", "-3 of ben"], 2], "Thu, Apr 2 – Sat, Apr 11"],
], ([name, texts, count]) => WRITES[name].sayDetail(rowsOf(texts).slice(0, count)));

cases("What is about to be done is said of one mentor, or of how many", [
  [["bring_back", ["-20"]], "bring ada back"], [["postpone", ["-20", "-3 of ben"]], "move the return of 2 mentors"],
  [["change", ["-20"]], "change ada's pause"],
], ([name, texts]) => sayIntent(name, rowsOf(texts)));

const OFFERED = [
  ["-20 expected -5", [7, 14]], ["-20 expected 0", [7, 14]], ["-20 expected 2", [9, 16]], ["-20 ends 2", [9, 16]],
  ["-20", [7, 14]], ["3", [10, 17]], ["3 ends 9", [16, 23]],
];
cases("A week later is a week after the return, the start of what is to come, or today if that has passed", OFFERED,
  (text) => offeredDays(rowOf(text)).map((date) => (Date.parse(date) - Date.parse(day(0))) / 86_400_000));

for (const [name, [instant, zone]] of Object.entries(HARD_DAYS)) {
  test(`A week later is such a day at ${name}`, () => {
    setTime(instant, zone);
    const offered = OFFERED.map(([text]) => offeredDays(rowOf(text)));
    const expected = OFFERED.map(([, offsets]) => offsets.map(day));
    setTime();
    assert.deepEqual(offered, expected);
  });
}

test("A return at a time of the day is moved to the same time", () => {
  assert.deepEqual(offeredDays(rowOf("-3 expected 2T15:30")), [`${day(9)}T15:30:00`, `${day(16)}T15:30:00`]);
});

const [START, BACK] = ["2026-03-21T00:00:00Z", "2026-03-31T00:00:00Z"];
cases("A form begins with what the pause has, or with a pause from today without a return", [
  [["change", "-5 expected 5 because exam", {}], { start: START, back: BACK, reason: "exam" }],
  [["change", "-5 expected 5", { back: "" }], { start: START, back: "", reason: null }],
  [["change", "-5", {}], { start: START, back: "", reason: null }],
  [["pause", ACTIVE, {}], { start: day(0), back: "", reason: undefined }],
  [["pause", ACTIVE, { start: day(3) }], { start: day(3), back: "", reason: undefined }],
], ([name, row, typed]) => valuesOf(name, ["start", "back", "reason"], rowOf(row), typed));

test("A form of the return alone waits until one is chosen", () => {
  const values = valuesOf("postpone", ["back", "notes"], rowOf("-5 expected 5"), {});
  assert.deepEqual(values, { back: undefined, notes: undefined });
});

cases("What was typed for a pause goes on in it, in one that has begun, or as a new pause, if it fits there", [
  [{ "ada 1": "-9 ends -2" }, "change: ada 1"], [{ "ada 2": "-4", "ada 1": "-9" }, "change: ada 1"],
  [{ "ada 1": "3 ends 3", "ada 2": "-4" }, "change: ada 2"],
  [{ "ada ": PAUSED, "ada 2": "-4" }, "change: ada 2"], [{ "ada ": ACTIVE }, "pause: ada "],
  [{ "ada ": PAUSED, "ada 2": "3 ends 9" }, undefined], [{ "ben 2": "-4 of ben" }, undefined],
], (rows) => {
  const read = Object.entries(rows).map(([key, row]) => [key, { ...rowOf(row), key }]);
  const form = otherFormOf({ mentor_id: "ada", key: "ada 1" }, new Map(read));
  return form && `${form.write}: ${form.row.key}`;
});

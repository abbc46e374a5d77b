// What the dates of a pause mean, and the words in which the page says it. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, now } from "../../static/board/read/days.js";
import {
  awaySince, countMentors, countTogether, outlasts, rowOfMentor, rowOfPause,
} from "../../static/board/read/pauses.js";
import { compareReasons, noteReason, reasonOf, sayReason } from "../../static/board/read/reasons.js";
import {
  countOf, sayDay, sayPause, sayPauseChanges, sayPlan, sayRefused,
} from "../../static/board/read/words.js";
import { HARD_DAYS, cases, day, recordOf, setTime } from "./page.mjs";

const rowOf = (text, view) => rowOfPause(recordOf(text), { at: now(), ...view });
const sayRow = ({ phase, words, isDue }) => `${phase}: ${words}${isDue ? " (within 7 days)" : ""}`;

const PHASES = [
  ["-20 expected -5", "overdue: 5 days overdue"],
  ["-20 expected -1", "overdue: 1 day overdue"],
  ["-3 expected 0", "current: due today (within 7 days)"], // a return date is the first day back
  ["-3 expected 1", "current: due tomorrow (within 7 days)"],
  ["-3 expected 6", "current: due in 6 days (within 7 days)"],
  ["-3 ends 6", "current: due in 6 days (within 7 days)"],
  ["-3 expected 7", "current: due in 7 days"],
  ["-9 ends 8 expected -3", "current: due in 8 days"],
  ["0", "undated: away since today"],
  ["-1", "undated: away 1 day"],
  ["-13", "undated: away 13 days"],
  ["-14", "undated: away 2 weeks"],
  ["-30", "undated: away 4 weeks"],
  ["1", "scheduled: begins tomorrow"],
  ["3 ends 30", "scheduled: begins in 3 days"],
  ["-25 ends -21", "ended: ended"],
  ["-3 ends 0", "ended: ended"],
  ["3 ends 3", "cancelled: called off"],
];

cases("A pause is said by its dates", PHASES, (text) => sayRow(rowOf(text)));

for (const [name, [instant, zone]] of Object.entries(HARD_DAYS)) {
  test(`The same is said at ${name}`, () => {
    setTime(instant, zone);
    const said = PHASES.map(([text]) => [text, sayRow(rowOf(text))]);
    setTime();
    assert.deepEqual(said, PHASES);
  });
}

cases("Of another day it is said that the mentor is away then", [
  [["-20 expected -5", 10], "overdue: away, 15 days overdue"],
  [["-20 expected 4", 10], "overdue: away, 6 days overdue"],
  [["3 ends 30", 10], "current: away, due in 20 days"],
  [["-30 ends -5", -10], "current: away, due in 5 days (within 7 days)"],
  [["-20", 10], "undated: away 4 weeks"],
  [["3 ends 30", 1], "scheduled: begins in 2 days"],
], ([text, offset]) => sayRow(rowOf(text, { at: Date.parse(day(offset)), as_of: day(offset) })));

cases("If all come back when expected, a pause has ended on its return date", [
  ["-20 expected -5", "ended: ended"], ["-20 expected 4", "current: due in 4 days (within 7 days)"],
  ["-20", "undated: away 2 weeks"],
], (text) => sayRow(rowOf(text, { expected: "true" })));

cases("A mentor is away since the start of the first of the pauses that follow each other without a break", [
  [["-9"], -9], [["-9", "-4"], -9], [["-9 ends -4", "-4"], -9], [["-9 ends -5", "-4"], -4],
  [["-9 ends -4T15:00", "-4"], -4], // it had ended before
  [["-9 ends 3", "-4"], -9], [["-9 ends -6", "-6 ends -4", "-4"], -9],
], (texts) => {
  const since = awaySince(texts.map((text) => rowOf(text)));
  return (since - Date.parse("2026-03-26")) / DAY;
});

cases("Another pause keeps the mentor away when one that is due has ended", [
  ["-9 expected 5", true], ["-9 ends 30", true], ["-9", true], ["3 expected 20", true],
  ["4 expected 20", false], ["-9 expected 2", false], ["-9 expected 3", false],
], (text) => outlasts(rowOf(text), rowOf("-20 expected 3")));

test("Pauses in force are counted by mentor, if there are several, and mentors once", () => {
  const rows = ["-9", "-4", "3", "-9 of ben", "-9 ends -4 of ben"].map((text) => rowOf(text));
  assert.deepEqual([...countTogether(rows)], [["ada", 2]]);
  assert.equal(countMentors(rows), 2);
});

cases("A mentor is said to be available, or until when they are not", [
  [{ status: "active" }, "available"], [{ status: "paused" }, "paused"],
  [{ status: "active", pause_start_date: day(3) }, "available, leaves Sun, Mar 29"],
  [{ status: "paused", expected_return_date: day(3) }, "paused, back Sun, Mar 29"],
], (mentor) => rowOfMentor({ mentor_id: "ada", ...mentor }, { at: now() }).words);

cases("A day is said as somebody would say it", [
  [0, "today"], [1, "tomorrow"], [2, "Sat, Mar 28"], [-1, "Wed, Mar 25"], [400, "Fri, Apr 30, 2027"],
], (offset) => sayDay(day(offset)));

cases("Things are counted", [[0, "0 mentors"], [1, "1 mentor"], [1200, "1,200 mentors"]],
  (count) => countOf(count, "mentor"));

cases("What a pause will be is said as a sentence goes on", [
  [{ start: day(0), back: day(9), reason: "illness" }, "paused from today, back Sat, Apr 4, Illness"],
  [{ start: day(1), back: "", reason: "" }, "paused from tomorrow"],
  [{ start: "" }, "paused from which day?"],
], sayPlan);

cases("A pause record is said by its reason and its dates", [
  ["-20 expected -5 because exam_period", "Exam period, Fri, Mar 6 – Sat, Mar 21 (expected)"],
  ["3 ends 30", "no reason, Sun, Mar 29 – Sat, Apr 25"],
  ["-400", "no reason, Wed, Feb 19, 2025 – not known"],
  ["-1 ends 0T08:30", "no reason, Wed, Mar 25 – Thu, Mar 26, 08:30 UTC"],
  ["3 ends 3", "no reason, Sun, Mar 29"], // it was called off
], (text) => sayPause(recordOf(text)));

cases("What has changed of a pause is said with what was before", [
  [["-5 because illness", "-5 because illness"], []],
  [["-5 because illness", "-5 because holiday"], ["reason Holiday instead of Illness"]],
  [["-5 because exam_period", "-5"], ["reason none instead of Exam period"]],
  [["-5 expected 2", "-5 expected 9"], ["back Sat, Apr 4 (expected) instead of Sat, Mar 28 (expected)"]],
  [["-5", "-4 expected 4"], [
    "from Sun, Mar 22 instead of Sat, Mar 21", "back Mon, Mar 30 (expected) instead of not known"]],
  [["-9 expected -2", "-9 expected -2 ends -4"], ["back Sun, Mar 22 instead of Tue, Mar 24 (expected)"]],
  [["-9 expected -2", "-9 expected -2 ends -2T15:00"], ["back Tue, Mar 24, 15:00 UTC as expected"]],
  [["-9 expected -2 ends -4", "-9 expected -2 ends -2"], ["back Tue, Mar 24 instead of Sun, Mar 22"]],
  [["-9 ends -5 expected -4", "-9 ends -5 expected -6"], ["expected back Fri, Mar 20 instead of Sun, Mar 22"]],
], ([before, after]) => sayPauseChanges(recordOf(before), recordOf(after)));

cases("What the service says of a field is said in the words of the form", [
  [["end_date", ["It is before start_date (2026-03-21T00:00:00Z)."]], "back: It is before “from” (Sat, Mar 21)."],
  [["pause_reason", ["Too long.", "Too loud."]], "reason: Too long. Too loud."],
  [["history_entry_ids", ["Missing."]], "history entry ids: Missing."],
], ([name, texts]) => sayRefused(name, texts));

cases("A reason is written as words", [
  ["certification_expiry", "Certification expiry"], ["sick--leave of a child", "Sick leave of a child"],
  ["__", "__"], ["  ", null], ["", null], [null, null],
], sayReason);

test("A reason that is typed is the pause's own if it is written so, else one in use, else as it was typed", () => {
  for (const reason of ["exam_period", "illness", "Zoo", null]) noteReason(reason);
  assert.equal(reasonOf("Exam period"), "exam_period");
  assert.equal(reasonOf("Exam period", "exam period"), "exam period");
  assert.equal(reasonOf("Sick_leave"), "Sick_leave");
  const sorted = ["zoo", "illness", "exam_period", "Zoo"].sort(compareReasons);
  assert.deepEqual(sorted, ["exam_period", "illness", "Zoo", "zoo"]);
});

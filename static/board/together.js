// Changes of what rows show, of one or of several together: each change is one table with the ETags of what it changes.

import { Problem, readHistory } from "./api.js";
import { mentorsOf, readLines } from "./csv.js";
import { dayNumber, daysLater, now, startOf } from "./days.js";
import { differences } from "./differences.js";
import { sayWriter } from "./history.js";
import { sayMentor } from "./names.js";
import { expectedReturn } from "./pauses.js";

/** Return what a row is known by: its pause, or the mentor who has none here. */
export const keyOf = ({ mentor_id: mentor, pause_record_id: record = "" }) => `${mentor} ${record}`;

/** Return the day (or its time) so many weeks after the return date, or after today if none is known or ahead. */
export function postponed(pause, weeks) {
  return daysLater(Math.max(Date.parse(expectedReturn(pause)) || 0, startOf(dayNumber(now()))), 7 * weeks);
}

/** Return the cells of a pause with another return date. */
const expectedOn = ({ pause_record_id, end_date: end, expected_return_date: expected }, back) =>
  ({ pause_record_id, expected_return_date: end ? expected : back, end_date: end && back });

/**
 * Return the table that changes what rows show, `{list, lines, notes, changes}`: `changes` says in words what becomes
 * of each line. `list` is `mentor-statuses`, where a row stands for its mentor, who gets the `body` and the `fields`;
 * or `pause-records`, whose pauses get the return date `back` of the fields, or one that is so many `weeks` later.
 * Raise a Problem if somebody has changed what a row shows.
 */
export async function prepare(rows, { list, body, weeks, fields: { back, notes, ...fields } = {} }) {
  const ofPause = (line) => expectedOn(line, back ?? postponed(line, weeks));
  const cellsOf = list === "mentor-statuses" ? () => ({ ...body, ...fields }) : ofPause;
  const read = await readLines(list, uniqueMentors(rows));
  const there = await readRows(rows, read);
  const changed = rows.filter((row) => changesOf(row, there.get(keyOf(row))));
  const writers = new Map(await Promise.all(changed.map(readLastWriter)));
  refuse("Not done: this is no longer as it was shown.", changed, (row) =>
    `${changesOf(row, there.get(keyOf(row)))} (last changed by ${writers.get(row)})`);
  const lines = list === "mentor-statuses" ? read : rows.map((row) => there.get(keyOf(row)));
  const isDone = ({ status }, cells) => status && status === cells.status;
  refuse("Nothing was changed.", lines, (line) => isDone(line, cellsOf(line)) && `is ${line.status} already`);
  refuse("Nothing was changed.", lines, ({ end_date: end }) => Date.parse(end) <= now() && "is back already");
  return {
    list, notes,
    changes: sayOf(lines, (line) => differences(line, cellsOf(line)).join("; ")),
    lines: lines.map((line) => ({ mentor_id: line.mentor_id, ...cellsOf(line), etag: line.etag })),
  };
}

const uniqueMentors = (rows) => [...new Set(mentorsOf(rows))];

/**
 * Return what is there now of rows, by their keys. The lines of their list, which were read, may say it; else their
 * pauses are read. That is later, so that who writes in between is met by the ETags of the lines.
 */
async function readRows(rows, lines) {
  const there = new Map(lines.map((line) => [keyOf(line), line]));
  for (const row of rows) if (isShown(row, there.get(keyOf({ mentor_id: row.mentor_id })))) there.set(keyOf(row), row);
  const others = rows.filter((row) => !there.has(keyOf(row)));
  for (const pause of await readLines("pause-records", uniqueMentors(others))) there.set(keyOf(pause), pause);
  return there;
}

/** Say whether a mentor's line shows the pause of a row, as it is in the row: no other one has its start and reason. */
const isShown = ({ start_date: start, reason, ...dates }, mentor) => start === mentor?.pause_start_date
  && reason === mentor.pause_reason && expectedReturn(dates) === mentor.expected_return_date;

/** Say what differs between what a row shows and what is there, if anything. */
function changesOf(row, there) {
  if (!there) return "it is deleted";
  return differences(row, Object.fromEntries(Object.entries(there).filter(([name]) => name in row))).join("; ");
}

/** Return a row and who has written last about its mentor, and when. */
async function readLastWriter(row) {
  const { data: [newest] } = await readHistory({ mentor_id: row.mentor_id }, 1);
  return [row, newest ? sayWriter(newest) : "somebody"]; // without a history the mentor is erased
}

/** Raise a Problem if there are words against a row; it names the mentors. */
function refuse(detail, rows, wordsOf) {
  const lines = sayOf(rows, wordsOf);
  if (lines.length) throw new Problem({ status: 412, detail, lines });
}

/** Say by their mentors what there is to say of rows. */
const sayOf = (rows, wordsOf) => rows.filter(wordsOf).map((row) => `${sayMentor(row.mentor_id)}: ${wordsOf(row)}`);

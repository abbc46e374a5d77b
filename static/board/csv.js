// Tables (CSV): read as objects, one a line, and written from them.

import { Problem, get, send } from "./api.js";
import { toInstant } from "./days.js";
import { sayMentor } from "./names.js";
import { metadataOf } from "./storage.js";

const MOST_ASKED = 40; // mentors in one request: with ids of 64 characters, encoded, its line is below 8,190 bytes
const OF_PANDAS = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\+00:00$/; // an instant as pandas writes it

const FASTER = "somebody has changed this at the same time";
const WORDS = { // by the column that is refused: the API's own speak of lines of a file, which nobody sees here
  etag: FASTER,
  pause_record_id: FASTER,
  pause_start_date: "has a pause already, or one to come; open this mentor to change that one, or to add another one",
};

/** Return the ids of mentors in groups that one request may ask for. */
export const groupsOf = (ids) => Object.values(Object.groupBy(ids, (_, index) => Math.floor(index / MOST_ASKED)));

/** Read the lines of some mentors in a table (`mentor-statuses` or `pause-records`), each with its `etag`. */
export async function readLines(list, mentorIds) {
  const answers = await Promise.all(groupsOf(mentorIds).map((ids) => get(`${list}.csv`, { mentor_id: ids.join() })));
  const texts = await Promise.all(answers.map(({ file }) => file.text()));
  return texts.flatMap((text) => parse(text).slice(1, -1)); // the first is the header, and the last one is empty
}

/**
 * Write lines that all have the same columns, `mentor_id` among them, and the same notes: all or none. Return what the
 * API says of the lines that were, or would be, changed. The Problem of lines that are refused names their mentors; its
 * status is 412 if somebody else has changed one of them.
 */
export async function uploadLines({ list, lines, notes }, query = "") {
  const signed = lines.map((line) => ({ ...line, ...metadataOf(notes) }));
  const body = toLines([Object.keys(signed[0]), ...signed.map((line) => Object.values(line).map(toCell))]);
  const { data } = await send("POST", `${list}.csv${query}`, { body, type: "text/csv" }).catch((problem) => {
    throw problem.code === "rows_refused" ? refusalOfLines(problem, lines) : problem;
  });
  return changingOf(data);
}

function refusalOfLines({ code, detail, errors }, lines) {
  const refused = Object.entries(errors).map(([name, messages]) => {
    const [, number, column] = name.match(/^line (\d+)(?:, (\w+))?$/); // line 1 is the header
    return { mentor: lines[number - 2].mentor_id, words: WORDS[column] ?? messages.join(" ") };
  });
  const status = refused.some(({ words }) => words === FASTER) ? 412 : 422;
  const more = detail.match(/Not shown: .*/) ?? [];
  const said = [...refused.map(({ mentor, words }) => `${sayMentor(mentor)}: ${words}`), ...more];
  return new Problem({ status, code, detail: "Nothing was changed.", lines: said });
}

/** Return those of the lines of an upload's answer that were, or would be, changed. */
export const changingOf = ({ data }) => data.filter(({ outcome }) => outcome !== "unchanged");
export const mentorsOf = (lines) => lines.map(({ mentor_id: id }) => id);
export const entriesOf = (lines) => lines.map(({ history_entry_id: id }) => id);

const toLines = (rows) => rows.map((cells) => `${cells.map(quote).join()}\r\n`).join("");
const quote = (cell) => `"${cell.replaceAll('"', '""')}"`;

/** Write a value as a cell from which the service reads it again. */
const toCell = (value) => (value ?? "").replace(/^'/, "''");

/** Return a table that the service accepts with who writes in a column of its own, unless it has that column. */
export function sign(text) {
  const name = metadataOf()?.initiated_by;
  const rows = readRows(text);
  if (!name || rows[0].some((cell) => cell.trim() === "initiated_by")) return text;
  const added = (index) => (index ? toCell(name) : "initiated_by");
  return toLines(rows.map((cells, index) => (cells.join("").trim() ? [...cells, added(index)] : cells)));
}

/** Read a table as the service does, as one array of cells a line; the last line is always an empty one. */
export function readRows(text) {
  const [, separator = ","] = text.match(/^[^\r\n]*?([,;\t])/) ?? [];
  const rows = [[]];
  // Each cell, in quotes or without, and what ends it.
  const cells = RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\r\\n]*))(${separator}|\\r\\n?|\\n|$)`, "g");
  for (const [, quoted, plain, end] of text.replace(/[^\r\n]$/, "$&\n").matchAll(cells)) {
    rows.at(-1).push(plain ?? quoted.replaceAll('""', '"'));
    if (/[\r\n]/.test(end)) rows.push([]);
  }
  return rows;
}

/** Read a table as one object a line, the header among them; a date is an instant. Blanks and a ' at the start go. */
export function parse(text) {
  const rows = readRows(text);
  const instant = (cell) => toInstant(cell.replace(OF_PANDAS, "$1T$2Z"));
  const value = (cell = "") => instant(cell.trim()).replace(/^'/, "").trim() || null;
  return rows.map((row) => Object.fromEntries(rows[0].map((name, index) => [name.trim(), value(row[index])])));
}

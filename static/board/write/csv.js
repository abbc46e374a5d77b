// Tables (CSV): read as objects, one a line, and written from them.

import { Problem, send } from "../read/api.js";
import { sayMentor } from "../read/names.js";
import { metadataOf } from "./writer.js";

export const SENT_COLUMNS = [ // that a table may have; any other one, which may have names, is not sent
  "mentor_id", "status", "is_paused", "pause_start_date", "expected_return_date", "pause_reason", "last_updated",
  "pause_record_id", "start_date", "end_date", "is_active", "reason", "created_at", "etag", "as_of", "initiated_by",
  "notes",
];

const WORDS_BY_COLUMN = { // that is refused: the API's own words speak of lines of a file, which nobody sees here
  etag: "somebody has changed this at the same time",
  pause_record_id: "somebody has deleted this at the same time",
  pause_start_date: "has a pause already, or one to come; open this mentor to change that one, or to add another one",
};

/**
 * Send a table; return what the API says of it. The Problem of lines that are refused has `refusedLines`: the index of
 * each one below the header, the `column`, and why in `words`; `more` are the lines that say how many others there
 * are: one, or none.
 */
export async function sendTable(list, body, query = "") {
  const { data } = await send("POST", `${list}.csv${query}`, { body, type: "text/csv" }).catch((problem) => {
    if (problem.code !== "rows_refused") throw problem;
    const refusedLines = Object.entries(problem.errors).map(([place, messages]) => {
      const [, number, column] = place.match(/^line (\d+)(?:, (.+))?$/); // line 1 is the header
      return { index: number - 2, column, words: messages.join(" ") };
    });
    throw Object.assign(problem, { refusedLines, more: problem.detail.match(/Not shown: .*/) ?? [] });
  });
  return data;
}

/**
 * Write lines that all have the same columns, `mentor_id` among them, and the same notes: all or none. Return what the
 * API says of the lines that were changed.
 */
export async function uploadTable({ list, lines, notes }) {
  const signed = lines.map((line) => ({ ...line, ...metadataOf(notes) }));
  const body = toLines([Object.keys(signed[0]), ...signed.map((line) => Object.values(line).map(toCell))]);
  return changingOf(await sendTable(list, body).catch((problem) => {
    if (!problem.refusedLines) throw problem;
    const { status, code, more } = problem;
    const refusedLines = problem.refusedLines.map(({ index, column, words }) =>
      ({ index, words: WORDS_BY_COLUMN[column] ?? words }));
    const said = refusedLines.map(({ index, words }) => `${sayMentor(lines[index].mentor_id)}: ${words}`);
    throw new Problem({ status, code, detail: "Nothing was changed.", lines: [...said, ...more], refusedLines, more });
  }));
}

/** Return those of the lines of an upload's answer that were, or would be, changed. */
export const changingOf = ({ data }) => data.filter(({ outcome }) => outcome !== "unchanged");

const toLines = (rows) => rows.map((cells) => `${cells.map(quote).join()}\r\n`).join("");
const quote = (cell) => `"${cell.replaceAll('"', '""')}"`;

/** Write rows to be read in a spreadsheet: a text that it would run gets a '. `excel` is "comma", "semicolon" or "". */
export function writeReadable(rows, excel) {
  const toSafe = (text) => quote(text.replace(/^[=+\-@\t\r']/, "'$&"));
  const lines = rows.map((cells) => `${cells.map(toSafe).join(excel === "semicolon" ? ";" : ",")}\r\n`);
  return `${excel && "\ufeff"}${lines.join("")}`; // Excel knows UTF-8 by this mark
}

/** Write a value as a cell from which the service reads it again. */
const toCell = (value) => (value ?? "").replace(/^'/, "''");

/**
 * Return a table as it is sent: without its column `name`, and with who writes in a column of its own, unless it has
 * one. Return also the names of its mentors, `[[id, name], …]`.
 */
export function prepareTable(text) {
  const [header, ...lines] = readRows(text, { isStrict: true });
  const tooLong = lines.findIndex((cells) => cells.slice(header.length).join("").trim()); // a comma without quotes?
  if (tooLong !== -1) {
    const detail = `line ${tooLong + 2} has more cells than the first. A comma in a text needs quotes.`;
    throw new Problem({ detail: `Nothing was sent: ${detail}` });
  }
  const columns = header.map((cell) => cell.trim());
  const named = columns.findIndex((column) => column.toLowerCase() === "name");
  const id = columns.indexOf("mentor_id");
  const names = named === -1 ? [] : lines.map((cells) => [cells[id]?.trim(), cells[named]?.trim()]);
  const writer = columns.includes("initiated_by") ? undefined : metadataOf()?.initiated_by;
  const toSentCells = (cells, writerCell) => {
    const whole = columns.map((_, index) => cells[index] ?? ""); // a line may end early
    return [...whole.filter((_, index) => index !== named), ...(writer ? [writerCell] : [])];
  };
  const isBlank = (cells) => !cells.join("").trim(); // it stays one, so that the numbers of lines stay
  const rows = lines.map((cells) => (isBlank(cells) ? [""] : toSentCells(cells, toCell(writer))));
  const signed = toLines([toSentCells(header, "initiated_by"), ...rows]);
  return { text: signed, names: names.filter((pair) => pair.every(Boolean)) };
}

/**
 * Read a table as the service does, as one array of cells a line; the last line is always an empty one. Raise a Problem
 * if `isStrict`, where a double quote begins a cell and does not end it; else it is a part of the text.
 */
export function readRows(text, { isStrict = false } = {}) {
  const [, separator = ","] = text.match(/^[^\r\n]*?([,;\t])/) ?? [];
  const rows = [[]];
  // Each cell: its text in quotes, or without them, and what ends it: a separator, or the end of a line.
  const cells = RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\r\\n]*))(${separator}|\\r\\n?|\\n|$)`, "g");
  const lines = text.replace(/[^\r\n]$/, "$&\n"); // the last one ends, too
  for (const [, quoted, plain, end] of lines.matchAll(cells)) {
    if (isStrict && plain?.startsWith('"')) {
      const detail = `Nothing was sent: line ${rows.length} has a double quote that is not closed, or text after it.`;
      throw new Problem({ detail });
    }
    rows.at(-1).push(plain ?? quoted.replaceAll('""', '"'));
    if (/[\r\n]/.test(end)) rows.push([]);
  }
  return rows;
}

/**
 * Read a table as one object a line, the header among them. As in the service, blanks around a cell go, and a ' before
 * what a spreadsheet would run or before a digit.
 */
export function parse(text) {
  const rows = readRows(text);
  const toValue = (cell = "") => cell.trim().replace(/^'(?=[=+\-@\t\r'\p{Nd}])/u, "").trim() || null;
  return rows.map((row) => Object.fromEntries(rows[0].map((name, index) => [name.trim(), toValue(row[index])])));
}

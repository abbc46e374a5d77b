// Tables (CSV): read as objects, one a line, and written from them.

import { Problem, send } from "../read/api.js";
import { sayMentor } from "../read/names.js";
import { metadataOf } from "./writer.js";

export const COLUMNS = [ // that a table may have; any other one, which may have names, is not sent
  "mentor_id", "status", "is_paused", "pause_start_date", "expected_return_date", "pause_reason", "last_updated",
  "pause_record_id", "start_date", "end_date", "is_active", "reason", "created_at", "etag", "as_of", "initiated_by",
  "notes",
];

const WORDS = { // by the column that is refused: the API's own speak of lines of a file, which nobody sees here
  etag: "somebody has changed this at the same time",
  pause_record_id: "somebody has deleted this at the same time",
  pause_start_date: "has a pause already, or one to come; open this mentor to change that one, or to add another one",
};

/**
 * Write lines that all have the same columns, `mentor_id` among them, and the same notes: all or none. Return what the
 * API says of the lines that were changed. The Problem of lines that are refused has them as `refused`: the index of
 * each one, and why in `words`; `more` are the lines that say how many others there are: one, or none.
 */
export async function uploadTable({ list, lines, notes }) {
  const signed = lines.map((line) => ({ ...line, ...metadataOf(notes) }));
  const body = toLines([Object.keys(signed[0]), ...signed.map((line) => Object.values(line).map(toCell))]);
  const { data } = await send("POST", `${list}.csv`, { body, type: "text/csv" }).catch((problem) => {
    throw problem.code === "rows_refused" ? refusalOfLines(problem, lines) : problem;
  });
  return changingOf(data);
}

function refusalOfLines({ status, code, detail, errors }, lines) {
  const refused = Object.entries(errors).map(([name, messages]) => {
    const [, number, column] = name.match(/^line (\d+)(?:, (\w+))?$/); // line 1 is the header
    const words = WORDS[column] ?? messages.join(" ");
    return { index: number - 2, words };
  });
  const more = [detail.match(/Not shown: .*/)?.[0]].filter(Boolean);
  const said = [...refused.map(({ index, words }) => `${sayMentor(lines[index].mentor_id)}: ${words}`), ...more];
  return new Problem({ status, code, detail: "Nothing was changed.", lines: said, refused, more });
}

/** Return those of the lines of an upload's answer that were, or would be, changed. */
export const changingOf = ({ data }) => data.filter(({ outcome }) => outcome !== "unchanged");
export const entryIdsOf = (lines) => lines.map(({ history_entry_id: id }) => id);

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
  const long = lines.findIndex((cells) => cells.slice(header.length).join("").trim()); // a comma without quotes?
  if (long !== -1) {
    const detail = `Nothing was sent: line ${long + 2} has more cells than the first. A comma in a text needs quotes.`;
    throw new Problem({ detail });
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

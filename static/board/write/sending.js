// How a write is sent: one request, which changes nothing that somebody else has changed since it was read.

import { groupsOf, pathOf, readHistory, send } from "../read/api.js";
import { toInstant, toSecond } from "../read/days.js";
import { sayEntry, sayWriter } from "../read/history.js";
import { sayMentor } from "../read/names.js";
import { readAtOf } from "../read/pauses.js";
import { entriesOf, uploadTable } from "./csv.js";
import { undoableWrites } from "./undo.js";
import { metadataOf } from "./writer.js";
import { WRITES } from "./writes.js";

/** Return the ETag of what a write of a list changes. */
const etagOf = (row, list) => (list === "mentor-statuses" && row.mentor_etag) || row.etag;

/**
 * Send a write of one row, on the condition that the row is still as it is shown. Return whether anything `isChanged`,
 * and the ids of the `entries` of the history. A write that is tried again may have been made the first time.
 */
export async function sendOne(name, row, values, { isRetry }) {
  const { list, method = "PUT", body: bodyOf, isErasure } = WRITES[name];
  const isOfMentor = list === "mentor-statuses";
  const path = method === "POST" ? list : pathOf(list, isOfMentor ? row.mentor_id : row.pause_record_id);
  const etag = method === "POST" ? undefined : etagOf(row, list);
  const fields = bodyOf?.(row, values);
  const body = fields && { ...fields, metadata: metadataOf(values.notes) };
  try {
    const { entry, isReplayed } = await send(method, path + queryOf(method, isErasure), { body, etag });
    const canBeUndone = entry && !(method === "PUT" && isAsItWas(row, fields)); // of a note alone there is no Undo
    return { isChanged: !isReplayed, entries: canBeUndone ? [entry] : [] };
  } catch (problem) {
    const isDeleted = isRetry && method === "DELETE" && problem.code === "not_found"; // by the first try
    if (isDeleted) return { isChanged: true, entries: [] };
    throw problem.status === 412 ? await explain(problem, row) : problem;
  }
}

/** Say whether a row has the fields already, so that a write adds no more than an entry of the history. */
const isAsItWas = (row, fields) =>
  Object.entries(fields).every(([name, value]) => toInstant(row[name] ?? "") === toInstant(value ?? ""));

/** Return the query of a request: of a deletion, which has no body, `?erase=true`, or who deletes. */
function queryOf(method, isErasure) {
  if (isErasure) return "?erase=true";
  const { initiated_by: name } = metadataOf() ?? {};
  return method === "DELETE" && name ? `?${new URLSearchParams({ initiated_by: name })}` : "";
}

/**
 * Send a write of several rows as one table, with their ETags; return the same as sendOne(). Each line has all columns:
 * where its own change has none, what the row has.
 */
export async function sendTogether(name, rows, values) {
  const { list, body } = WRITES[name];
  const isOfMentor = list === "mentor-statuses";
  const unique = isOfMentor ? [...new Map(rows.map((row) => [row.mentor_id, row])).values()] : rows;
  const changes = unique.map((row) => body(row, values));
  const columns = [...new Set(changes.flatMap(Object.keys))];
  const lines = unique.map((row, index) => ({
    mentor_id: row.mentor_id,
    ...(isOfMentor ? {} : { pause_record_id: row.pause_record_id }),
    ...Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
    ...changes[index],
    etag: etagOf(row, list),
  }));
  const changed = await uploadTable({ list, lines, notes: values.notes }).catch(async (problem) => {
    throw problem.refused ? await explainLines(problem, unique) : problem;
  });
  const entries = entriesOf(changed);
  return { isChanged: entries.length > 0, entries };
}

/** Return the problem of a write whose row is no longer as it was shown: it says who has changed what, and when. */
async function explain(problem, row) {
  const [newest] = await readEntries(row.mentor_id, 1);
  return Object.assign(problem, { message: `Not done: ${sayWhy(newest, row)}. Look, and try again.` });
}

/** Return the problem of a table: of each row that is no longer as it was ticked, it says who has changed what. */
async function explainLines(problem, rows) {
  const stale = problem.refused.filter(({ isStale }) => isStale).map(({ mentor }) => mentor);
  const [first] = groupsOf([...new Set(stale)]); // as many as one request may ask for
  if (!first) return problem;
  const entries = await readEntries(first.join(), 100);
  const newestOf = (mentor) => entries.find(({ mentor_id: id }) => id === mentor);
  const rowOf = (mentor) => rows.find(({ mentor_id: id }) => id === mentor);
  const lines = problem.refused.map(({ mentor, words, isStale }) =>
    `${sayMentor(mentor)}: ${isStale ? sayWhy(newestOf(mentor), rowOf(mentor)) : words}`);
  return Object.assign(problem, { lines: [...new Set(lines), ...problem.more] });
}

/** Read the newest entries about mentors; none, if no answer comes: what was refused stays refused. */
const readEntries = (mentors, count) => readHistory({ mentor_id: mentors }, count).then(({ data }) => data, () => []);

/** Say why a row is no longer as it was read, by the newest entry about its mentor, if that could be read. */
function sayWhy(newest, row) {
  if (!newest) return "it has changed since you saw it";
  const isOwnEntry = undoableWrites().some(({ entries }) => entries.includes(newest.history_entry_id));
  const isLater = Date.parse(newest.changed_at) >= toSecond(readAtOf(row));
  const isByOther = isLater && !isOwnEntry;
  return isByOther ? `${sayWriter(newest)}, ${sayEntry(newest)}` : "a pause has begun or ended by itself";
}

// How a write is sent: one request, which changes nothing that somebody else has changed since it was read.

import { Problem, groupsOf, pathOf, readHistory, send } from "../read/api.js";
import { toInstant, toSecond, toText } from "../read/days.js";
import { isAbout, isSince, sayTold } from "../read/history.js";
import { byKey } from "../read/list.js";
import { sayMentor } from "../read/names.js";
import { mentorsOf, tagOf } from "../read/pauses.js";
import { readMentors, readPausesOf } from "../read/readings.js";
import { uploadTable } from "./csv.js";
import { metadataOf } from "./writer.js";
import { WRITES, fittingWrites } from "./writes.js";

/** Return the ETag of what a write of a list changes. */
const etagOf = (row, list) => (list === "mentor-statuses" ? row && tagOf(row) : row?.etag) ?? undefined;

/**
 * Send a write of some rows, on the condition that each is still as it is here. Return the lines of what was changed,
 * each with its `mentor_id` and its `history_entry_id`, and `isNote` if there is nothing to take back.
 */
export async function sendWrite(name, rows, values) {
  const sendRows = rows.length === 1 ? sendOne : sendTogether;
  return sendRows(WRITES[name], rows, values).catch(async (problem) => {
    const explained = await explain(problem, rows, name);
    throw Object.assign(explained, { request: { name, values } });
  });
}

async function sendOne({ list, method = "PUT", body: bodyOf }, [row], values) {
  const { mentor_id: mentor } = row;
  const path = method === "POST" ? list : pathOf(list, list === "mentor-statuses" ? mentor : row.pause_record_id);
  const etag = method === "POST" ? undefined : etagOf(row, list);
  const fields = bodyOf?.(row, values);
  const body = fields && { ...fields, metadata: metadataOf(values.notes) };
  const { entry, isReplayed } = await send(method, path + queryOf(method), { body, etag });
  const isNote = method === "PUT" && isAsItWas(row, fields);
  return isReplayed ? [] : [{ mentor_id: mentor, history_entry_id: entry, isNote }];
}

/** Say whether a row has the fields already, so that a write adds no more than an entry of the history. */
const isAsItWas = (row, fields) =>
  Object.entries(fields).every(([name, value]) => toInstant(row[name] ?? "") === toInstant(value ?? ""));

/** Return the query of a request: of a deletion, which has no body, who deletes. */
function queryOf(method) {
  const { initiated_by: name } = metadataOf() ?? {};
  return method === "DELETE" && name ? `?${new URLSearchParams({ initiated_by: name })}` : "";
}

/** Return the rows of which each is a line of a table: of several pauses of a mentor one, if it is about the mentor. */
const linesOf = (rows, list) =>
  (list === "mentor-statuses" ? [...new Map(rows.map((row) => [row.mentor_id, row])).values()] : rows);

/** Send a table. Each line has all columns: where its own change has none, what the row has. */
async function sendTogether({ list, body }, rows, values) {
  const ofLines = linesOf(rows, list);
  const changes = ofLines.map((row) => body(row, values));
  const columns = [...new Set(changes.flatMap(Object.keys))];
  const lines = ofLines.map((row, index) => ({
    mentor_id: row.mentor_id,
    ...(list === "mentor-statuses" ? {} : { pause_record_id: row.pause_record_id }),
    ...Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
    ...changes[index],
    etag: etagOf(row, list),
  }));
  return uploadTable({ list, lines, notes: values.notes });
}

const MAY_BE_STALE = [404, 409, 412, 422]; // the answers to a write that may be about what somebody has changed

/**
 * Return the problem of a write that was refused. If a row is no longer as it was when its form was opened, or as it
 * was shown, the problem says who has changed what, and when, by `entries` of the history; it has the `rows` as they
 * are now, by key. Of one row it says whether the write `stillFits`; of several why each was `refused`, by mentor.
 */
async function explain(problem, rows, name) {
  if (!MAY_BE_STALE.includes(problem.status)) return problem;
  const { list } = WRITES[name];
  const { message, refusedLines, more } = problem;
  const refused = refusedLines
    ? refusedLines.map(({ index, words }) => ({ row: linesOf(rows, list)[index], words })) : [{ row: rows[0] }];
  const current = await readCurrent(refused.map(({ row }) => row));
  if (!current) return problem;
  const isAnother = (row) => etagOf(current.rows.get(row.key), list) !== etagOf(row, list);
  const isChanged = ({ row }) => problem.status === 412 || isAnother(row);
  const sayRefusal = (each) => (isChanged(each) ? sayWhy(each.row, list, current) : each.words);
  const isStale = refused.some(isChanged);
  const facts = isStale ? { rows: current.rows, entries: current.entries.map(({ history_entry_id: id }) => id) } : {};
  if (refusedLines) {
    const wordsOf = new Map(refused.map((each) => [each.row.mentor_id, sayRefusal(each)]));
    const lines = new Set(refused.map((each) => `${sayMentor(each.row.mentor_id)}: ${sayRefusal(each)}`));
    const named = more.length ? {} : { refused: wordsOf }; // else nobody knows who the others are
    return new Problem({ detail: message, lines: [...lines, ...more], ...named, ...facts });
  }
  if (!isStale) return problem;
  const stillFits = fittingWrites([current.rows.get(rows[0].key)].filter(Boolean), [name]).length > 0;
  return new Problem({ detail: `Not done: ${sayRefusal(refused[0])}.`, stillFits, ...facts });
}

/**
 * Read some rows again: return the `rows` of their mentors, by key, and the `entries` of the history since the first of
 * them was read. If that fails, return null: what was refused stays refused.
 */
async function readCurrent(rows) {
  const mentors = mentorsOf(rows);
  const since = toText(toSecond(Math.min(...rows.map(({ readAt }) => readAt))));
  const readEntries = async (group) => (await readHistory({ mentor_id: group.join(), since }, Infinity)).data;
  try {
    const [pauses, mentorRows, ...entries] = await Promise.all([
      readPausesOf(mentors), readMentors(mentors), ...groupsOf(mentors).map(readEntries),
    ]);
    return { rows: byKey([...pauses, ...mentorRows]), entries: entries.flat() };
  } catch (problem) {
    if (problem instanceof Problem) return null;
    throw problem;
  }
}

/** Say why a row is no longer as it was, by the newest history entry that is about it; an erasure leaves none. */
function sayWhy(row, list, { rows, entries }) {
  const { mentor_id } = row;
  const entry = entries.find((each) => isAbout(each, list === "mentor-statuses" ? { mentor_id } : row));
  if (entry && isSince(entry, row.readAt)) return sayTold(entry, row);
  return rows.has(row.key) ? "a pause has begun or ended by itself" : "no longer there";
}

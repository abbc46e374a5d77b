// What each view reads, and in which sections it shows it.

import { startOfMonth } from "./address.js";
import { PAGE, get, groupsOf, pathOf, readHistory } from "./api.js";
import { dateOf, dateOfInstant, dayNumber, mondayOf, now, startOf, toText } from "./days.js";
import { keyOf } from "./keys.js";
import { sortRows } from "./list.js";
import { model } from "./model.js";
import { matcherOf } from "./names.js";
import {
  SOON, countMentors, countTogether, isInForce, mentorsOf, outlasts, rowOfMentor, rowOfPause,
} from "./pauses.js";
import { noteReason } from "./reasons.js";
import { join } from "./words.js";

const MOST_ROWS = 1000; // of one request
const MOST_PAGES = 10; // of a list that is read whole
const TO_DO = ["overdue", "due", "undated"]; // the groups of pauses about which somebody has something to do
const MONTHS_AHEAD = 3; // of the forecast, beside the present one

/** Return the parameters that every list of a view has: as of now, that the ETags are wanted, or else the day. */
const commonQuery = ({ isToday, as_of, expected }) => ({ etags: isToday, as_of, expected });

async function readAll(list, query) {
  const readPage = (page) => get(list, { ...query, limit: MOST_ROWS, page });
  const first = await readPage(1);
  const count = Math.min(Math.ceil(first.pagination.total / MOST_ROWS), MOST_PAGES);
  const others = await Promise.all(Array.from({ length: Math.max(count - 1, 0) }, (_, index) => readPage(index + 2)));
  const read = [first, ...others].flatMap(({ data }) => data);
  return [...new Map(read.map((item) => [keyOf(item), item])).values()]; // one may have moved to the next page
}

/** Read what somebody has to do, and the counts: of all pauses that have not ended, and of the active mentors. */
async function readHome(view) {
  const [records, active] = await Promise.all([
    readAll("pause-records", { is_active: true, sort: "expected_return_date", ...commonQuery(view) }),
    readTotal("active", view),
  ]);
  const rows = records.map((record) => rowOfPause(record, view)).filter(({ phase }) => phase !== "cancelled");
  const together = countTogether(rows);
  const pausesOf = Map.groupBy(rows, ({ mentor_id: mentor }) => mentor);
  const endsAbsence = (row) => !pausesOf.get(row.mentor_id).some((other) => outlasts(other, row));
  const inPhase = (name) => rows.filter(({ phase }) => phase === name);
  const groups = {
    overdue: inPhase("overdue"), due: rows.filter((row) => row.isDue && endsAbsence(row)),
    undated: inPhase("undated"), scheduled: inPhase("scheduled"), current: rows.filter(isInForce),
  };
  const counts = {
    ...Object.fromEntries(Object.entries(groups).map(([id, { length }]) => [id, length])), // of pauses
    "": TO_DO.flatMap((id) => groups[id]).length, // what is to do
    current: countMentors(groups.current), active, // of mentors
  };
  const sections = (view.show ? [view.show] : TO_DO).map((id) => ({ id, rows: sortRows(groups[id], "urgency") }));
  return { rows, sections, counts, together, isEmpty: counts.active + counts.current === 0 };
}

/** Return the number of mentors who have a status; without one, of all. */
async function readTotal(status, { as_of, expected }) {
  const { pagination } = await get("mentor-statuses", { status, limit: 1, as_of, expected });
  return pagination.total;
}

/** Read who is available, and how many mentors there are: where there are none, a list `isEmpty`. */
async function readAvailable(view) {
  const query = { status: "active", limit: MOST_ROWS, ...commonQuery(view) };
  const [active, paused] = await Promise.all([get("mentor-statuses", query), readTotal("paused", view)]);
  const rows = sortRows(active.data.map((mentor) => rowOfMentor(mentor, view)), "mentor_id");
  const { total } = active.pagination;
  const note = sayFirst(rows.length, total, "mentors", "search for one");
  const counts = { available: `${total.toLocaleString()} of ${(total + paused).toLocaleString()}` };
  return { rows, sections: [{ id: "available", rows }], counts, note, isEmpty: total + paused === 0 };
}

/** Read the pauses that the filters ask for, as one section. */
async function readPauses(view) {
  const { show, reason, sort } = view;
  const hasWindow = (!show || show === "ended") && view.span !== "all";
  const inWindow = hasWindow ? { from: dateOfInstant(view.start), to: dateOfInstant(view.end) } : {};
  const state = show === "due" ? { due_within_days: SOON } : { phase: show };
  const query = { ...commonQuery(view), sort: "expected_return_date", limit: MOST_ROWS };
  const { data: read, pagination } = await get("pause-records", { ...query, ...inWindow, ...state, reason });
  const pauses = read.map((record) => rowOfPause(record, view));
  const rows = sortRows(pauses.filter(({ phase, isDue }) => (show === "due" ? isDue : phase !== "cancelled")), sort);
  const way = `choose ${hasWindow ? "a shorter time, a state or " : ""}a reason`;
  const note = sayFirst(read.length, pagination.total, "pauses", way);
  const hasNow = !hasWindow || (view.start <= view.at && view.at < view.end);
  const isWhole = hasNow && ["", "current"].includes(show) && !reason && read.length === pagination.total;
  const together = isWhole ? countTogether(rows) : undefined; // else pauses that are in force may be missing
  const isEmpty = !rows.length && await readTotal("", view) === 0;
  const time = hasWindow ? ` in ${view.title}` : "";
  return { rows, sections: [{ id: "all", rows }], together, note, time, isEmpty };
}

/**
 * Read the mentors whose id, or name, has the words that are searched, with the pauses that they are in, or else those
 * to come. The words are not sent, since they may be a name: all mentors are read, and looked through here.
 */
async function readFound(view) {
  const { q } = view;
  const [mentors, records] = await Promise.all([
    readAll("mentor-statuses", commonQuery(view)),
    readAll("pause-records", { is_active: true, ...commonQuery(view) }),
  ]);
  const hasWords = matcherOf(q);
  const isFound = ({ mentor_id: id }) => hasWords(id);
  const ofAll = records.map((record) => rowOfPause(record, view));
  const unended = ofAll.filter(isFound);
  const inForce = new Set(mentorsOf(unended.filter(isInForce)));
  const pauses = unended.filter((row) => isInForce(row) || !inForce.has(row.mentor_id));
  const withPause = new Set(mentorsOf(pauses));
  const others = mentors.filter((mentor) => isFound(mentor) && !withPause.has(mentor.mentor_id))
    .map((mentor) => rowOfMentor(mentor, view));
  const found = sortRows([...pauses, ...others], "mentor_id");
  const rows = found.slice(0, MOST_ROWS);
  const most = MOST_ROWS * MOST_PAGES;
  const note = join(
    sayFirst(rows.length, found.length, "rows", "type more"),
    mentors.length === most && `among the first ${most.toLocaleString()} mentors`,
  );
  return { rows, sections: [{ id: "found", rows }], q, together: countTogether(ofAll), note };
}

/** Say, if not all is shown, how much of it is, and how to see the rest. */
const sayFirst = (count, total, noun, way) =>
  total > count && `the first ${count.toLocaleString()} of ${total.toLocaleString()} ${noun}: ${way}`;

const dayOf = (date) => [dayNumber(date), 1];
const TIMES = { // the first day of a time, and how many days it has, if today is a day
  today: (_, today) => [today, 1],
  week: (_, today) => [mondayOf(today), 7],
  last_week: (_, today) => [mondayOf(today) - 7, 7],
};

/** Read the newest entries of the history, of a time if one is asked for, or those that were not seen yet, by day. */
async function readChanges({ by, of, when }, before, pages) {
  const isSinceSeen = when === "seen";
  const [first, days] = (TIMES[when] ?? dayOf)(when, dayNumber(now()));
  const time = when && !isSinceSeen && { since: toText(startOf(first)), until: toText(startOf(first + days)) };
  const { data, pagination, purged_before: purged } =
    await readHistory({ changed_by: by, mentor_id: of, ...time }, PAGE * pages);
  for (const { changed_by: writer } of data) if (writer) model.writers.add(writer);
  const read = data.map((entry) => ({ ...entry, key: entry.history_entry_id }))
    .filter(({ key }) => !isSinceSeen || BigInt(key) > BigInt(model.seen));
  const isLast = pagination.next === null || read.length < data.length;
  // Rows that were shown, and that new ones have pushed off the pages, stay at the end.
  const isOlder = ({ key }) => !isLast && BigInt(key) < BigInt(read.at(-1).key);
  const rows = [...read, ...[...before?.rows.values() ?? []].filter(isOlder)];
  const byDay = Map.groupBy(rows, ({ changed_at: at }) => dayNumber(at));
  const sections = [...byDay].map(([day, some]) => ({ id: String(day), rows: some }));
  return { rows, sections, isLast, purged, pages };
}

/** Have the reasons of the pauses that began in the last year count as in use, unless a part of it was purged. */
export async function readReasons() {
  const today = dayNumber(now());
  const query = { from: dateOf(today - 365), to: dateOf(today + 1), by: "month" };
  const { reasons } = await get("statistics", query).catch((problem) => {
    if (problem.code !== "purged") throw problem;
    return { reasons: [] };
  });
  for (const { reason } of reasons) noteReason(reason);
}

/** Read the days from tomorrow to the end of the third month from now, and the counts of now. */
async function readForecast(view) {
  const [from, to] = [dateOf(dayNumber(now()) + 1), dateOfInstant(startOfMonth(now(), MONTHS_AHEAD + 1))];
  const [{ data: days }, paused, active] = await Promise.all([
    get("statistics", { from, to, by: "day" }), readTotal("paused", view), readTotal("active", view),
  ]);
  return { rows: [], sections: [], days, paused, active, isEmpty: paused + active === 0 };
}

export const READINGS = {
  todo: readHome, available: readAvailable, pauses: readPauses, found: readFound, changes: readChanges,
  forecast: readForecast,
};

export async function readPausesOf(mentors) {
  const readGroup = (group) => readAll("pause-records", { mentor_id: group.join(), etags: true });
  const lists = await Promise.all(groupsOf(mentors).map(readGroup));
  return lists.flat().map((record) => rowOfPause(record, { at: now() }));
}

export async function readMentors(mentors) {
  const query = (group) => ({ mentor_id: group.join(), limit: group.length, etags: true });
  const lists = await Promise.all(groupsOf(mentors).map((group) => get("mentor-statuses", query(group))));
  return lists.flatMap(({ data }) => data).map((mentor) => rowOfMentor(mentor, { at: now() }));
}

/** Read what the panel shows of a mentor: how they are (perhaps deleted), all pauses, and the newest entries. */
export async function readMentor(view) {
  const { mentor: id, as_of, expected } = view;
  const [{ data: [mentor] }, { data: records }, history] = await Promise.all([
    get("mentor-statuses", { mentor_id: id, ...commonQuery(view) }),
    get("pause-records", { mentor_id: id, sort: "-start_date", limit: MOST_ROWS, ...commonQuery(view) }),
    get(`${pathOf("mentor-statuses", id)}/history`, { limit: PAGE, after: "" }),
  ]);
  const entries = history.data.map((entry) => ({ ...entry, mentor_id: id })); // which the entries of this history lack
  const pauses = sortRows(records.map((record) => rowOfPause(record, view)), "urgency");
  const row = rowOfMentor(mentor ?? { mentor_id: id, status: "deleted" }, view);
  const together = countTogether(pauses);
  return { id, as_of, expected, mentor: row, pauses, together, history: { ...history, data: entries } };
}

// A list keeps the order in which it was opened. A reading changes its rows in place; what is new, gone or would stand
// elsewhere waits until it is asked for.

import { compareMentors } from "./names.js";
import { compareReasons } from "./reasons.js";

/**
 * Return a list. `rows` are all rows that were read, each with its `key`; each of the `sections` has an `id` and the
 * `rows` that it shows. `question` is what was asked for. The list has its sections as `{id, keys}`: `shown`, as they
 * stand on the page, and `newest`, as they would stand if it was opened now.
 */
export function openList({ rows, sections, ...answer }, question) {
  const newest = toKeys(sections);
  return { ...answer, question, rows: byKey(rows), shown: newest, newest };
}

/** Have the rows of some keys stand where they stood in the list before, whatever has become of them. */
export function holdRows(list, before, keys) {
  const shown = list.shown.map(({ id, keys: all }) => ({ id, keys: all.filter((key) => !keys.includes(key)) }));
  const rows = new Map(list.rows);
  for (const key of keys) {
    const { id, keys: then } = before.shown.find((section) => section.keys.includes(key));
    shown.find((section) => section.id === id)?.keys.splice(then.indexOf(key), 0, key);
    if (!rows.has(key)) rows.set(key, before.rows.get(key));
  }
  return { ...list, rows, shown };
}

/** Return the list with a later answer to its question. An unchanged row is the same object as before. */
export function updateList(list, { rows, sections, ...answer }) {
  const read = byKey(rows);
  for (const [key, row] of list.rows) {
    const isUnchanged = factsOf(read.get(key)) === factsOf(row);
    if (isUnchanged || !read.has(key)) read.set(key, row); // a row that is gone stays as it was last
  }
  return { ...list, ...answer, rows: read, newest: toKeys(sections) };
}

/** Return what a row says, as text: two readings of the same differ in when they were made. */
const factsOf = (row) => JSON.stringify({ ...row, readAt: 0 });

/** Return rows by their keys. */
export const byKey = (rows) => new Map(rows.map((row) => [row.key, row]));
const toKeys = (sections) =>
  sections.map(({ rows, ...section }) => ({ ...section, keys: rows.map(({ key }) => key) }));

/** Return the keys that are shown, in their order. */
export const shownKeys = (list) => list?.shown.flatMap(({ keys }) => keys) ?? [];

/** Return the keys of the rows that no longer belong in the section in which they are shown. */
export function keysOutOfPlace({ shown, newest }) {
  const now = sectionsByKey(newest);
  return [...sectionsByKey(shown)].filter(([key, section]) => now.get(key) !== section).map(([key]) => key);
}

/**
 * Say whether the list would be another one if it was opened now: rows are new, gone, or would stand elsewhere. Those
 * whose keys are held stay where they are.
 */
export function isOutOfDate({ shown, newest }, held) {
  const [before, now] = [shown, newest].map((sections) =>
    sections.flatMap(({ id, keys }) => keys.filter((key) => !held.includes(key)).map((key) => [id, key])));
  return JSON.stringify(before) !== JSON.stringify(now);
}

const sectionsByKey = (sections) => new Map(sections.flatMap(({ id, keys }) => keys.map((key) => [key, id])));

/** Sort rows by one of their values, `-` before its name: descending; by mentor where they are equal. */
export function sortRows(rows, sort) {
  const [name, direction] = [sort.replace("-", ""), sort.startsWith("-") ? -1 : 1];
  const valueOf = (row) => row[name] ?? "\uffff"; // after every text
  const compare = { mentor_id: compareMentors, reason: compareReasons }[name] ?? compareValues;
  const compareRows = (one, other) =>
    direction * compare(valueOf(one), valueOf(other)) || compareMentors(one.mentor_id, other.mentor_id);
  return rows.toSorted(compareRows);
}

const compareValues = (one, other) => (one > other) - (one < other);

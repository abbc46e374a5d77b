// A list keeps the order in which it was opened. A reading changes its rows in place; what is new, gone or would stand
// elsewhere waits until it is asked for.

/**
 * Return a list. `rows` are all rows that were read, each with its `key`; each of the `sections` has an `id` and the
 * `rows` that it shows. `question` is what was asked for, `since` when it was asked (milliseconds). The list has its
 * sections as `{id, keys}`: `shown`, as they stand on the page, and `newest`, as they would stand if it was opened now.
 */
export function openList({ rows, sections, ...answer }, question, since) {
  const places = toPlaces(sections);
  return { ...answer, question, since, rows: byKey(rows), gone: new Set(), shown: places, newest: places };
}

/** Return the list with a later answer to its question. An unchanged row is the same object as before. */
export function updateList(list, { rows, sections, ...answer }) {
  const read = byKey(rows);
  const gone = new Set([...list.rows.keys()].filter((key) => !read.has(key)));
  for (const [key, row] of list.rows) {
    const isSame = read.has(key) && JSON.stringify(read.get(key)) === JSON.stringify(row);
    if (isSame || !read.has(key)) read.set(key, row); // a row that is gone stays as it was last
  }
  return { ...list, ...answer, rows: read, gone, newest: toPlaces(sections) };
}

const byKey = (rows) => new Map(rows.map((row) => [row.key, row]));
const toPlaces = (sections) =>
  sections.map(({ rows, ...section }) => ({ ...section, keys: rows.map(({ key }) => key) }));

/** Return the keys that are shown, in their order. */
export const shownKeys = (list) => list?.shown.flatMap(({ keys }) => keys) ?? [];

/** Return the section in which a key stands, or undefined. */
export const sectionOf = (places, key) => places.find(({ keys }) => keys.includes(key))?.id;

/** Return the keys that are shown in a section in which they no longer belong. */
export function listLeft({ shown, newest }) {
  const now = sectionsByKey(newest);
  return [...sectionsByKey(shown)].filter(([key, section]) => now.get(key) !== section).map(([key]) => key);
}

/** Return the keys of the rows that are new, gone, or would stand elsewhere, if the list was opened now. */
export function listWaiting(list) {
  const [before, now] = [sectionsByKey(list.shown), sectionsByKey(list.newest)];
  const left = listLeft(list);
  const added = [...now.keys()].filter((key) => !before.has(key));
  const stay = (places) => [...places.keys()].filter((key) => before.has(key) && now.has(key) && !left.includes(key));
  return [...left, ...added, ...listMoved(stay(before), stay(now))];
}

const sectionsByKey = (places) => new Map(places.flatMap(({ id, keys }) => keys.map((key) => [key, id])));

/** Return the keys that have to move to stand in another order: those outside of the longest increasing subsequence. */
function listMoved(keys, others) {
  const positions = new Map(others.map((key, index) => [key, index]));
  const isAfter = (run, key) => positions.get(run.key) > positions.get(key);
  const runs = []; // for each length: the run of this length whose last key stands first, `{key, before}`
  for (const key of keys) {
    const isLonger = !runs.length || !isAfter(runs.at(-1), key);
    const index = isLonger ? runs.length : runs.findIndex((run) => isAfter(run, key));
    runs[index] = { key, before: runs[index - 1] };
  }
  const longest = new Set();
  for (let run = runs.at(-1); run; run = run.before) longest.add(run.key);
  return keys.filter((key) => !longest.has(key));
}

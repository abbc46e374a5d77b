// A list keeps the order in which it was opened. A reading changes its rows in place; what is new, gone or would stand
// elsewhere waits until it is asked for.

/**
 * Return a list: `rows` are all that were read, each with its `key`, and `sections` what is shown of them, each with an
 * `id` and its `rows`. `question` is what was asked for, `since` when it was asked, in milliseconds. The sections stand
 * in the list as places, `{id, keys}`: those that are `shown`, and the `newest`, as a list that is opened now has them.
 */
export function openList({ rows, sections, ...facts }, question, since) {
  const places = toPlaces(sections);
  return { ...facts, question, since, rows: byKey(rows), gone: new Set(), shown: places, newest: places };
}

/** Return the list with a later reading of the same address. An unchanged row is the same object as before. */
export function updateList(list, { rows, sections, ...facts }) {
  const read = byKey(rows);
  const gone = new Set([...list.rows.keys()].filter((key) => !read.has(key)));
  for (const [key, row] of list.rows) {
    const isSame = read.has(key) && JSON.stringify(read.get(key)) === JSON.stringify(row);
    if (isSame || !read.has(key)) read.set(key, row); // what is gone keeps its last facts
  }
  return { ...list, ...facts, rows: read, gone, newest: toPlaces(sections) };
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

/** Return how many rows are new, gone, or would stand elsewhere, if the list was opened now. */
export function countWaiting(list) {
  const [before, now] = [sectionsByKey(list.shown), sectionsByKey(list.newest)];
  const left = new Set(listLeft(list));
  const added = [...now.keys()].filter((key) => !before.has(key));
  const stay = (places) => [...places.keys()].filter((key) => before.has(key) && now.has(key) && !left.has(key));
  return left.size + added.length + countMoved(stay(before), stay(now));
}

const sectionsByKey = (places) => new Map(places.flatMap(({ id, keys }) => keys.map((key) => [key, id])));

/** Return how many keys have to move, so that they stand in the other order: those outside of its longest run. */
function countMoved(keys, others) {
  const positions = new Map(others.map((key, index) => [key, index]));
  const ends = []; // the least position at which a run of each length ends
  for (const position of keys.map((key) => positions.get(key))) {
    const longer = ends.length && ends.at(-1) < position ? -1 : ends.findIndex((end) => end > position);
    ends[longer === -1 ? ends.length : longer] = position;
  }
  return keys.length - ends.length;
}

// What is true of outcomes, forms and ticks: the tag of a mentor (their ETag) says whether anything has changed since,
// and the history says who did what.

import { PAGE, groupsOf, readHistory } from "./api.js";
import { toInstant, toSecond } from "./days.js";
import { sayDone, sayWriter } from "./history.js";
import { TICKED, isPanelKey, isRowKey, keyOf, keyOfUndo, mentorOf, rowKeyOf } from "./keys.js";
import { byKey, keysOutOfPlace } from "./list.js";
import { discardDraft, model, remember } from "./model.js";
import { isInForce, isSameKind, mentorsOf, tagOf } from "./pauses.js";
import { readMentors, readPausesOf } from "./readings.js";
import { getName, getToken } from "./storage.js";

/** Return the keys of the rows of a list of mentors that no longer belong where they stand. */
export const keysLeft = (list) => (list ? keysOutOfPlace(list).filter((key) => list.rows.get(key).phase) : []);

/**
 * Read what is true of the mentors whom outcomes, forms, ticks, the panel, and rows out of their place are about, after
 * `rows` were read: their `tags`, and, of those who have changed, `entriesOf` (a Map of the newest entries of the
 * history), and the `rows` as they are now, by key.
 */
export async function readTruth(list, rows) {
  const tags = new Map();
  for (const row of rows.filter(({ phase }) => phase)) {
    const isOther = tags.has(row.mentor_id) && tags.get(row.mentor_id) !== tagOf(row); // changed between two requests
    tags.set(row.mentor_id, isOther ? undefined : tagOf(row));
  }
  const left = keysLeft(list);
  const watched = new Set([
    ...[...model.outcomes].map(([key, outcome]) => mentorOfOutcome(key, outcome)),
    ...[...model.drafts.keys()].filter(isRowKey).map(mentorOf), ...mentorsOf(model.ticked.values()),
    ...left.map(mentorOf), model.panel?.id === model.view.mentor && model.panel.mentor?.mentor_id,
  ].filter(Boolean));
  const others = [...watched].filter((mentor) => !tags.has(mentor) || left.includes(keyOf({ mentor_id: mentor })));
  const mentors = await readMentors(others);
  for (const id of others) tags.set(id, null);
  for (const { mentor_id: id, etag } of mentors) tags.set(id, etag);

  const isTrayLost = model.outcomes.get(TICKED)?.lost; // its write may have changed any of them
  const unsettled = new Set([...model.outcomes].filter(([, { tag, isDone, lost }]) => tag === undefined
    && (isDone || lost)).map(([key, outcome]) => mentorOfOutcome(key, outcome)));
  const hasOtherTag = (id) => model.tags.has(id) && model.tags.get(id).tag !== tags.get(id);
  const changed = [...watched]
    .filter((id) => isTrayLost || unsettled.has(id) || model.unread.has(id) || hasOtherTag(id));
  const reread = new Set([...mentorsOf(model.ticked.values()), ...left.map(mentorOf)]);
  const [entries, pauses] = await Promise.all([
    Promise.all(groupsOf(changed).map((group) => readHistory({ mentor_id: group.join() }, PAGE))),
    readPausesOf(changed.filter((id) => reread.has(id))),
  ]);
  for (const mentor of mentors.filter(({ phase }) => phase === "paused")) { // the list of mentors has no reasons
    const isOfMentor = (pause) => pause.mentor_id === mentor.mentor_id && isInForce(pause);
    mentor.reason = (pauses.find(isOfMentor) ?? list?.rows.get(mentor.key))?.reason;
  }
  const entriesOf = Map.groupBy(entries.flatMap(({ data }) => data), ({ mentor_id: id }) => id);
  return { tags, changed, entriesOf, rows: byKey([...pauses, ...mentors, ...rows]) };
}

/** Return the mentor whom an outcome is about, if it is about one. */
const mentorOfOutcome = (key, { mentor }) => (isRowKey(key) ? mentorOf(key) : mentor);

/** Have the model say what is true after a reading: see readTruth(). */
export function settle(truth, list) {
  for (const [key, { lost }] of [...model.outcomes]) if (lost) resolve(key, lost, truth.entriesOf);
  for (const [key, outcome] of [...model.outcomes]) if (outcome.isDone) settleDone(key, outcome, truth);
  tellOfOthers(truth, list);
  settleTicked(truth);
  for (const [mentor, tag] of truth.tags) model.tags.set(mentor, { tag, at: list.readAt });
}

/**
 * End what was done if it is no longer so. It stays while the mentor has the same tag. With another tag:
 * - if the newest entry is its own, it takes the first tag after the write; later the clock has changed the mentor;
 * - if it is somebody else's, the key says who did what.
 */
function settleDone(key, outcome, { tags, entriesOf, rows }) {
  const mentor = mentorOfOutcome(key, outcome);
  const undo = outcome.undo ?? outcome.partOf;
  const isOnItsWay = model.pending.has(key) || (undo && model.pending.has(keyOfUndo(undo)));
  // A second write within a second may leave the tag as it was, so what this page has just changed is looked at anew.
  const isAsBefore = outcome.tag === tags.get(mentor) && !model.unread.has(mentor);
  if (!tags.has(mentor) || isOnItsWay || isAsBefore) return;
  const [newest] = entriesOf.get(mentor) ?? [];
  const isOwn = !newest || outcome.entries.includes(newest.history_entry_id) || !isSince(newest, outcome.at);
  model.outcomes.delete(key);
  const tag = tags.get(mentor);
  if (!isOwn && isRowKey(key)) tell(key, newest, rows.get(rowKeyOf(key)), { tag, past: outcome.undo });
  if (isOwn && (outcome.tag === undefined || outcome.isTold)) model.outcomes.set(key, { ...outcome, tag });
}

/** Have the rows that have left their place, and those with an open form, say who has changed them since. */
function tellOfOthers({ tags, changed, entriesOf, rows }, list) {
  const left = keysLeft(list);
  for (const key of [...left, ...[...model.drafts.keys()].filter(isRowKey)]) {
    const mentor = mentorOf(key);
    const { isDone, tag } = model.outcomes.get(key) ?? {};
    const isSaid = isDone || tag === tags.get(mentor);
    if (!changed.includes(mentor) || isSaid || model.pending.has(key)) continue;
    const row = left.includes(key) ? list.rows.get(key) : model.drafts.get(key).rows[0];
    const entry = entriesOf.get(mentor)?.find((each) => isAbout(each, row));
    const { at } = model.tags.get(mentor) ?? { at: list.readAt }; // the row itself may have been read after the change
    if (entry && isSince(entry, at)) tell(key, entry, row, { tag: tags.get(mentor) });
  }
  for (const key of left) { // it shows what is true of it now
    if (rows.has(key)) list.rows.set(key, rows.get(key));
    else if (changed.includes(mentorOf(key)))
      list.rows.set(key, { ...list.rows.get(key), phase: "deleted", words: "no longer there" });
  }
}

/** Have what is ticked be as it was read last. What nothing fits any more is gone, and says why. */
function settleTicked({ changed, entriesOf, rows }) {
  for (const [key, row] of model.ticked) {
    const is = rows.get(key);
    const isGone = changed.includes(row.mentor_id) && !(is && isSameKind(is, row));
    const entries = entriesOf.get(row.mentor_id) ?? []; // the newest first
    const entry = entries.find((each) => isAbout(each, row)) ?? entries[0];
    const words = entry ? sayTold(entry, row) : (is?.words ?? "no longer there");
    if (isGone) model.ticked.set(key, { ...row, isGone, words });
    else if (is) model.ticked.set(key, is);
  }
}

/**
 * Have a key say what an entry of the history has done to a row. This tab's own write is said in the list, with its
 * Undo; in the panel it stands in its own place.
 */
function tell(key, entry, row, { tag, past }) {
  const entries = [entry.history_entry_id];
  const write = model.writes.find((each) => each.entries.includes(entry.history_entry_id));
  const outcome = { isDone: true, entries, tag, at: Date.parse(entry.changed_at) };
  if (write && !isPanelKey(key) && isAbout(entry, row ?? {})) {
    model.outcomes.set(key, { ...outcome, words: write.words, [write.mentors.length > 1 ? "partOf" : "undo"]: write });
  } else if (!model.ownEntries.has(entry.history_entry_id)) {
    model.outcomes.set(key, { ...outcome, isTold: true, words: sayTold(entry, row), past });
  }
}

/** Say who did what to a row, and when: `bob, 10:14 UTC: back`. */
export const sayTold = (entry, row) => `${sayWriter(entry)}: ${sayDone(entry, row)}`;

/** Say whether an entry was written at an instant or later. */
export const isSince = ({ changed_at: at }, instant) => Date.parse(at) >= toSecond(instant);

/** Say whether an entry of the history is about what a row shows. */
export function isAbout({ mentor_id: mentor, event, pause_records: records }, row) {
  if (mentor !== row.mentor_id) return false;
  const isOfPause = records.some(({ pause_record_id: record }) => record === row.pause_record_id);
  return isOfPause || !row.pause_record_id || event === "deleted";
}

/** If a write at a key that had no answer was made, have the key say so, with its Undo. */
function resolve(key, { at, words, parts, isForm }, entriesOf) {
  const made = parts.map((part) => entriesOf.get(part.row.mentor_id)?.find((entry) => wasMade(entry, part, at)));
  if (!made.every(Boolean)) return;
  const entries = made.map(({ history_entry_id: id }) => id);
  if (isForm) discardDraft(key);
  const undo = remember({ mentors: mentorsOf(made), words, entries });
  model.outcomes.set(key, { isDone: true, at, words, entries, undo });
  if (key === TICKED) model.ticked.clear();
}

/** Say whether an entry of the history is that of a write, by who wrote it, when, and what it has left. */
function wasMade(entry, { row, fields }, at) {
  const isBySelf = getToken() || (entry.changed_by ?? "") === (getName() ?? "");
  if (!isBySelf || !isSince(entry, at) || model.ownEntries.has(entry.history_entry_id)) return false;
  if (!fields) return isAbout(entry, row) && /deleted/.test([entry, ...entry.pause_records].map(({ event }) => event));
  const wanted = Object.entries(fields).filter(([, value]) => value !== "paused") // a coming pause leaves them active
    .map(([name, value]) => [name.replace("pause_", ""), toInstant(value ?? "")]);
  const isLeft = (record) => wanted.every(([name, value]) =>
    !(name in record) || toInstant(record[name] ?? "") === value);
  return entry.pause_records.some((record) => isLeft({ ...record, status: entry.status }));
}

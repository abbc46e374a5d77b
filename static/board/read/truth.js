// What is true after a reading: of what was done, of open forms, and of what is ticked. The ETag of a mentor says
// whether anything has changed since the reading before, and the history says who did what.

import { groupsOf, readHistory } from "./api.js";
import { toSecond, toText } from "./days.js";
import { isAbout, isSince, sayTold } from "./history.js";
import { isPanelKey, isRowKey, keyOfUndo, mentorOf, rowKeyOf } from "./keys.js";
import { byKey, keysOutOfPlace } from "./list.js";
import { isTyped, keepDraft, model } from "./model.js";
import { sayMentor } from "./names.js";
import { isInForce, isSameKind, mentorsOf, tagOf } from "./pauses.js";
import { readMentors, readPausesOf } from "./readings.js";

/** Return the keys of the rows of a list that no longer belong where they stand; an entry of the history stays. */
export const movedKeys = (list) => keysOutOfPlace(list).filter((key) => list.rows.get(key).phase);

/** Return where it stands what was done to a row: in the place of its facts, or below them; "" if nothing was. */
export function placeOfOutcome({ key }, isMoved) {
  const { isDone, isNote, isByOthers } = model.outcomes.get(key) ?? {};
  if (!isDone) return "";
  if (isNote) return "below";
  // What a colleague has done hides no facts of a row that belongs here, and no form into which something was typed.
  return isByOthers && (!isMoved || isTyped(key)) ? "below" : "in the row";
}

/** Return the mentors whom an outcome is about. */
const mentorsOfOutcome = (key, { mentors }) => (isRowKey(key) ? [mentorOf(key)] : mentors ?? []);

/**
 * Read what is true by now, after `rows` were read, of the mentors whom outcomes, forms, ticks, the panel, and rows out
 * of their place are about. Return their `tags`; who has `changed` since the reading before; the newest entries of the
 * history of those, by mentor (`entriesOf`); and all `rows`, by key. Nothing is known about a mentor whose write is on
 * its way.
 */
export async function readTruth(list, rows) {
  const tags = new Map(rows.filter(({ phase }) => phase).map((row) => [row.mentor_id, tagOf(row)]));
  const moved = movedKeys(list).map((key) => list.rows.get(key));
  const watched = new Set([
    ...[...model.outcomes].flatMap(([key, outcome]) => mentorsOfOutcome(key, outcome)),
    ...[...model.drafts.keys()].filter(isRowKey).map(mentorOf), ...mentorsOf([...model.ticked.values(), ...moved]),
    ...(model.panel?.mentor && model.panel.id === model.view.mentor ? [model.panel.id] : []),
  ]);
  const others = [...watched].filter((mentor) => !tags.has(mentor));
  const otherRows = await readMentors(others);
  for (const id of others) tags.set(id, null);
  for (const row of otherRows) tags.set(row.mentor_id, tagOf(row));
  for (const { mentors } of model.pending.values()) for (const id of mentors) tags.delete(id);

  const hasOtherTag = (id) => model.tags.has(id) && model.tags.get(id).tag !== tags.get(id);
  const changed = new Set([...watched].filter((id) => tags.has(id) && (model.stale.has(id) || hasOtherTag(id))));
  const isOld = (row) => changed.has(row.mentor_id) || tagOf(row) !== tags.get(row.mentor_id);
  const old = mentorsOf([...model.ticked.values(), ...moved].filter(isOld));
  const [entries, pauses, mentors] = await Promise.all([
    Promise.all(groupsOf([...changed]).map(readSince)),
    readPausesOf(old), readMentors(old),
  ]);
  for (const mentor of mentors.filter(({ phase }) => phase === "paused")) // the list of mentors has no reasons
    mentor.reason = pauses.find((pause) => pause.mentor_id === mentor.mentor_id && isInForce(pause))?.reason;
  const entriesOf = Map.groupBy(entries.flatMap(({ data }) => data), ({ mentor_id: id }) => id);
  return { tags, changed, entriesOf, rows: byKey([...otherRows, ...pauses, ...mentors, ...rows]) };
}

/** Read all entries of the history of some mentors since they were read last. */
function readSince(mentors) {
  const since = Math.min(model.readAt, ...mentors.map((id) => model.tags.get(id)?.at ?? Infinity));
  return readHistory({ mentor_id: mentors.join(), since: toText(toSecond(since)) }, Infinity);
}

/** Have the model say what is true after a reading: see readTruth(). */
export function settle(truth, list) {
  for (const [key, outcome] of [...model.outcomes]) {
    if (outcome.isDone) settleDone(key, outcome, truth);
    else if (outcome.isUnanswered) settleUnanswered(key, outcome, truth);
  }
  tellOfOthers(truth, list);
  settleForms(truth);
  showAsTheyAre(truth, list);
  settleTicked(truth);
  for (const [mentor, tag] of truth.tags) model.tags.set(mentor, { tag, at: list.readAt });
  model.readAt = list.readAt;
}

/** Return the newest entry about a row since its mentor was read last; undefined if nobody has written one. */
function newsOf(row, { changed, entriesOf }) {
  const isNew = (entry) => isAbout(entry, row) && isSince(entry, model.tags.get(row.mentor_id)?.at);
  return changed.has(row.mentor_id) ? entriesOf.get(row.mentor_id)?.find(isNew) : undefined;
}

/**
 * End what was done as soon as it is no longer so, and say who has done what instead. Of several mentors, those of whom
 * it is still so stay; after the last of them, what came of the Undo takes its place.
 */
function settleDone(key, outcome, truth) {
  const mentors = mentorsOfOutcome(key, outcome);
  const isStillSo = (mentor) => {
    if (!truth.changed.has(mentor)) return true;
    const [newest] = truth.entriesOf.get(mentor) ?? [];
    if (!newest || !outcome.entries.includes(newest.history_entry_id)) return false; // somebody has written since
    return model.stale.has(mentor) || outcome.isByOthers; // else the clock has changed the mentor
  };
  const still = mentors.filter(isStillSo);
  if (still.length === mentors.length) return;
  model.outcomes.delete(key);
  if (still.length) model.outcomes.set(key, { ...outcome, mentors: still });
  else if (isRowKey(key)) tell(key, newsOf({ mentor_id: mentorOf(key) }, truth), outcome.write);
  else if (outcome.write && model.outcomes.has(keyOfUndo(outcome.write)))
    model.outcomes.set(key, model.outcomes.get(keyOfUndo(outcome.write)));
}

/** Have a write that got no answer say what is there: what has changed since, or else that it was not made. */
function settleUnanswered(key, outcome, truth) {
  const mentors = mentorsOfOutcome(key, outcome);
  if (!mentors.length || !mentors.every((mentor) => truth.tags.has(mentor))) return;
  const news = mentors.map((mentor) => newsOf({ mentor_id: mentor }, truth)).filter(Boolean);
  if (news.length && isRowKey(key)) tell(key, news[0]);
  else if (news.length) {
    const lines = news.map((entry) => `${sayMentor(entry.mentor_id)}: ${sayTold(entry)}`);
    model.outcomes.set(key, { words: "No answer came. This has changed:", lines, entries: [] });
  } else {
    const { words: state } = truth.rows.get(rowKeyOf(key)) ?? {};
    const words = `${state ? `${state}: not` : "Not"} made so far. Press “${outcome.label}” again.`;
    model.outcomes.set(key, { ...outcome, words });
  }
}

/** Have the rows that have moved, and those with an open form, say who has changed them since. */
function tellOfOthers(truth, list) {
  for (const key of new Set([...movedKeys(list), ...[...model.drafts.keys()].filter(isRowKey)])) {
    const entry = newsOf(rowOfKey(key), truth);
    const { isDone, entries = [] } = model.outcomes.get(key) ?? {};
    if (!isDone && !entries.includes(entry?.history_entry_id)) tell(key, entry);
  }
}

/** Have a form that no longer fitted fit again, if a colleague has taken back what stood in its way. */
function settleForms({ changed, rows }) {
  for (const [key, { fitted }] of model.drafts) {
    const rowNow = fitted && changed.has(mentorOf(key)) && rows.get(rowKeyOf(key));
    if (rowNow && isSameKind(rowNow, fitted)) keepDraft(key, { rows: [rowNow], fitted: null, otherForm: null });
  }
}

/** Have the rows that have moved show what is true of them now. */
function showAsTheyAre({ tags, rows }, list) {
  for (const key of movedKeys(list)) {
    const row = list.rows.get(key);
    const tag = tags.get(row.mentor_id);
    if (rows.has(key)) list.rows.set(key, rows.get(key));
    else if (tags.has(row.mentor_id) && tagOf(row) !== tag)
      list.rows.set(key, { ...withTag(row, tag), phase: "deleted", words: "no longer there" });
  }
}

/** Have what is ticked be as it was read last. What nothing fits any more is left out, and says why. */
function settleTicked(truth) {
  for (const [key, row] of model.ticked) {
    const { mentor_id: mentor, leftOut, refused } = row;
    const rowNow = truth.rows.get(key);
    const tag = truth.tags.get(mentor);
    const isGone = !rowNow && truth.tags.has(mentor) && tagOf(row) !== tag;
    if (rowNow && isSameKind(rowNow, row)) {
      const isStillRefused = refused && !truth.changed.has(mentor);
      model.ticked.set(key, isStillRefused ? { ...rowNow, refused } : rowNow);
    } else if (isGone || (rowNow && !leftOut)) {
      const entry = newsOf(row, truth) ?? newsOf({ mentor_id: mentor }, truth);
      const why = entry ? sayTold(entry, row) : rowNow?.words ?? "no longer there";
      model.ticked.set(key, { ...withTag(row, tag), leftOut: why });
    }
  }
}

/** Return a row that is no longer there, so that it is not read again before its mentor has another tag. */
const withTag = (row, tag) => ({ ...row, etag: tag, mentor_etag: tag });

/** Return as much of a row as its key, or that of its form in the panel, says. */
function rowOfKey(key) {
  const [mentor, record] = key.split(" ");
  return { mentor_id: mentor, pause_record_id: record };
}

/**
 * Have a key say what an entry of the history has done. This tab's own write is said in the list, with its Undo; in the
 * panel it stands in its own place. `writeBefore` is the write that stood there: its Undo may have been refused.
 */
function tell(key, entry, writeBefore) {
  if (!entry) return;
  const id = entry.history_entry_id;
  const write = model.writes.find(({ entries }) => entries.includes(id));
  const outcome = { isDone: true, entries: [id] };
  if (write && !isPanelKey(key) && isAbout(entry, rowOfKey(key))) {
    const ofWhich = write.mentors.length > 1 ? { writeOfAll: write } : { write };
    model.outcomes.set(key, { ...outcome, words: write.words, ...ofWhich });
  } else if (!model.ownEntries.has(id)) {
    model.outcomes.set(key, { ...outcome, isByOthers: true, words: sayTold(entry, rowOfKey(key)), write: writeBefore });
  }
}

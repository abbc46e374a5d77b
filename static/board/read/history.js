// What a history says, in words.

import { now, toSecond, writeInstant, writeShort } from "./days.js";
import { sayReasonOrNone } from "./reasons.js";
import { countOf, join, sayPause, sayPauseChanges, sayStatus } from "./words.js";

/**
 * Say what was done: `ended a pause (Illness, from Fri, May 1): back Mon, May 4 instead of Fri, May 8 (expected)`. If
 * the mentor stays as they were, though one could expect something else, say that, too.
 */
export function sayEntry({ event, pause_records: records, status, undoes, changed_at: at, metadata }) {
  const isAboutMentor = ["created", "deleted"].includes(event) || records.length === 0;
  const noChange = metadata?.notes ? "added a note" : "saved without a change";
  const about = event === "updated" ? noChange : sayEvent(event, undoes);
  const isAhead = ({ start_date: start }) => Date.parse(start) > Date.parse(at);
  const isToCome = event === "pause_opened" && status === "active" && records.some(isAhead);
  const isStillPaused = event === "pause_ended" && status === "paused";
  const [until, still] = [isToCome && "available until then", isStillPaused && "still paused"];
  const parts = [isAboutMentor && about, ...records.map(sayTouched), until, still];
  return parts.filter(Boolean).join("; ");
}

/** Say the event of an entry, or of a pause record, in words: `ended a pause`, `added the mentor`. */
export function sayEvent(event, undoes) {
  if (event.startsWith("pause_")) return `${event.replace("pause_", "")} a pause`;
  const created = undoes ? "restored" : "added";
  return `${event === "created" ? created : event} the mentor`;
}

/** Say what was done to a pause record; of a change, what was before. */
function sayTouched({ event, before, ...record }) {
  if (!before || event === "pause_deleted") return `${sayEvent(event)}: ${sayPause(record)}`;
  const pause = `${sayReasonOrNone(before.reason)}, from ${writeInstant(before.start_date)}`;
  if (event === "pause_ended" && record.end_date === record.start_date) return `called off a pause (${pause})`;
  return `${sayEvent(event)} (${pause}): ${sayChanges(before, record)}`;
}

/** Say what has changed of a pause record. What no words show differs by seconds, or by the spelling of the reason. */
const sayChanges = (before, record) =>
  sayPauseChanges(before, record).join(", ") || "a time by seconds, or the spelling of the reason";

/**
 * Return the undos among some entries, the newest first, by the ids of the entries that they undo. An undo that was
 * itself undone (its own undo comes before it) does not count.
 */
export function undosByEntry(entries) {
  const undos = new Map();
  for (const entry of entries)
    if (entry.undoes && !undos.has(entry.history_entry_id)) undos.set(entry.undoes, entry); // itself not undone
  return undos;
}

/** Say of an entry that it was undone, and how the mentor is then: `undone: available again`. */
export function sayUndone({ event, status, pause_records: records }, undo) {
  if (event === "deleted") return sayRestored(records);
  return undo.status && undo.status !== status ? `undone: ${sayStatus(undo.status)} again` : "undone";
}

/** Say that a mentor was restored, how they are then, and with how many pauses: `restored: paused, with 1 pause`. */
export function sayRestored(pauses) {
  const isInForce = ({ start_date: start, end_date: end }) => Date.parse(start) <= now() && !(Date.parse(end) <= now());
  const status = pauses.some(isInForce) ? "paused" : "available";
  return `restored: ${join(status, pauses.length && `with ${countOf(pauses.length, "pause")}`)}`;
}

/** Say in a few words what the entries of one action have done: `opened a pause`, `opened 6 pauses`. */
export function sayAction(entries) {
  const eventOf = ({ event, pause_records: [record] }) => (event === "updated" && record ? record.event : event);
  const [event, ...others] = new Set(entries.map(eventOf));
  const words = others.length ? "changed a pause" : sayEvent(event, entries[0].undoes);
  const counted = words.endsWith("pause") ? entries.flatMap(({ pause_records: records }) => records) : entries;
  return entries.length === 1 ? words : words.replace(/\S+ (\S+)$/, countOf(counted.length, "$1"));
}

/** Say of the entries of an undo that they are one, and of what, if it is among those `undone`; of others nothing. */
export function sayUndid([{ undoes }], undone) {
  if (!undoes) return "";
  return undone.length ? `(undid “${sayAction(undone)}” by ${sayWriter(undone[0])})` : "(undid an earlier change)";
}

/** Say who wrote an entry, and when: `bob, 04:16 UTC`; of another day `bob, 1 May, 04:16 UTC`. */
export const sayWriter = ({ changed_by: by, changed_at: at }) => `${by ?? "Somebody"}, ${writeShort(at)}`;

/** Say below the last entries of a history that older ones may have been purged, if there was a purge. */
export const sayPurged = (purged) => (purged ? `Entries before ${writeInstant(purged)} may have been deleted.` : "");

const DONE = { pause_deleted: "pause deleted", deleted: "mentor deleted" };

/** Say in a few words what an entry has done to what a row shows: `back Fri, Dec 18 instead of Fri, Dec 4`. */
export function sayDone(entry, { pause_record_id: id } = {}) {
  const { event, status, pause_records: records, undoes } = entry;
  const touched = records.find(({ pause_record_id: record }) => !id || record === id);
  if (!touched && event.startsWith("pause_")) return sayEntry(entry); // it is about another pause
  const done = event === "deleted" || !touched ? event : touched.event;
  const isEnded = done === "pause_ended" && Date.parse(touched.end_date) <= now();
  if (isEnded) return status === "paused" ? "this pause ended" : "back";
  if (done === "pause_updated") return sayChanges(touched.before, touched).replaceAll(" (expected)", "");
  if (event === "created") return undoes ? "restored" : "added anew";
  return DONE[done] ?? sayEntry(entry);
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

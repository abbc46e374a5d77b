// What the dates of a pause mean at an instant; the terms are those of docs/rules.md.

import { dayNumber, writeDay } from "./days.js";
import { keyOf } from "./keys.js";
import { noteReason } from "./reasons.js";
import { countOf, join, sayStatus } from "./words.js";

export const IN_FORCE = ["overdue", "current", "undated"]; // the API counts them all as `phase=current`
const PHASES = [...IN_FORCE, "scheduled", "ended", "cancelled"]; // the most urgent first
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const VERBS = { current: "due", scheduled: "begins" };

export const SOON = 6; // days after today: who is expected back by then is due

/**
 * Return a pause record of the API as a row, with its `key` and with what it is at `at`: `start` and `end`
 * (milliseconds; Infinity: it is open), `back` (when the mentor is expected, or came back; or null), `phase`
 * ("cancelled": it never was), `words` (`due in 3 days`), `urgency`, by which to sort, and `isDue`: the mentor is
 * expected back within these 7 days. With `expected` it ends when the mentor is expected back. `as_of` is another day.
 * `readAt` is `at`: a refusal says what was written since then.
 */
export function rowOfPause(record, { at, expected, as_of }) {
  noteReason(record.reason);
  const back = record.end_date ?? record.expected_return_date;
  const [start, backAt] = [Date.parse(record.start_date), Date.parse(back)];
  const hasEnd = back && (record.end_date || expected);
  const end = hasEnd ? backAt : Infinity;
  const phase = phaseOf(start, end, backAt, at);
  const date = ["scheduled", "undated"].includes(phase) ? start : backAt; // by which it is sorted, and described
  const urgency = PHASES.indexOf(phase) * 1e13 + (phase === "ended" ? -end : date); // by phase, then by date
  const isDue = phase === "current" && dayNumber(backAt) - dayNumber(at) <= SOON;
  const isAway = as_of && ["overdue", "current"].includes(phase); // on another day this is the first question
  const words = join(isAway && "away", describe(phase, date, at));
  return { ...record, key: keyOf(record), start, end, back, phase, urgency, isDue, words, readAt: at };
}

/** Return a mentor of the API as a row, as of `at`. */
export function rowOfMentor(mentor, { at }) {
  const { status, pause_start_date: start, expected_return_date: back } = mentor;
  const next = status === "active" ? start && `leaves ${writeDay(start)}` : back && `back ${writeDay(back)}`;
  return { ...mentor, key: keyOf(mentor), phase: status, words: join(sayStatus(status), next), back, readAt: at };
}

/** Return the tag of the mentor of a row: their ETag, which changes whenever they do; null if they are not there. */
export const tagOf = ({ mentor_etag: ofPause, etag }) => ofPause ?? etag ?? null;

/** Return the mentors of some rows, each of them once. */
export const mentorsOf = (rows) => [...new Set(Array.from(rows, ({ mentor_id: mentor }) => mentor))];

export const countMentors = (rows) => mentorsOf(rows).length;

/** Return how many of some pauses are in force of each mentor who is in several, by mentor. */
export function countTogether(pauses) {
  const inForce = Map.groupBy(pauses.filter(isInForce), ({ mentor_id: mentor }) => mentor);
  return new Map([...inForce].map(([mentor, rows]) => [mentor, rows.length]).filter(([, count]) => count > 1));
}

/** Return since when a mentor who is paused is away without a break, in milliseconds, by all their pauses. */
export function awaySince(pauses) {
  let since = Math.min(...pauses.filter(isInForce).map(({ start }) => start));
  // One that ended on the day on which the next one began, but later, was ended before that: there was a break.
  const touches = (end) => end === since || dayNumber(end) > dayNumber(since);
  for (const { start, end } of pauses.toSorted((one, other) => other.start - one.start))
    if (touches(end)) since = Math.min(since, start);
  return since;
}

/** Say whether the mentor of a row is paused by it. */
export const isInForce = ({ phase }) => IN_FORCE.includes(phase);

/** Say whether the same can be done about two rows. */
export const isSameKind = (one, other) => one.phase === other.phase || (isInForce(one) && isInForce(other));

function phaseOf(start, end, backAt, at) {
  if (start === end) return "cancelled";
  if (end <= at) return "ended";
  if (start > at) return "scheduled";
  if (end !== Infinity) return "current";
  if (!backAt) return "undated";
  return dayNumber(backAt) < dayNumber(at) ? "overdue" : "current"; // a return date is the first day back
}

function describe(phase, date, at) {
  const days = dayNumber(date) - dayNumber(at);
  if (phase === "overdue") return `${countOf(-days, "day")} overdue`;
  if (phase === "undated") return days ? `away ${sayLength(-days)}` : "away since today";
  if (phase === "cancelled") return "called off";
  return phase in VERBS ? `${VERBS[phase]} ${RELATIVE.format(days, "day")}` : phase;
}

const sayLength = (days) => (days < 14 ? countOf(days, "day") : countOf(Math.floor(days / 7), "week"));

/** Say whether a pause keeps the mentor away when another one, which is `due`, has ended. */
export const outlasts = ({ start_date: start, back }, due) =>
  (back ?? "9999") > due.back && dayNumber(start) <= dayNumber(due.back);

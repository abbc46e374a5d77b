// What the dates of a pause mean at an instant; the terms are those of docs/rules.md.

import { countOf } from "./elements.js";
import { dayNumber, writeInstant } from "./days.js";

const PHASES = ["overdue", "current", "undated", "scheduled", "ended"]; // what needs somebody first
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const VERBS = { current: "back", undated: "no return date", scheduled: "begins" };

const reasonsInUse = new Set(); // those of the pauses that this page has read

export const SOON = 6; // days after today: who is expected back by then is due

/**
 * Return a pause of the API with what it is at `at`: `start` and `end` (milliseconds; Infinity: it is open), `back`
 * (when the mentor is expected, or came back; or null), `phase` ("cancelled": it never was), `words` (`back in 3
 * days`), `urgency`, by which to sort, and `isPressing`: it is overdue, due or without a return date. With `expected`
 * it ends when the mentor is expected back. Its reason counts as one in use from then on.
 */
export function pauseAt(record, { at, expected }) {
  if (record.reason) reasonsInUse.add(record.reason);
  const back = expectedReturn(record);
  const [start, expectedBack] = [Date.parse(record.start_date), Date.parse(back)];
  const end = record.end_date || expected ? expectedBack || Infinity : Infinity;
  const phase = phaseOf(start, end, expectedBack, at);
  const next = phase === "scheduled" ? start : expectedBack; // what it waits for
  // By phase, then by date: every instant is below 9e12, which stands for no date.
  const urgency = PHASES.indexOf(phase) * 1e13 + (phase === "ended" ? -end : next || 9e12);
  const isDue = phase === "current" && dayNumber(expectedBack) - dayNumber(at) <= SOON;
  const isPressing = isDue || phase === "overdue" || phase === "undated";
  return { ...record, start, end, back, phase, urgency, isPressing, words: describe(phase, next, at) };
}

function phaseOf(start, end, expectedBack, at) {
  if (start === end) return "cancelled";
  if (end <= at) return "ended";
  if (start > at) return "scheduled";
  if (end !== Infinity) return "current";
  if (!expectedBack) return "undated";
  return dayNumber(expectedBack) < dayNumber(at) ? "overdue" : "current"; // a return date is the first day back
}

function describe(phase, next, at) {
  const days = dayNumber(next) - dayNumber(at);
  if (phase === "overdue") return `${countOf(-days, "day")} overdue`;
  if (!(phase in VERBS)) return phase;
  return next ? `${VERBS[phase]} ${RELATIVE.format(days, "day")}` : VERBS[phase];
}

/** Return when the mentor is expected back: at the end of the pause, if it has one; null if it has neither date. */
export const expectedReturn = ({ end_date: end, expected_return_date: expected }) => end ?? expected;

/** Say whether a pause begins by the day on which another one of its mentor, which is due, ends, and lasts longer. */
export const outlasts = ({ start_date: start, back }, due) =>
  (back ?? "9999") > due.back && dayNumber(start) <= dayNumber(due.back);

/** Say the dates of a pause: `1 May 2026 – 8 May 2026 (expected)`. */
export function sayDates(pause) {
  const back = expectedReturn(pause);
  const until = back ? `${writeInstant(back)}${pause.end_date ? "" : " (expected)"}` : "not known";
  return `${writeInstant(pause.start_date)} – ${until}`;
}

/** Write a reason as words: `Certification expiry` for `certification_expiry`; null for none. */
export function sayReason(reason) {
  const words = reason?.replaceAll(/[\s_-]+/g, " ").trim() || reason;
  return words ? words[0].toUpperCase() + words.slice(1) : null;
}

/** Return the reasons in use, sorted, as a Map of arrays by their words. */
export const reasonsByWords = () => Map.groupBy([...reasonsInUse].sort(), sayReason);

/** Return the reason that a text means: itself, if it is in use, else the first one in use that reads the same. */
export function reasonOf(text) {
  const [first = text] = reasonsByWords().get(sayReason(text)) ?? [];
  return reasonsInUse.has(text) ? text : first;
}

/** Return the hue of a reason, in degrees: one of twelve, always the same one, and none that looks red (overdue). */
export const hueOf = (reason) =>
  70 + 23 * ([...(reason ?? "")].reduce((hash, character) => (hash * 37 + character.codePointAt(0)) % 65_521, 5) % 12);

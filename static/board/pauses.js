// What the dates of a pause mean at an instant; the terms are those of docs/rules.md.

import { dayNumber, writeInstant } from "./days.js";

const URGENCY = ["overdue", "current", "scheduled", "ended", ""];

/** Return when a pause ends, in milliseconds; Infinity for an open one. */
export const endOf = (pause, { expected }) =>
  Date.parse(pause.end_date ?? (expected ? pause.expected_return_date : null)) || Infinity;

/** Return the date on which the mentor is expected back, or came back; null where nobody has said one. */
export const returnOf = (pause) => pause.end_date ?? pause.expected_return_date;

/** Return the phase of a pause: scheduled, current, overdue or ended; "" for one that was called off. */
export function phaseOf(pause, view) {
  const [start, end] = [Date.parse(pause.start_date), endOf(pause, view)];
  if (start === end) return "";
  if (end <= view.at) return "ended";
  if (start > view.at) return "scheduled";
  return end === Infinity && Date.parse(pause.expected_return_date) < view.at ? "overdue" : "current";
}

/** Say in a few words how it is with a pause: `back in 3 days`, `overdue by 12 days`. */
export function describe(pause, view) {
  const phase = phaseOf(pause, view);
  if (phase === "ended" || phase === "") return phase || "called off";
  const date = phase === "scheduled" ? pause.start_date : returnOf(pause);
  if (!date) return "no return date";
  const days = dayNumber(date) - dayNumber(view.at);
  if (phase === "overdue") return days ? `overdue by ${inDays(-days)}` : "due back today";
  return `${phase === "scheduled" ? "begins" : "back"} ${["today", "tomorrow"][days] ?? `in ${inDays(days)}`}`;
}

const inDays = (count) => (count === 1 ? "1 day" : `${count.toLocaleString()} days`);

/** Say the dates of a pause: `1 May 2026 – 8 May 2026 (expected)`. */
export function sayDates(pause) {
  const end = returnOf(pause) ? writeInstant(returnOf(pause)) : "not known";
  return `${writeInstant(pause.start_date)} – ${end}${!pause.end_date && returnOf(pause) ? " (expected)" : ""}`;
}

/** Compare two texts by their characters, as the API orders ids. */
export const compare = (one, other) => (one > other) - (one < other);

/** Compare pauses by what needs somebody first: overdue longest, back soonest, begins soonest; then ended last. */
export function compareUrgency(one, other, view) {
  const [rank, otherRank] = [one, other].map((pause) => URGENCY.indexOf(pause.start_date ? phaseOf(pause, view) : ""));
  const [date, otherDate] = [one, other].map((pause) => (rank === 2 ? pause.start_date : returnOf(pause)) ?? "9");
  return rank - otherRank || compare(date, otherDate) * (rank === 3 ? -1 : 1);
}

/** Return the hue of a reason, in degrees: one of twelve, and always the same one. */
export const hueOf = (reason) =>
  30 * ([...(reason ?? "")].reduce((hash, character) => (hash * 37 + character.codePointAt(0)) % 65_521, 5) % 12);

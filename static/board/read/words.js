// Facts in words.

import { dayNumber, now, writeDay, writeInstant } from "./days.js";
import { sayReason, sayReasonOrNone } from "./reasons.js";

/** Write a number of things: `1 mentor`, `1,200 mentors`. */
export const countOf = (count, noun) => `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;

/** Join words by commas, without those that are not there. */
export const join = (...words) => words.filter(Boolean).join(", ");

/** Say the status of a mentor: `available`, `paused`. */
export const sayStatus = (status) => (status === "active" ? "available" : status);

/** Say a day as somebody would: `today`, `tomorrow`, `Mon, Dec 7`. */
export function sayDay(instant) {
  const days = dayNumber(instant) - dayNumber(now());
  return { 0: "today", 1: "tomorrow" }[days] ?? writeDay(instant);
}

/** Say what a pause will be, as a sentence goes on: `paused from today, back Mon, Dec 21, Illness`. */
export const sayPlan = ({ start, back, reason }) =>
  join(`paused from ${start ? sayDay(start) : "which day?"}`, back && `back ${sayDay(back)}`, sayReason(reason));

/** Say a pause record: `Illness, Fri, May 1 – Fri, May 8 (expected)`. */
export const sayPause = ({ reason, ...dates }) => `${sayReasonOrNone(reason)}, ${sayDates(dates)}`;

/** Say the dates of a pause record: `Fri, May 1 – Fri, May 8 (expected)`. */
export const sayDates = ({ start_date: start, ...dates }) => // one that was called off has none but its start
  writeInstant(start) + (dates.end_date === start ? "" : ` – ${sayBack(dates)}`);

/** Say when the mentor of a pause is back: `Fri, May 8 (expected)`. */
function sayBack({ end_date: end, expected_return_date: expected }) {
  if (end) return writeInstant(end);
  return expected ? `${writeInstant(expected)} (expected)` : "not known";
}

/** Say in lines what has changed of a pause record: `back Mon, May 4 instead of Fri, May 8 (expected)`. */
export function sayPauseChanges(before, after) {
  const factsOf = ({ start_date: start, reason, ...dates }) => ({
    from: writeInstant(start), back: sayBack(dates), reason: sayReason(reason) ?? "none",
    "expected back": sayBack({ expected_return_date: dates.expected_return_date }).replace(" (expected)", ""),
  });
  const [was, is] = [before, after].map(factsOf);
  const changed = Object.keys(is).filter((name) => is[name] !== was[name]);
  const isBackSaid = changed.includes("back"); // then it is not said once more when they were expected
  const isAsExpected = after.end_date && !before.end_date
    && dayNumber(after.end_date) === dayNumber(before.expected_return_date ?? NaN);
  const compare = (name) => (name === "back" && isAsExpected ? "as expected" : `instead of ${was[name]}`);
  return changed.filter((name) => name !== "expected back" || !isBackSaid)
    .map((name) => `${name} ${is[name]} ${compare(name)}`);
}

const FIELD_NAMES = { // of mentors and pause records, as somebody would call them
  status: "status", start_date: "from", pause_start_date: "from", end_date: "back", expected_return_date: "back",
  reason: "reason", pause_reason: "reason", notes: "note",
};

const sayField = (name) => FIELD_NAMES[name] ?? name.replaceAll("_", " ");

/** Say why the API refuses a field, with the fields that it names in words: `back: It is before “from”; …`. */
export const sayRefused = (name, texts) =>
  `${sayField(name)}: ${texts.join(" ").replaceAll(/\b[a-z]+(_[a-z]+)+\b/g, (field) => `“${sayField(field)}”`)
    .replaceAll(/[\d-]{10}T[\d:]{8}Z/g, writeInstant)}`;

// The writes that the page offers, each in one place: whom it fits, what it sends, and what is said of it.

import { dateOfInstant, dayNumber, daysLater, now, startOf, toInstant, writeDay } from "../read/days.js";
import { keyOf } from "../read/keys.js";
import { togetherOf } from "../read/model.js";
import { nameOf } from "../read/names.js";
import { IN_FORCE, isInForce, mentorsOf } from "../read/pauses.js";
import { reasonOf } from "../read/reasons.js";
import { countOf, join, sayDay, sayPauseChanges, sayPlan } from "../read/words.js";

const PLAN = ["start", "back", "reason", "notes"];
const orNull = (text) => text?.trim() || null;

/**
 * By name:
 * - `label`: what the button says;
 * - `intent(whom)`: what somebody is about to do: `bring Marta back`;
 * - `fits`: the phases of the rows that it fits, those of pauses and those of mentors (active, paused);
 * - `list`: the list of the API in which it changes something, by PUT unless there is another `method`;
 * - `body(row, values)`: the fields that it sends;
 * - `say(row, values)`: what was done, or, in its form, what would be; `sayOfAll`: of several of whom it differs;
 * - `sayDetail(rows)`: what the button says below its label;
 * - `fields`: those of its form, which may be none; without `fields` there is no form: a click writes; `fieldsOfOne`:
 *   those that it has, too, if it is about one row (a table of several rows has no entry for a note alone);
 * - of the form: what the button says that sends it (`submit`), whether it begins with what the row has (`isFilled`),
 *   whether a reason has to be chosen (`isReasonRequired`), and what it asks first (`question`).
 */
export const WRITES = {
  bring_back: {
    intent: (whom) => `bring ${whom} back`,
    label: "Back today", list: "mentor-statuses", fits: [...IN_FORCE, "paused"],
    body: () => ({ status: "active" }),
    say: ({ mentor_id: mentor }) =>
      join("back today", togetherOf(mentor) > 1 && `${togetherOf(mentor)} pauses ended`),
    sayOfAll: "back today",
    sayDetail: ([{ mentor_id: mentor }, ...others]) =>
      (togetherOf(mentor) > 1 && !others.length ? `ends ${togetherOf(mentor)} pauses` : ""),
  },
  postpone: {
    intent: (whom) => `move the return of ${whom}`,
    label: "Other day…", list: "pause-records", fits: [...IN_FORCE, "scheduled"], submit: "Save",
    fields: ["back"], fieldsOfOne: ["notes"], sayDetail: ({ length: count }) => (count === 1 ? "or a note" : ""),
    body: (row, { back = row.back }) => backOf(row, back), say: sayPostponed,
  },
  pause: {
    intent: (whom) => `pause ${whom}`,
    label: "Pause…", list: "mentor-statuses", fits: ["active"], fields: PLAN, submit: "Pause",
    body: (_, { start, back, reason }) => ({
      status: "paused", pause_start_date: start, expected_return_date: orNull(back), pause_reason: toReason(reason),
    }),
    say: (_, values) => sayPlan(values),
  },
  pause_again: {
    intent: (whom) => `pause ${whom} again`,
    label: "Another pause…", list: "pause-records", method: "POST", fits: ["paused"], fields: PLAN, submit: "Pause",
    isReasonRequired: true,
    body: ({ mentor_id }, { start, back, reason }) => ({
      mentor_id, start_date: start, expected_return_date: orNull(back), reason: toReason(reason),
    }),
    say: (_, values) => sayPlan(values),
  },
  change: {
    intent: (whom) => `change ${whom}'s pause`,
    label: "Change…", list: "pause-records", fits: [...IN_FORCE, "scheduled", "ended"], fields: PLAN, submit: "Save",
    isFilled: true,
    body: (row, { start, back, reason }) => ({
      start_date: start, reason: toReason(reason, row.reason),
      ...backOf(row, isDayOf(row.back, back) ? row.back : back),
    }),
    say: sayChanged,
  },
  week_later: { // after the return date, or after today if that has passed or is not known
    intent: (whom) => `move the return of ${whom}`,
    label: "+1 week each", list: "pause-records", fits: [...IN_FORCE, "scheduled"],
    body: (row) => WRITES.postpone.body(row, { back: offeredDays(row)[0] }),
    say: (row) => WRITES.postpone.say(row, { back: offeredDays(row)[0] }), sayOfAll: "each back a week later",
    sayDetail: (rows) => {
      const days = rows.map((row) => offeredDays(row)[0]).sort();
      return [...new Set([days[0], days.at(-1)].map(writeDay))].join(" – ");
    },
  },
  call_off: {
    intent: (whom) => `call off ${whom}'s pause`,
    label: "Call off", list: "pause-records", fits: ["scheduled"],
    body: () => ({ is_active: false }), say: () => "called off",
  },
  reopen: {
    intent: (whom) => `reopen ${whom}'s pause`,
    label: "Reopen", list: "pause-records", fits: ["ended", "cancelled"],
    body: () => ({ is_active: true }), say: () => "reopened",
  },
  delete_pause: {
    intent: (whom) => `delete ${whom}'s pause`,
    label: "Delete this pause…", list: "pause-records", method: "DELETE",
    fits: [...IN_FORCE, "scheduled", "ended", "cancelled"], fields: [], submit: "Delete the pause",
    say: () => "pause deleted",
    question: "This deletes the pause as if it had never been. You can undo it.",
  },
  delete_mentor: {
    intent: (whom) => `delete ${whom}`,
    label: "Delete this mentor…", list: "mentor-statuses", method: "DELETE", fits: ["active", "paused"],
    fields: [], submit: "Delete the mentor", say: () => "mentor deleted",
    question: "This deletes the mentor and all their pauses. You can undo it.",
  },
};

/** Say until when a pause is moved. (Another pause of the mentor may last longer.) */
function sayPostponed({ mentor_id: mentor, end_date: end }, { back, ...values }) {
  const question = `back on which day?${"notes" in values ? " Or only a note." : ""}`;
  if (back === undefined) return orNull(values.notes) ? "" : question; // nobody has chosen yet
  const isBack = isPast(back) ? "back since" : end ? "back" : "expected back";
  const when = back ? `${isBack} ${sayDay(back)}` : "no return date";
  return togetherOf(mentor) === 1 ? when : `this pause: ${when}`;
}

/** Say what the form of a pause changes. */
function sayChanged(row, { notes, ...values }) {
  if (!values.start) return "from which day?";
  const after = { ...row, ...WRITES.change.body(row, values) };
  const { end_date: end } = after;
  const differences = sayPauseChanges(row, after).map((words) => words.replaceAll(" (expected)", ""));
  if (end && toInstant(end) === toInstant(after.start_date)) differences.push("the pause is called off");
  else if (end && row.phase !== "ended" && Date.parse(toInstant(end)) <= now()) differences.push("the pause ends");
  return differences.join("; ") || (orNull(notes) ? "" : "no change");
}

/**
 * Return the fields that say when the mentor of a pause is back. A fixed end stays one; a new day of the past is one,
 * too: the mentor came back then. Not known clears both.
 */
function backOf({ end_date: end, back: before }, back) {
  if (!orNull(back)) return end ? { end_date: null, expected_return_date: null } : { expected_return_date: null };
  return { [end || (isPast(back) && back !== before) ? "end_date" : "expected_return_date"]: back };
}

/** Say whether a day, as a field has it, is that of an instant of the API. */
const isDayOf = (instant, day) => Boolean(instant && day) && dayNumber(instant) === dayNumber(day);

const isPast = (day) => dayNumber(day) < dayNumber(now());

const toReason = (text, own) => orNull(text) && reasonOf(text.trim(), own);

/** Say what a write does, or did, to some rows. */
export function sayWrite(name, rows, values) {
  const { say, sayOfAll } = WRITES[name];
  const [words, ...others] = new Set(rows.map((row) => say(row, values)));
  const note = orNull(values.notes);
  return join(others.length ? sayOfAll ?? say({}, values) : words, note && `note “${note}”`);
}

/** Return the names of the writes that fit all of some rows. */
export const fittingWrites = (rows, names = Object.keys(WRITES)) =>
  names.filter((name) => rows.length && rows.every(({ phase }) => WRITES[name].fits.includes(phase)));

/** Return the days that a pause's buttons offer: one and two weeks after its return date, its start, or today. */
export function offeredDays({ back, start_date: start }) {
  const from = Math.max(Date.parse(back ?? start), startOf(dayNumber(now())));
  return [7, 14].map((days) => daysLater(from, days));
}

/**
 * Return the values of the fields of a form: what was `typed`, else what the row has, else a pause from today. A date
 * is "" if it is not known, and undefined as long as nobody has chosen one.
 */
export function valuesOf(name, fields, { start_date: start, back, reason }, typed) {
  const { isFilled } = WRITES[name];
  // A new pause may begin without a return date; a form of that date alone waits until one is chosen.
  const first = { start: dateOfInstant(now()), back: fields.includes("start") ? "" : undefined };
  const untyped = isFilled ? { start, back: back ?? "", reason } : first;
  return Object.fromEntries(fields.map((field) => [field, typed[field] ?? untyped[field]]));
}

/** Say what somebody is about to do to some mentors by a write: `bring Marta back`. */
export function sayIntent(name, rows) {
  const [mentor, ...others] = mentorsOf(rows);
  return WRITES[name].intent(others.length ? countOf(others.length + 1, "mentor") : nameOf(mentor) ?? mentor);
}

/**
 * Return the form into which what was typed for a row can go if it no longer fits there, as `{write, row}`, by the
 * `rows` of now: it changes the pause, or the one that has begun, or else it pauses the mentor.
 */
export function otherFormOf({ key, mentor_id }, rows) {
  const begun = [...rows.values()].filter((row) => row.mentor_id === mentor_id && isInForce(row));
  for (const row of [rows.get(key), ...begun, rows.get(keyOf({ mentor_id }))].filter(Boolean)) {
    const [write] = fittingWrites([row], ["change", "pause"]);
    if (write) return { write, row };
  }
  return undefined;
}

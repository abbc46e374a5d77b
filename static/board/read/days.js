// Instants and days. A day is one of the service's time zone, wherever the reader is: see docs/rules.md.

export const DAY = 86_400_000; // milliseconds
const LOCAL = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/; // a date, or a time without an offset

/** Return a formatter of days, in the reader's language; it formats a day's number times DAY. */
export const formatter = (options) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", ...options });
const DATE_WITHOUT_YEAR = formatter({ weekday: "short", day: "numeric", month: "short" });
const DATE = formatter({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const NEAR = 180; // days from today: such a day needs no year

export let zone; // its name
let time, timeWithZone, parts; // formatters of instants
const starts = new Map(); // of days

/** Have days be those of a time zone; raise a RangeError if this browser does not know it. */
export function setZone(timeZone) {
  const inZone = (language, options) => new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
  time = inZone(undefined, { hour: "2-digit", minute: "2-digit" });
  timeWithZone = inZone(undefined, { hour: "2-digit", timeZoneName: "short" });
  const names = ["year", "month", "day", "hour", "minute", "second"];
  parts = inZone("en", Object.fromEntries(names.map((name) => [name, "numeric"])));
  starts.clear();
  zone = timeZone;
}
setZone("UTC");

/** Return what the clocks of the zone show at an instant, as if they showed UTC; both in milliseconds. */
function localTime(at) {
  const { year, month, day, hour, minute, second } =
    Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  // Date.UTC() takes the year 20, which is there while 2026 is typed, for 1920.
  return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Return the instant at which clocks show a time: of two the first; a time that is skipped counts as before it. */
function instantOf(local) {
  const offsetAt = (at) => localTime(at) - at;
  const candidates = [-DAY, DAY].map((away) => local - offsetAt(local + away));
  return candidates.find((at) => localTime(at) === local) ?? candidates[0];
}

/** Return the first instant of a day, in milliseconds; a day is the number of its date since 1970. */
export function startOf(day) {
  if (!starts.has(day)) starts.set(day, instantOf(day * DAY));
  return starts.get(day);
}

/** Return text as an instant of the API, if it is a date or has no offset; else as it is. */
export function toInstant(text) {
  const local = LOCAL.test(text) ? Date.parse(`${text.length === 10 ? `${text}T00:00:00` : text}Z`) : NaN;
  return Number.isNaN(local) ? text : toText(instantOf(local)); // there is no 2026-31-05
}
/** Return the second of an instant (both in milliseconds): the service writes whole seconds. */
export const toSecond = (at) => Math.floor(at / 1000) * 1000;
/** Write an instant (milliseconds) as the API does. */
export const toText = (at) => new Date(at).toISOString().replace(".000Z", "Z");
const toMilliseconds = (instant) => (typeof instant === "string" ? Date.parse(toInstant(instant)) : Number(instant));

/** Return the day of an instant (milliseconds, or text of the API): the last one that has begun by then. */
export function dayNumber(instant) {
  const at = toMilliseconds(instant);
  if (!Number.isFinite(at)) return at;
  const inUtc = Math.floor(at / DAY);
  return [inUtc + 1, inUtc, inUtc - 1].find((day) => startOf(day) <= at);
}

/** Return a day as a field has it, and the API takes it: `2026-05-01`. */
export const dateOf = (day) => toText(day * DAY).slice(0, 10);
export const dateOfInstant = (instant) => dateOf(dayNumber(instant));

/** Return the instant that is so many days after another one, at the same time of the day, as the API takes it. */
export function daysLater(at, days) {
  const isStartOfDay = startOf(dayNumber(at)) === at;
  return isStartOfDay ? dateOf(dayNumber(at) + days) : toText(localTime(at) + days * DAY).slice(0, 19);
}

/** Say whether a text is a date: 2026-02-31 is none, though a browser may read it as a later day. */
export function isDate(text) {
  const day = Date.parse(text) / DAY;
  return Number.isFinite(day) && dateOf(day) === text;
}

/** Write the day of an instant with its weekday, and with its year unless the day is near. */
export function writeDay(instant) {
  const isNear = Math.abs(dayNumber(instant) - dayNumber(now())) <= NEAR;
  return isNear ? DATE_WITHOUT_YEAR.format(dayNumber(instant) * DAY) : writeWholeDay(instant);
}
/** Write the day of an instant with its weekday and its year. */
export const writeWholeDay = (instant) => DATE.format(dayNumber(instant) * DAY);
export const writeTime = (instant) => time.format(toMilliseconds(instant));
/** Write the time of an instant with the zone's short name: `23:30 PST`. */
function writeTimeInZone(instant) {
  const { value } = timeWithZone.formatToParts(toMilliseconds(instant)).find(({ type }) => type === "timeZoneName");
  return `${writeTime(instant)} ${value}`;
}
/** Write the time of an instant of the API; nothing if a day begins then. */
export const writeTimeOfDay = (instant) =>
  (startOf(dayNumber(instant)) === toMilliseconds(instant) ? "" : writeTimeInZone(instant));
/** Write an instant of the API as its day, with the time unless the day begins then. */
export const writeInstant = (instant) => [writeDay(instant), writeTimeOfDay(instant)].filter(Boolean).join(", ");

/** Write an instant as briefly as it is clear: today's time, or the day with the time. */
export const writeShort = (instant) =>
  (dayNumber(instant) === dayNumber(now()) ? writeTimeInZone(instant) : writeInstant(instant));

export const mondayOf = (day) => day - ((day + 3) % 7); // day 0 was a Thursday

const INEXACT = 2000; // milliseconds by which the header Date may be wrong
let ahead; // milliseconds by which the service's clock is ahead of the reader's; undefined: no answer has come yet

/** Set the clock by the header Date of an answer: a whole second, and that of before its way here. */
export function setClock(date) {
  if (!date) return;
  const difference = Date.parse(date) - Date.now(); // too small: rounded down, and late by the way here
  const isCorrection = ahead === undefined || Math.abs(difference - ahead) > INEXACT;
  ahead = isCorrection ? difference : Math.max(difference, ahead); // the largest was delayed least
}
export const now = () => Date.now() + (ahead ?? 0);
/** Say whether an answer of the service has said what time it is; and whether the reader's clock shows another time. */
export const isClockKnown = () => ahead !== undefined;
export const isClockWrong = () => Math.abs(ahead ?? 0) > INEXACT;

// Instants and days. Days are UTC days wherever the reader is: a plain date of the API is midnight UTC.

export const DAY = 86_400_000; // milliseconds

/** Return a formatter of instants, in the reader's language. */
export const format = (options) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", ...options });
const DATE = format({ day: "numeric", month: "short", year: "numeric" });
const DATE_OF_THIS_YEAR = format({ day: "numeric", month: "short" });
const TIME = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Write the day of an instant (milliseconds, or text of the API), with its year if that is not the present one. */
export function writeDay(instant) {
  const [year, thisYear] = [instant, now()].map((each) => new Date(each).getUTCFullYear());
  return (year === thisYear ? DATE_OF_THIS_YEAR : DATE).format(new Date(instant));
}
export const writeTime = (instant) => TIME.format(new Date(instant));
/** Write the time of an instant of the API; nothing if that is midnight. */
export const writeTimeOfDay = (instant) => (instant.endsWith("T00:00:00Z") ? "" : `${writeTime(instant)} UTC`);
/** Write an instant of the API as its day, with the time if that is not midnight. */
export const writeInstant = (instant) => [writeDay(instant), writeTimeOfDay(instant)].filter(Boolean).join(", ");

/** Return the day of an instant as a field has it: `2026-05-01`. */
export const fieldDay = (instant) => new Date(instant).toISOString().slice(0, 10);
export const dayNumber = (instant) => Math.floor(new Date(instant) / DAY);

let ahead = 0; // milliseconds by which the service's clock is ahead of the reader's

/** Set the clock by the header Date of an answer. */
export const setClock = (date) => (ahead = date ? Date.parse(date) - Date.now() : ahead);
export const now = () => Date.now() + ahead;

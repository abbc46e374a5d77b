// Instants and days. Days are UTC days wherever the reader is: a plain date of the API is midnight UTC.

export const DAY = 86_400_000; // milliseconds
const SPANS = { month: [1, 0], quarter: [3, -1], year: [12, -2] }; // months, and the first one, from the present one

const FORMATS = {
  day: { day: "numeric", month: "short", year: "numeric" },
  dayOfYear: { day: "numeric", month: "short" },
  month: { month: "long", year: "numeric" },
  shortMonth: { month: "short" },
  year: { year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};
for (const [name, options] of Object.entries(FORMATS))
  FORMATS[name] = new Intl.DateTimeFormat(undefined, { timeZone: "UTC", ...options });

let ahead = 0; // milliseconds by which the service's clock is ahead of the reader's

/** Set the clock by the header Date of an answer. */
export const setClock = (date) => (ahead = date ? Date.parse(date) - Date.now() : ahead);
export const now = () => Date.now() + ahead;

/** Write an instant (milliseconds, or text of the API) in the reader's language: its day, month, time, … */
export const write = (format, instant) => FORMATS[format].format(new Date(instant));
export const timeOf = (instant) => (instant.endsWith("T00:00:00Z") ? "" : `, ${write("time", instant)} UTC`);
export const writeInstant = (instant) => write("day", instant) + timeOf(instant);
export const dayNumber = (instant) => Math.floor(new Date(instant) / DAY);
export const fieldDay = (instant) => new Date(instant).toISOString().slice(0, 10);

/** Return the window of time to show, in milliseconds; `first` is its first month (`2026-05`), if that is given. */
export function windowOf(span, first, at) {
  const [months, begin] = SPANS[span] ?? SPANS.quarter;
  const from = /^\d{4}-(0[1-9]|1[0-2])$/.test(first) ? Date.parse(`${first}-01T00:00:00Z`) : addMonths(at, begin);
  return { from, to: addMonths(from, months) };
}

/** Return the first month of the window that is so many windows later. */
export const monthLater = ({ span, from }, count) => fieldDay(addMonths(from, count * SPANS[span][0])).slice(0, 7);

/** Name a window: `May 2026`, `April 2026 – June 2026`. */
export const nameWindow = ({ span, from, to }) =>
  (span === "month" ? [from] : [from, to - DAY]).map((instant) => write("month", instant)).join(" – ");

/** Return the lines of a window's scale as `[instant, label]`; a lesser line has no label. */
export function ticksOf({ span, from, to }) {
  const days = Array.from({ length: (to - from) / DAY }, (_, index) => new Date(from + index * DAY));
  const mondays = days.filter((day) => day.getUTCDay() === 1);
  if (span === "month") return mondays.map((day) => [+day, write("dayOfYear", day)]);
  const year = (day) => (+day === from || day.getUTCMonth() === 0 ? ` ${write("year", day)}` : "");
  const firsts = days.filter((day) => day.getUTCDate() === 1);
  const months = firsts.map((day) => [+day, write("shortMonth", day) + year(day)]);
  return span === "year" ? months : [...months, ...mondays.map((day) => [+day, ""])];
}

function addMonths(instant, count) {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1);
}

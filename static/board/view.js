// What the page shows stands in its address, behind the #, so that it can be sent, bookmarked, and gone back to.

import { DAY, dateOf, dayNumber, format, now, startOf, toInstant } from "./days.js";

const DEFAULT = {
  view: "", by: "", of: "", more: "", show: "", reason: "", q: "", as_of: "", expected: "", from: "", rows: "",
  mentor: "", change: "", panel: "", sort: "urgency", span: "quarter",
};
// How many months, and where they begin, counted from the present month.
const SPANS = { month: [1, 0], quarter: [3, -1], year: [12, -2] };
const [MONTH, SHORT_MONTH] = [format({ month: "long", year: "numeric" }), format({ month: "short" })];
const DAY_OF_YEAR = format({ day: "numeric", month: "short" });

const KNOWN = { // what the page can show; any other value is as if it were not there
  view: /^(changes|week|trend)$/,
  more: /^[1-9]\d{0,2}$/,
  rows: /^all$/,
  show: /^(current|overdue|due|undated|scheduled|ended|active)$/,
  sort: /^-?(mentor_id|urgency|reason|start_date|back)$/,
  from: /^\d{4}-(0[1-9]|1[0-2])$/,
  span: /^(month|quarter|year)$/,
  panel: /^(add|chosen|files)$/,
  change: /^pause-rec-\d+$/,
};

const isKnown = ([name, value]) => !Object.hasOwn(KNOWN, name) || KNOWN[name].test(value);

/** Return what the address asks to see. */
export function state() {
  const asked = [...new URLSearchParams(location.hash.slice(1))].filter(isKnown);
  return { ...DEFAULT, ...Object.fromEntries(asked) };
}

/** Return the address of this page with some of its state changed; the panel is closed, unless the changes open it. */
export function link(changes) {
  const all = Object.entries({ ...state(), mentor: "", change: "", panel: "", ...changes });
  return `#${new URLSearchParams(all.filter(([name, value]) => value !== DEFAULT[name]))}`;
}

/** Go to what the changes of the state say, as a link does. (Setting `location.hash` may scroll to the top.) */
export function go(changes) {
  const address = link(changes);
  if (address === (location.hash || "#")) return;
  history.pushState(null, "", address);
  window.dispatchEvent(new Event("hashchange"));
}

let typed = null; // `{text, isSent}`: what is searched while names are loaded. It is kept out of the address.

/** Search for a text that stays out of the address, and is matched here unless it `isSent`; null: for the address's. */
export const search = (text, isSent = false) => (typed = text === null ? null : { text, isSent });
export const searched = () => typed?.text ?? state().q;

/** Return what the address asks to see, the instant it is about, and the window of time: all in milliseconds. */
export function viewNow() {
  const asked = state();
  const at = Date.parse(toInstant(asked.as_of)) || now();
  const [months, first] = SPANS[asked.span];
  const from = asked.from ? startOf(Date.parse(asked.from) / DAY) : addMonths(at, first);
  const to = addMonths(from, months);
  const [earlier, later] = [addMonths(from, -months), to].map((start) => dateOf(dayNumber(start)).slice(0, 7));
  const isHere = typed !== null && !typed.isSent; // what is searched is matched with the names
  const window = MONTH.formatRange(dayNumber(from) * DAY, (dayNumber(to) - 1) * DAY);
  return { ...asked, q: searched().trim(), isHere, at, from, to, earlier, later, window };
}

/** Return the lines of the scale as `[instant, label]`; those of the weeks of a quarter have no label. */
export function ticksOf({ span, from, to }) {
  const [first, after] = [dayNumber(from), dayNumber(to)];
  const days = Array.from({ length: after - first }, (_, index) => new Date((first + index) * DAY));
  const ticks = (some, label) => some.map((day) => [startOf(day / DAY), label(day)]);
  const weeks = days.filter((day) => day.getUTCDay() === 1);
  if (span === "month") return ticks(weeks, DAY_OF_YEAR.format);
  const months = ticks(days.filter((day) => day.getUTCDate() === 1), SHORT_MONTH.format);
  return span === "year" ? months : [...months, ...ticks(weeks, () => "")];
}

function addMonths(instant, count) {
  const date = new Date(dayNumber(instant) * DAY);
  return startOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1) / DAY);
}

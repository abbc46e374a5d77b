// What the page shows stands in its address, behind the #, so that it can be sent, bookmarked, and gone back to.

import { DAY, dateOf, dayNumber, formatter, now, startOf, toInstant } from "./days.js";

// What the address holds: the view and the mentor or the panel beside it; the filters (`show` a state), and the order;
// the search; the day; the months of the timeline, and whether it has all rows; by whom, of whom and until which day
// changes are shown.
const DEFAULT = {
  view: "", show: "", reason: "", sort: "urgency", q: "", as_of: "", expected: "", span: "quarter", from: "", rows: "",
  by: "", of: "", until: "", mentor: "", panel: "",
};
// How many months, and where they begin, counted from the present month. (Of all pauses there is no timeline.)
const MONTHS_OF = { month: [1, 0], quarter: [3, -1], year: [12, -2], all: [1, 0] };
const MONTH = formatter({ month: "long", year: "numeric" });

const KNOWN = { // what the page can show; any other value is as if it were not there
  view: /^(pauses|changes|forecast)$/,
  rows: /^all$/,
  sort: /^-?(mentor_id|urgency|reason|start_date|back)$/,
  until: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  from: /^\d{4}-(0[1-9]|1[0-2])$/,
  span: /^(month|quarter|year|all)$/,
  panel: /^(add|names|tables|undo)$/,
};

const SHOWN = { // by view: what it can show
  "": /^(overdue|due|undated|scheduled|current|active)$/,
  pauses: /^(overdue|due|undated|scheduled|current|ended)$/,
};

const isKnown = ([name, value]) => (!Object.hasOwn(KNOWN, name) || KNOWN[name].test(value))
  && (name !== "until" || Date.parse(value)); // there may be no such day

/** Return what the address asks to see. */
export function readAddress() {
  const asked = [...new URLSearchParams(location.hash.slice(1))].filter(isKnown);
  const known = { ...DEFAULT, ...Object.fromEntries(asked) };
  return { ...known, show: SHOWN[known.view]?.test(known.show) ? known.show : "" };
}

/** Return the address of this page with some of its state changed; the panel is closed, unless the changes open it. */
export function link(changes) {
  const all = Object.entries({ ...readAddress(), mentor: "", panel: "", ...changes });
  return `#${new URLSearchParams(all.filter(([name, value]) => value !== DEFAULT[name]))}`;
}

let filters = DEFAULT; // of Pauses, as they were left

/** Return the address of another view: the day goes with it, and Pauses keeps its filters. */
export function linkToView(view) {
  const { as_of, expected } = readAddress();
  return link({ ...(view === "pauses" ? filters : DEFAULT), view, as_of, expected });
}

/** Go to what the changes of the state say, as a link does. (Setting `location.hash` may scroll to the top.) */
export function go(changes, isStep = true) {
  const address = link(changes);
  if (address === (location.hash || "#")) return;
  if (isStep) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  followAddress();
}

/** Have the page show what the address, or the search, asks for now. */
export const followAddress = () => window.dispatchEvent(new Event("hashchange"));

/**
 * Return what the address asks to see, with the instant `at` that it is about, and the window of time of the timeline,
 * from `start` to `end`, in milliseconds. `address` is that of the page without its panel. (It remembers the filters of
 * Pauses, for linkToView().)
 */
export function viewNow() {
  const asked = readAddress();
  const hasDay = ["", "pauses"].includes(asked.view); // the other views are those of now
  if (asked.view === "pauses") filters = { ...asked, q: "", mentor: "", panel: "" };
  if (!hasDay || asked.as_of === dateOf(dayNumber(now()))) asked.as_of = "";
  if (!asked.as_of) asked.expected = "";
  const day = Date.parse(toInstant(asked.as_of));
  const at = Number.isNaN(day) ? now() : day;
  const [months, first] = MONTHS_OF[asked.span];
  const start = asked.from ? startOf(Date.parse(asked.from) / DAY) : startOfMonth(at, first);
  const end = startOfMonth(start, months);
  const [earlier, later] = [startOfMonth(start, -months), end].map((day) => dateOf(dayNumber(day)).slice(0, 7));
  const title = MONTH.formatRange(dayNumber(start) * DAY, (dayNumber(end) - 1) * DAY);
  return { ...asked, hasDay, isToday: !asked.as_of, address: link({}), at, start, end, earlier, later, title };
}

/** Return the first instant of the month that is so many months after that of an instant. */
export function startOfMonth(instant, months) {
  const date = new Date(dayNumber(instant) * DAY);
  return startOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / DAY);
}

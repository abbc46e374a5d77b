// What the page shows stands in its address, behind the #, so that it can be sent, bookmarked, and gone back to.

import { DAY, dateOf, dateOfInstant, dayNumber, formatter, isDate, now, startOf, toInstant } from "./days.js";

const DEFAULT = { // what the address says, by parameter; a default is left out
  view: "todo",
  mentor: "", panel: "", // what the panel beside the view shows: a mentor, or one of PANELS in dialogs.js
  q: "", // the search
  as_of: "", expected: "", // another day, and whether all come back when expected
  show: "", reason: "", sort: "urgency", // filters of To do (`show` alone) and Pauses, and the order of Pauses
  span: "quarter", from: "", layout: "", // of Pauses: its window of time, the first month of that, and "timeline"
  by: "", of: "", when: "", // of What changed: by whom, about whom; "seen", a day, or one of TIMES in readings.js
};
const MONTHS_OF = { // by span: how many months the window has, and its first one, counted from the present month
  month: [1, 0], quarter: [3, -1], year: [12, -2], all: [1, 0], // "all" has no window, and no timeline
};
const MONTH_AND_YEAR = formatter({ month: "long", year: "numeric" });

const KNOWN = { // what the page can show; any other value is as if it were not there
  view: /^(todo|available|pauses|changes|forecast)$/,
  layout: /^timeline$/,
  sort: /^-?(mentor_id|urgency|reason|start_date|back)$/,
  from: /^\d{4}-(0[1-9]|1[0-2])$/,
  span: /^(month|quarter|year|all)$/,
  panel: /^(add|keys|names|tables|undo)$/,
  when: /^(seen|today|week|last_week|\d{4}-\d\d-\d\d)$/,
};

const SHOWN = { // by view: what it can show
  todo: /^(overdue|due|undated|scheduled|current)$/,
  pauses: /^(overdue|due|undated|scheduled|current|ended)$/,
};

const isKnown = ([name, value]) => (!Object.hasOwn(KNOWN, name) || KNOWN[name].test(value))
  && (name !== "when" || !/\d/.test(value) || isDate(value));

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

/** Return the address of another view. The day goes with it, but that of who is available is asked for there alone. */
export function linkToView(view) {
  const { view: before, as_of, expected } = readAddress();
  return link({ ...DEFAULT, view, ...(before === "available" ? {} : { as_of, expected }) });
}

/**
 * Go where link() leads. If it is no step (`isStep`), the Back of the browser does not return to where the page was.
 * (Setting `location.hash` may scroll to the top.)
 */
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
 * from `start` to `end`, in milliseconds. `earlier` and `later` are where the windows beside it begin. `address` is
 * that of the page without its panel.
 */
export function viewNow() {
  const asked = readAddress();
  const hasDay = ["todo", "available", "pauses"].includes(asked.view); // the other views are those of now
  if (!hasDay || asked.as_of === dateOf(dayNumber(now()))) asked.as_of = "";
  if (!asked.as_of) asked.expected = "";
  const day = Date.parse(toInstant(asked.as_of));
  const at = Number.isNaN(day) ? now() : day;
  const [months, first] = MONTHS_OF[asked.span];
  const start = asked.from ? startOf(Date.parse(asked.from) / DAY) : startOfMonth(at, first);
  const end = startOfMonth(start, months);
  const [earlier, later] = [startOfMonth(start, -months), end].map((instant) => dateOfInstant(instant).slice(0, 7));
  const title = MONTH_AND_YEAR.formatRange(dayNumber(start) * DAY, (dayNumber(end) - 1) * DAY);
  return { ...asked, hasDay, isToday: !asked.as_of, address: link({}), at, start, end, earlier, later, title };
}

/** Return the first instant of the month that is so many months after that of an instant. */
export function startOfMonth(instant, months) {
  const date = new Date(dayNumber(instant) * DAY);
  return startOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / DAY);
}

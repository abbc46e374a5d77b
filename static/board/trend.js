// The trend: how many mentors were paused, week by week, and how many are expected to be.

import { copyOf, find } from "./elements.js";
import { get, readSincePurge } from "./api.js";
import { DAY, dayNumber, fieldDay, now, writeDay } from "./days.js";
import { ticksOf } from "./view.js";

const [BACK, AHEAD] = [26, 13]; // weeks

/** Read the weeks; after a purge, those since its date. */
export async function read() {
  const monday = dayNumber(now()) - ((dayNumber(now()) + 3) % 7); // day 0 was a Thursday
  const day = (weeks) => fieldDay(DAY * (monday + 7 * weeks));
  const readFrom = (from) => get("statistics", { from, to: day(AHEAD + 1), by: "week" });
  const { data } = await readSincePurge(readFrom, day(-BACK));
  return data.data;
}

export function draw(periods) {
  const weeks = periods.map((week) => ({ ...week, start: Date.parse(week.from) }));
  const past = weeks.filter(({ start }) => start <= now());
  const [from, to, most] = [weeks[0].start, weeks.at(-1).start, Math.max(...weeks.map(({ paused }) => paused))];
  const top = Math.max(most, 1);
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => 100 - (100 * count) / top;
  const figures = `${past.at(-1).paused.toLocaleString()} at the start of this week, ${most.toLocaleString()} at most`;
  const summary = `Mentors paused, ${writeDay(from)} – ${writeDay(to)}: ${figures}`;
  const page = copyOf("trend", { summary, isSome: most > 0 });
  find(".lines", page).append(
    ...[0, top].map((count) => copyOf("level", { at: y(count), label: count.toLocaleString() })),
    ...ticksOf({ span: "year", from, to }).map(([instant, label]) => copyOf("tick", { from: x(instant), label })),
    copyOf("now", { from: x(now()) }),
  );
  for (const [name, part] of Object.entries({ past, ahead: weeks.slice(past.length - 1) })) {
    const points = part.map(({ start, paused }) => `${x(start)},${y(paused)}`);
    find(`polyline.${name}`, page).setAttribute("points", points.join(" "));
  }
  const kindOf = ({ start }) => (start > now() ? "expected" : "");
  const rows = weeks.map((week) => copyOf("trend-week", { ...week, day: writeDay(week.start), kind: kindOf(week) }));
  rows[past.length - 1].ariaCurrent = "date";
  find("tbody", page).append(...rows);
  find("#view").replaceChildren(page);
}

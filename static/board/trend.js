// The trend: how many mentors were paused, week by week, are now, and will be, with the overdue or without them.

import { copyOf, find } from "./elements.js";
import { get, readSincePurge } from "./api.js";
import { dateOf, dayNumber, now, writeDay } from "./days.js";
import { ticksOf } from "./view.js";

const [BACK, AHEAD] = [26, 13]; // weeks

/** Read the weeks, after a purge those since its date, and how many mentors are paused now. */
export async function read() {
  const monday = dayNumber(now()) - ((dayNumber(now()) + 3) % 7); // day 0 was a Thursday
  const day = (weeks) => dateOf(monday + 7 * weeks);
  const readFrom = (from) => get("statistics", { from, to: day(AHEAD + 1), by: "week" });
  const [{ data }, { data: mentors }] = await Promise.all([
    readSincePurge(readFrom, day(-BACK)),
    get("mentor-statuses", { status: "paused", limit: 1 }),
  ]);
  return { periods: data.data, paused: mentors.pagination.total };
}

/** Draw the picture and its table; return what shows them. */
export async function draw({ periods, paused }) {
  const weeks = periods.map((week) =>
    ({ ...week, start: Date.parse(week.from), day: writeDay(week.from), most: week.paused + week.overdue }));
  const past = weeks.filter(({ start }) => start <= now());
  const ahead = weeks.slice(past.length).map((week) => ({ ...week, kind: "expected" }));
  const present = { start: now(), day: "Now", paused, most: paused };
  const [from, to] = [weeks[0].start, weeks.at(-1).start];
  const most = Math.max(...[present, ...weeks].map((week) => week.most));
  const top = Math.max(most, 1);
  const x = (instant) => (100 * (instant - from)) / (to - from);
  const y = (count) => 100 - (100 * count) / top;
  const figures = `${paused.toLocaleString()} now, ${most.toLocaleString()} at most`;
  const summary = `Mentors paused, ${writeDay(from)} – ${writeDay(to)}: ${figures}`;
  const page = copyOf("trend", { summary, isSome: most > 0 });
  find(".lines", page).append(
    ...[0, top].map((count) => copyOf("level", { at: y(count), label: count.toLocaleString() })),
    ...ticksOf({ span: "year", from, to }).map(([instant, label]) => copyOf("tick", { from: x(instant), label })),
    copyOf("now", { from: x(now()) }),
  );
  const drawLine = (name, part, count) => {
    const points = part.map((week) => `${x(week.start)},${y(week[count])}`);
    find(`polyline.${name}`, page).setAttribute("points", points.join(" "));
  };
  drawLine("past", [...past, present], "paused");
  drawLine("ahead", [present, ...ahead], "paused");
  drawLine("stay", [present, ...ahead], "most");
  drawLine("present", [present, present], "paused"); // a point
  const rows = [...past, present, ...ahead].map((week) => copyOf("trend-week", week));
  rows[past.length].ariaCurrent = "date";
  find("tbody", page).append(...rows);
  return () => find("#view").replaceChildren(page);
}

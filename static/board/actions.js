// What a row offers with one click, where somebody has to do something.

import { copyOf, findAll } from "./elements.js";
import { Problem } from "./api.js";
import { writeDay } from "./days.js";
import { announce, announceWritten } from "./forms.js";
import { signature } from "./storage.js";
import { apply, expectedOn, postponed, prepare } from "./together.js";

const LOST = "No answer came: the change may have been made, or not. Look at the pause before you try again.";

/** Draw the buttons of a pause that is overdue, due or without a return date. */
export function drawActions(pause) {
  const { mentor_id: mentor } = pause;
  const [week, weeks] = [1, 2].map((count) => postponed(pause, count));
  const actions = copyOf("row-actions", {
    back: `Bring back ${mentor}`, date: `Set a date… for ${mentor}`,
    week: `+1 week for ${mentor}, back on ${writeDay(week)}`, weekTitle: `back on ${writeDay(week)}`,
    weeks: `+2 weeks for ${mentor}, back on ${writeDay(weeks)}`, weeksTitle: `back on ${writeDay(weeks)}`,
  });
  const [back, one, two, date] = findAll("button", actions);
  back.addEventListener("click", () => bringBack(pause, actions));
  one.addEventListener("click", () => postpone(pause, week, actions));
  two.addEventListener("click", () => postpone(pause, weeks, actions));
  date.addEventListener("click", () => document.dispatchEvent(new CustomEvent("change-pause", { detail: pause })));
  return actions;
}

function bringBack(pause, actions) {
  const change = { list: "mentor-statuses", cellsOf: () => ({ status: "active" }) };
  return write(pause, change, `${pause.mentor_id} is back.`, actions);
}

function postpone(pause, back, actions) {
  const change = { list: "pause-records", cellsOf: (line) => expectedOn(line, back) };
  return write(pause, change, `${pause.mentor_id} is expected back on ${writeDay(back)}.`, actions);
}

/** Write, if the pause is still as the row shows it; say what was done, or why it was not. */
async function write(pause, change, said, actions) {
  if (actions.ariaBusy) return;
  actions.ariaBusy = "true";
  try {
    const table = await prepare([pause], { ...change, metadata: signature() });
    await announceWritten(said, table.before, await apply(table));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    announce(problem.status === 0 ? LOST : [problem.message, ...problem.lines].join(" "));
  } finally {
    actions.ariaBusy = null;
  }
}

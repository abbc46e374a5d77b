// What a row offers with one click, where somebody has to do something: each is one PUT of what the row shows.

import { copyOf, findAll } from "./elements.js";
import { Problem, get, pathOf, send } from "./api.js";
import { DAY, now, writeDay } from "./days.js";
import { differences } from "./differences.js";
import { announce } from "./forms.js";
import { signature } from "./storage.js";
import { readPauses, undoOf } from "./undo.js";

const LOST = "No answer came: the change may have been made, or not. Look at the pause before you try again.";
const STALE = "Not done: somebody was faster. Look at the pause before you try again.";

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

/** Return the instant so many weeks after the return date, or after today if that has passed or is not known. */
const postponed = ({ back }, weeks) => Math.max(Date.parse(back) || 0, now() - (now() % DAY)) + 7 * weeks * DAY;

function bringBack(pause, actions) {
  const path = pathOf("mentor-statuses", pause.mentor_id);
  return write(pause, path, { status: "active" }, `${pause.mentor_id} is back.`, actions);
}

function postpone(pause, back, actions) {
  const body = { [pause.end_date ? "end_date" : "expected_return_date"]: new Date(back).toISOString() };
  const said = `${pause.mentor_id} is expected back on ${writeDay(back)}.`;
  return write(pause, pathOf("pause-records", pause.pause_record_id), body, said, actions);
}

/** Write, if the pause is still as the row shows it; say what was done, or why it was not. */
async function write(pause, path, body, said, actions) {
  if (actions.ariaBusy) return;
  actions.ariaBusy = "true";
  try {
    const { etag } = await get(path); // before the pauses: who writes after it is met by If-Match
    const before = await readPauses(pause.mentor_id);
    const there = before.records.find(({ pause_record_id: id }) => id === pause.pause_record_id);
    const changes = there ? differences(pause, there) : ["it is deleted"];
    if (changes.length) return announce(`Not done: this pause is no longer as it was shown (${changes.join("; ")}).`);
    await send("PUT", path, { body: { ...body, metadata: signature() }, etag });
    const { undo, note } = await undoOf(before).catch(() => ({})); // what is written is written
    announce([said, note].filter(Boolean).join(" "), undo);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    announce({ 0: LOST, 412: STALE }[problem.status] ?? problem.message);
  } finally {
    actions.ariaBusy = null;
  }
}

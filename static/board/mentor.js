// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find, findAll } from "./elements.js";
import { get, getToken, mentorPath, recordPath, send } from "./api.js";
import { fieldDay, writeInstant } from "./days.js";
import { describe, phaseOf, sayDates } from "./pauses.js";
import { showForm } from "./forms.js";

const RECORDS = 10; // that are shown
const NOT_ENDED = ["scheduled", "current", "overdue"];
const ENDED = ["ended", ""];
const UNDO = true;
const note = () => ({ notes: "", ...(!getToken() && { initiated_by: localStorage.getItem("name") ?? "" }) });
const pauseFields = () => ({ pause_start_date: "", expected_return_date: "", pause_reason: "", ...note() });
const recordFields = () => ({ start_date: "", expected_return_date: "", reason: "", ...note() });
const changeFields = (pause) => {
  const day = (name) => ({ [name]: pause[name] ? fieldDay(pause[name]) : "" });
  const back = day(pause.end_date ? "end_date" : "expected_return_date");
  return { ...day("start_date"), ...back, reason: pause.reason ?? "", ...note() };
};
// What a button does: in which states it is there, the word to confirm it, what is said afterwards, and the write.
const ACTS = {
  back: [["paused"], "Bring back", "is back.", { body: { status: "active" } }, UNDO],
  pause: [["active"], "Pause", "is paused.", { body: { status: "paused" }, fields: pauseFields }],
  another: [["paused"], "Pause", "has another pause.", { method: "POST", fields: recordFields }],
  change: [NOT_ENDED, "Save", "has a changed pause.", { fields: changeFields }],
  cancel: [["scheduled"], "Call off", "has this pause no longer.", { body: { is_active: false } }, UNDO],
  reopen: [ENDED, "Reopen", "is paused again.", { body: { is_active: true } }],
  delete: [[...NOT_ENDED, ...ENDED], "Delete it", "has a pause less.", { method: "DELETE", repeated: "not_found" }],
};

/** Draw a mentor into a place; `view` is the present, and `changed(text, undo)` is called after a write. */
export async function drawMentor(place, mentorId, context) {
  const [path, { view }] = [mentorPath(mentorId), context];
  const query = { mentor_id: mentorId, sort: "-start_date", limit: RECORDS };
  const [mentor, listed] = await Promise.all([get(path), get("pause-records", query)]);
  const records = await Promise.all(listed.data.data.map((record) => get(recordPath(record.pause_record_id))));
  const more = { 0: "None so far.", [RECORDS]: `The ${RECORDS} that began last:` }[records.length];
  const page = copyOf("mentor-view", { state: sayState(mentor.data, records, view), more });
  const inForce = records.filter(({ data }) => ["current", "overdue"].includes(phaseOf(data, view)));
  offer(page, mentor, path, mentor.data.status, inForce, context);
  for (const record of records) {
    const texts = { reason: record.data.reason ?? "no reason", state: describe(record.data, view) };
    const item = copyOf("pause-view", { ...texts, dates: sayDates(record.data) });
    const path = recordPath(record.data.pause_record_id);
    offer(item, record, path, phaseOf(record.data, view), [record], context);
    find(".pauses", page).append(item);
  }
  const starts = Object.fromEntries(records.map(({ data }) => [data.pause_record_id, data.start_date]));
  await drawHistory(page, path, "", starts);
  place.replaceChildren(page);
}

function sayState(mentor, records, view) {
  const current = records.find(({ data }) => data.start_date === mentor.pause_start_date)?.data;
  if (!current) return "Active.";
  const status = mentor.is_paused ? "Paused" : "Active; a pause is coming";
  return `${status}: ${current.reason ?? "no reason"}, ${describe(current, view)}.`;
}

/** Have the buttons of `root` write to what was seen at a path, where its state allows; undo reopens `ended`. */
function offer(root, seen, path, state, ended, { mayWrite, changed }) {
  const { mentor_id: mentorId } = seen.data;
  for (const button of findAll("[data-act]", root)) {
    const [states, submit, said, act, undo] = ACTS[button.dataset.act];
    const target = act.method === "POST" ? { path: "pause-records", body: { mentor_id: mentorId } } : { path, seen };
    const done = () => changed(`${mentorId} ${said}`, undo && (() => reopen(ended)));
    const [title, fields] = [button.textContent.replace("…", ""), act.fields?.(seen.data) ?? {}];
    button.hidden = !mayWrite || !states.includes(state);
    button.addEventListener("click", () => {
      const form = showForm(find(".place", root), { method: "PUT", ...act, ...target, title, submit, fields, done });
      if (act.body && !act.fields) form.requestSubmit(); // there is nothing to type, and it can be undone
    });
  }
}

/** Give pauses the end that they had when they were seen: the undo of an end. */
async function reopen(records) {
  for (const { data } of records) {
    const { etag } = await get(recordPath(data.pause_record_id));
    const body = { end_date: data.end_date, expected_return_date: data.expected_return_date };
    await send("PUT", recordPath(data.pause_record_id), { body, etag });
  }
}

/** Add a page of the history, newest first, and have the button below it add the next one; `starts` are by record. */
async function drawHistory(page, path, after, starts) {
  const { data } = await get(`${path}/history`, { limit: 10, after });
  for (const entry of data.data) {
    const what = sayEvent(entry, starts[entry.pause_record_id]);
    const texts = { who: entry.changed_by ?? "Somebody", what, notes: entry.metadata?.notes };
    const item = copyOf("entry-view", { ...texts, when: writeInstant(entry.changed_at) });
    find("time", item).dateTime = entry.changed_at;
    find(".history", page).append(item);
  }
  const earlier = find(".earlier", page);
  earlier.hidden = data.pagination.next === null;
  earlier.onclick = () => drawHistory(page, path, data.pagination.next, starts);
}

/** Say an entry in words. It has the mentor as they were then, whose pause need not be the one that was written. */
function sayEvent({ event, is_paused: isPaused, pause_start_date: start, pause_reason: reason, ...entry }, written) {
  const isAnother = written && written !== start;
  const end = entry.pause_end_date ?? entry.expected_return_date;
  const until = `${end ? ` until ${writeInstant(end)}` : ""}${reason ? `, ${reason}` : ""}`;
  const dates = start ? ` from ${writeInstant(start)}${until}` : "";
  return {
    created: start ? `added the mentor, with a pause${dates}` : "added the mentor",
    updated: "changed the mentor, or left a note",
    pause_opened: isAnother ? "entered another pause" : isPaused ? `paused${until}` : `planned a pause${dates}`,
    pause_updated: isAnother || !start ? "changed another pause" : `changed the pause: now${dates}`,
    pause_ended: isPaused ? "ended a pause, while another goes on" : "ended the pause",
    pause_reopened: `reopened the pause${dates}`,
    pause_deleted: "deleted a pause that was a mistake",
    deleted: "deleted the mentor",
  }[event];
}

// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find, findAll } from "./elements.js";
import { get, getToken, mentorPath, recordPath, send } from "./api.js";
import { fieldDay, writeInstant } from "./days.js";
import { describe, phaseOf, sayDates } from "./pauses.js";
import { showForm } from "./forms.js";

const RECORDS = 10; // that are shown
// What each button does: the right it needs, in which phases of what it is about, and the write (see forms.js).
const ACTS = {
  back: { right: "pause", of: ["paused"], submit: "Bring back now", body: { status: "active" }, said: "is back.", undo: true },
  pause: { right: "pause", of: ["active"], submit: "Pause", body: { status: "paused" }, values: forPause, said: "is paused." },
  another: { right: "record", of: ["paused"], method: "POST", submit: "Pause", values: forRecord, said: "has another pause." },
  change: { right: "change", of: ["scheduled", "current", "overdue"], submit: "Save", values: forChange, said: "has a changed pause." },
  cancel: { right: "change", of: ["scheduled"], submit: "Call off", body: { is_active: false }, said: "has no such pause: it is called off.", undo: true },
  reopen: { right: "change", of: ["ended", ""], submit: "Reopen", body: { is_active: true }, said: "is paused again." },
  delete: { right: "delete", of: ["scheduled", "current", "overdue", "ended", ""], method: "DELETE", submit: "Delete it for good", said: "has a pause less.", repeated: "not_found" },
};

/**
 * Draw a mentor into a place. `context` has the rights, the view, and `changed(text, undo)`, called after a write.
 */
export async function drawMentor(place, mentorId, context) {
  const path = mentorPath(mentorId);
  const query = { mentor_id: mentorId, sort: "-start_date", limit: RECORDS };
  const [mentor, listed] = await Promise.all([get(path), get("pause-records", query)]);
  const records = await Promise.all(listed.data.data.map((record) => get(recordPath(record.pause_record_id))));
  const current = records.find(({ data }) => data.start_date === mentor.data.pause_start_date)?.data;
  const status = mentor.data.is_paused ? "Paused" : current ? "Active; a pause is coming" : "Active";
  const more = { 0: "None so far.", [RECORDS]: `These are the ${RECORDS} that began last.` }[records.length];
  const state = current ? `${status}: ${current.reason ?? "no reason"}, ${describe(current, context.view)}.` : `${status}.`;
  const page = copyOf("mentor-view", { state, more });
  const inForce = records.filter(({ data }) => ["current", "overdue"].includes(phaseOf(data, context.view)));
  offer(page, page, mentor, mentor.data.status, path, inForce, context);
  for (const record of records) {
    const phase = phaseOf(record.data, context.view);
    const item = copyOf("pause-view", { reason: record.data.reason ?? "no reason", state: describe(record.data, context.view), dates: sayDates(record.data) });
    offer(item, page, record, phase, recordPath(record.data.pause_record_id), [record], context);
    find(".pauses", page).append(item);
  }
  await drawHistory(page, path, "");
  place.replaceChildren(page);
}

/** Have the buttons of `root` write to what was seen, and hide those that do not apply; `ended` is what undo reopens. */
function offer(root, page, seen, phase, path, ended, { rights, changed }) {
  const mentorId = seen.data.mentor_id;
  for (const button of findAll("[data-act]", root)) {
    const act = ACTS[button.dataset.act];
    button.hidden = !rights[act.right] || !act.of.includes(phase);
    const isNew = act.method === "POST";
    const target = isNew ? { path: "pause-records", body: { mentor_id: mentorId } } : { path, seen };
    const done = () => changed(`${mentorId} ${act.said}`, act.undo && (() => reopen(ended)));
    const write = { method: "PUT", ...act, ...target, title: button.textContent, values: act.values?.(seen.data) ?? {}, done };
    button.addEventListener("click", () => {
      const form = showForm(find(".place", page), write);
      if (act.body && !act.values) form.requestSubmit(); // there is nothing to type
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

const forNote = () => ({ notes: "", ...(!getToken() && { initiated_by: localStorage.getItem("name") ?? "" }) });
function forPause() {
  return { pause_start_date: "", expected_return_date: "", pause_reason: "", ...forNote() };
}
function forRecord() {
  return { start_date: "", expected_return_date: "", reason: "", ...forNote() };
}
function forChange(pause) {
  const day = (name) => ({ [name]: pause[name] ? fieldDay(pause[name]) : "" });
  const back = day(pause.end_date ? "end_date" : "expected_return_date");
  return { ...day("start_date"), ...back, reason: pause.reason ?? "", ...forNote() };
}

/** Add a page of the history, newest first, and have the button below add the next one. */
async function drawHistory(page, path, after) {
  const { data } = await send("GET", `${path}/history?limit=10&after=${after}`);
  const [list, earlier] = [find(".history", page), find(".earlier", page)];
  for (const entry of data.data) {
    const what = sayEvent(entry);
    const item = copyOf("entry-view", { who: entry.changed_by ?? "Somebody", what, notes: entry.metadata?.notes });
    Object.assign(find("time", item), { dateTime: entry.changed_at, textContent: writeInstant(entry.changed_at) });
    list.append(item);
  }
  earlier.hidden = data.pagination.next === null;
  earlier.onclick = () => drawHistory(page, path, data.pagination.next);
}

function sayEvent({ event, is_paused: isPaused, pause_start_date: start, pause_reason: reason, ...entry }) {
  const end = entry.pause_end_date ?? entry.expected_return_date;
  const pause = `${end ? ` until ${writeInstant(end)}` : ""}${reason ? `, ${reason}` : ""}`;
  const from = start ? ` from ${writeInstant(start)}${pause}` : "";
  return {
    created: start ? `added the mentor, with a pause${from}` : "added the mentor",
    updated: "changed the mentor, or left a note",
    pause_opened: isPaused ? `paused${pause}` : `planned a pause${from}`,
    pause_updated: start ? `changed a pause: now${from}` : "changed a pause that is over",
    pause_ended: isPaused ? "ended a pause, while another goes on" : "ended the pause",
    pause_reopened: `reopened the pause${from}`,
    pause_deleted: "deleted a pause that was a mistake",
    deleted: "deleted the mentor",
  }[event];
}

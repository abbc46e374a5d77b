// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find, findAll } from "./elements.js";
import { get, pathOf, send } from "./api.js";
import { now, writeInstant } from "./days.js";
import { pauseAt, sayDates } from "./pauses.js";
import { announce, showForm } from "./forms.js";

const RECORDS = 10; // that are shown

/** Return a page about a mentor, as they are now. */
export async function drawMentor(mentorId) {
  const path = pathOf("mentor-statuses", mentorId);
  const query = { mentor_id: mentorId, sort: "-start_date", limit: RECORDS };
  const [mentor, listed] = await Promise.all([get(path), get("pause-records", query)]);
  const read = await Promise.all(listed.data.data.map(({ pause_record_id: id }) => get(pathOf("pause-records", id))));
  const records = read.map(({ data, etag }) => ({ etag, data: pauseAt(data, { at: now() }) }));
  const more = { 0: "None so far.", [RECORDS]: `The ${RECORDS} that began last:` }[records.length];
  const page = copyOf("mentor-view", { state: sayStatus(mentor.data), more });
  const inForce = records.filter(({ data }) => ["current", "overdue", "undated"].includes(data.phase));
  offer(page, mentor, path, mentor.data.status, inForce);
  find(".pauses", page).append(...records.map(drawRecord));
  await drawHistory(page, path, "");
  return page;
}

function drawRecord(record) {
  const { pause_record_id: recordId, reason, phase } = record.data;
  const item = copyOf("pause-view", { ...record.data, reason: reason ?? "no reason", dates: sayDates(record.data) });
  offer(item, record, pathOf("pause-records", recordId), phase, [record]);
  return item;
}

/** Have each button of `root` send the write that the page says of it, in the states it has; undo reopens `ended`. */
function offer(root, seen, path, state, ended) {
  const { mentor_id: mentorId, end_date: end } = seen.data;
  for (const button of findAll("[data-method]", root)) {
    const [title, data] = [button.textContent.replace("…", ""), button.dataset];
    const fields = data.fields.split(" ").filter((name) => name !== (end ? "expected_return_date" : "end_date"));
    const body = data.body && { mentor_id: mentorId, ...JSON.parse(data.body) };
    const done = () => announce(`${mentorId} ${data.said}.`, "undo" in data && (() => reopen(ended)));
    const [written, values] = [data.path ? null : seen, "filled" in data ? seen.data : {}];
    const write = { path, title, submit: title, ...data, seen: written, fields, body, values, done };
    button.hidden = !data.states.split(" ").includes(state);
    button.addEventListener("click", () => {
      const form = showForm(find(".place", root), write);
      if ("atOnce" in data) form.requestSubmit(); // there is nothing to type, and it can be taken back
    });
  }
}

/** Give pauses the end that they had when they were seen: the undo of an end. */
async function reopen(records) {
  for (const { data } of records) {
    const path = pathOf("pause-records", data.pause_record_id);
    const body = { end_date: data.end_date, expected_return_date: data.expected_return_date };
    await send("PUT", path, { body, etag: (await get(path)).etag });
  }
}

/** Add a page of the history, newest first, and have the button below it add the next one; after the last page, say
 * whether older entries may have been purged. */
async function drawHistory(page, path, after) {
  const { data } = await get(`${path}/history`, { limit: 10, after });
  const entries = data.data.map((entry) => copyOf("entry-view", {
    ...entry, when: writeInstant(entry.changed_at), who: entry.changed_by ?? "Somebody", what: sayEntry(entry),
    notes: entry.metadata?.notes,
  }));
  find(".history", page).append(...entries);
  const earlier = find(".earlier", page);
  earlier.hidden = data.pagination.next === null;
  earlier.onclick = () => drawHistory(page, path, data.pagination.next);
  if (earlier.hidden && data.purged_before)
    find(".purged", page).textContent = `Entries before ${writeInstant(data.purged_before)} may have been deleted.`;
}

/** Say what was done, and how the mentor was then: `ended a pause (illness, 1 May 2026 – 8 May 2026); then active`. */
function sayEntry({ event, pause_records: records, status, ...shown }) {
  if (!records) { // an earlier release wrote the entry
    const object = event.startsWith("pause_") ? "a pause" : "the mentor";
    return [`${event.replace("pause_", "")} ${object}`, sayStatus({ status, ...shown })].filter(Boolean).join(": ");
  }
  const isAboutMentor = ["created", "deleted"].includes(event) || records.length === 0;
  const done = [isAboutMentor && `${event} the mentor`, ...records.map(sayTouched)].filter(Boolean).join(", ");
  return status ? `${done}; then ${status}` : done;
}

/** Say what was done to a pause record: `ended a pause (illness, 1 May 2026 – 8 May 2026)`. */
function sayTouched({ event, reason, ...dates }) {
  const back = dates.end_date ?? dates.expected_return_date;
  return `${event.replace("pause_", "")} a pause (${reason ?? "no reason"}, ${sayDates({ ...dates, back })})`;
}

/** Say how a mentor is, or was: `paused until 1 May 2026, illness`; nothing of one who is deleted. */
function sayStatus({ status, pause_start_date: start, pause_reason: reason, ...dates }) {
  const end = dates.pause_end_date ?? dates.expected_return_date;
  const from = status === "active" && start ? `, to be paused from ${writeInstant(start)}` : "";
  return status && `${status}${from}${end ? ` until ${writeInstant(end)}` : ""}${reason ? `, ${reason}` : ""}`;
}

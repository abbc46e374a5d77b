// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find, findAll } from "./elements.js";
import { get, pathOf } from "./api.js";
import { dayNumber, now, writeInstant } from "./days.js";
import { pauseAt, sayDates } from "./pauses.js";
import { showForm } from "./forms.js";
import { addPerson } from "./person.js";
import { sortPauses } from "./table.js";
import { readPauses } from "./undo.js";

const RECORDS = 10; // that are shown

/** Return a page about a mentor, as they are now. */
export async function drawMentor(mentorId) {
  const path = pathOf("mentor-statuses", mentorId);
  const [before, history] = await Promise.all([readPauses(mentorId), readHistory(path, "")]);
  const all = before.records.map((record) => pauseAt(record, { at: now() }));
  const ids = sortPauses(all, "urgency").slice(0, RECORDS).map(({ pause_record_id: id }) => id);
  const paths = [path, ...ids.map((id) => pathOf("pause-records", id))];
  const [mentor, ...read] = await Promise.all(paths.map((each) => get(each)));
  const records = read.map(({ data, etag }) => ({ etag, data: pauseAt(data, { at: now() }) }));
  const more = { 0: "None so far.", [RECORDS]: `${RECORDS} of them, with what needs somebody first:` }[records.length];
  const page = copyOf("mentor-view", { state: sayStatus(mentor.data, now()), more });
  addPerson(find(".state", page), mentorId);
  offer(page, mentor, before, path, mentor.data.status);
  find(".pauses", page).append(...records.map((record) => drawRecord(record, before)));
  drawHistory(page, path, history);
  return page;
}

function drawRecord(record, before) {
  const { pause_record_id: recordId, reason, phase } = record.data;
  const item = copyOf("pause-view", { ...record.data, reason: reason ?? "no reason", dates: sayDates(record.data) });
  offer(item, record, before, pathOf("pause-records", recordId), phase);
  return item;
}

/** Have each button of `root` send the write that the page says of it, in the states it has. */
function offer(root, seen, before, path, state) {
  const { mentor_id: mentorId, end_date: end } = seen.data;
  for (const button of findAll("[data-method]", root)) {
    const [title, data] = [button.textContent.replace("…", ""), button.dataset];
    const fields = data.fields.split(" ").filter((name) => name !== (end ? "expected_return_date" : "end_date"));
    const body = data.body && { mentor_id: mentorId, ...JSON.parse(data.body) };
    const said = `${mentorId} ${data.said}.`;
    const [written, values] = [data.path ? null : seen, "filled" in data ? seen.data : null];
    const write = { path, title, submit: title, ...data, said, seen: written, before, fields, body, values };
    button.hidden = !data.states.split(" ").includes(state);
    button.addEventListener("click", () => {
      const form = showForm(find(".place", root), write);
      if ("atOnce" in data) form.requestSubmit(); // there is nothing to type, and it can be taken back
    });
  }
}

const readHistory = async (path, after) => (await get(`${path}/history`, { limit: 10, after })).data;

/** Add a page of the history, newest first, and have the button below it add the next one; after the last page, say
 * whether older entries may have been purged. */
function drawHistory(page, path, { data, pagination, purged_before: purged }) {
  const entries = data.map((entry) => copyOf("entry-view", {
    ...entry, when: writeInstant(entry.changed_at), who: entry.changed_by ?? "Somebody", what: sayEntry(entry),
    notes: entry.metadata?.notes,
  }));
  find(".history", page).append(...entries);
  const earlier = find(".earlier", page);
  earlier.hidden = pagination.next === null;
  earlier.onclick = async () => drawHistory(page, path, await readHistory(path, pagination.next));
  if (earlier.hidden && purged)
    find(".purged", page).textContent = `Entries before ${writeInstant(purged)} may have been deleted.`;
}

/** Say what was done, and how the mentor was then: `ended a pause (illness, 1 May 2026 – 8 May 2026); then active`. */
export function sayEntry({ event, pause_records: records, status, ...shown }) {
  if (!records) { // an earlier release wrote the entry
    const object = event.startsWith("pause_") ? "a pause" : "the mentor";
    const then = sayStatus({ status, ...shown }, Date.parse(shown.changed_at));
    return [`${event.replace("pause_", "")} ${object}`, then].filter(Boolean).join(": ");
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

/** Say how a mentor is, or was, at an instant: `paused until 1 May 2026, illness`; nothing of one who is deleted. */
function sayStatus({ status, pause_start_date: start, pause_reason: reason, ...dates }, at) {
  const end = dates.pause_end_date ?? dates.expected_return_date;
  const isLate = status === "paused" && end && dayNumber(end) < dayNumber(at);
  const parts = [
    status === "active" && start && `, to be paused from ${writeInstant(start)}`,
    end && `${isLate ? ", was expected on" : " until"} ${writeInstant(end)}`,
    reason && `, ${reason}`,
  ];
  return status && status + parts.filter(Boolean).join("");
}

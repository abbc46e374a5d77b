// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find } from "./elements.js";
import { get, pathOf } from "./api.js";
import { now, writeInstant } from "./days.js";
import { pauseAt, sayDates } from "./pauses.js";
import { offer } from "./forms.js";
import { addPerson } from "./person.js";
import { sortPauses } from "./table.js";
import { readPauses } from "./undo.js";
import { link } from "./view.js";

const MOST = 10; // pauses, and entries of the history, that are shown

/** Return a page about a mentor, as they are now; of a former one, the history. */
export async function drawMentor(mentorId) {
  const path = pathOf("mentor-statuses", mentorId);
  const newest = get(`${path}/history`, { limit: MOST, after: "" });
  const [before, { data: history }] = await Promise.all([readPauses([mentorId]), newest]);
  const mentor = (await readMentor(path)) ?? { data: { mentor_id: mentorId, status: "deleted" } };
  const all = before.records.map((record) => pauseAt(record, { at: now() }));
  const pauses = sortPauses(sortPauses(all, "-start_date"), "urgency").slice(0, MOST);
  const isThere = mentor.data.status !== "deleted";
  const none = all.length ? "" : "None so far.";
  const more = all.length > MOST ? `${MOST} of them, with what needs somebody first:` : none;
  const state = isThere ? sayStatus(mentor.data, now()) : "This mentor was deleted, with their pauses.";
  const whole = link({ view: "changes", by: "", of: mentorId, more: "" });
  const page = copyOf("mentor-view", { state, more, isFormer: !isThere, whole, ...endOf(history) });
  if (isThere) addPerson(find(".state", page), mentorId);
  offerWrites(page, mentor, before, path, mentor.data.status);
  find(".pauses", page).append(...pauses.map((pause) => drawPause(pause, before)));
  find(".history", page).append(...history.data.map(drawEntry));
  return page;
}

function drawEntry(entry) {
  const said = { when: writeInstant(entry.changed_at), who: entry.changed_by ?? "Somebody", what: sayEntry(entry) };
  return copyOf("entry-view", { ...entry, ...said, notes: entry.metadata?.notes });
}

function drawPause(pause, before) {
  const { pause_record_id: recordId, reason, phase, etag } = pause;
  const item = copyOf("pause-view", { ...pause, reason: reason ?? "no reason", dates: sayDates(pause) });
  offerWrites(item, { data: pause, etag }, before, pathOf("pause-records", recordId), phase);
  return item;
}

/** Offer the writes of a mentor or a pause that is in this state. */
function offerWrites(root, seen, before, path, state) {
  const { mentor_id: mentorId, end_date: end } = seen.data;
  const pattern = mentorId.replaceAll(".", "[.]"); // of the id that is to be typed
  offer(root, [state], (write) => ({
    path, before, pattern, mentorId,
    said: `${mentorId} ${write.said}.`,
    fields: write.fields.filter((name) => name !== (end ? "expected_return_date" : "end_date")),
    body: write.body && { mentor_id: mentorId, ...write.body },
    ...(write.path ? { path: write.path } : { seen }),
    values: "filled" in write ? seen.data : null,
  }));
}

const readMentor = (path) => get(path).catch((problem) => {
  if (problem.status !== 404) throw problem;
});

/** Return what a history says below its entries: if they are the last ones, that older ones may have been purged. */
export function endOf({ pagination, purged_before: purged }) {
  const isLast = pagination.next === null;
  return { isLast, purged: isLast && purged ? `Entries before ${writeInstant(purged)} may have been deleted.` : "" };
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
  const { phase, back } = pauseAt({ ...dates, start_date: start, end_date: dates.pause_end_date }, { at });
  const parts = [
    status === "active" && start && `, to be paused from ${writeInstant(start)}`,
    back && `${phase === "overdue" ? ", was expected on" : " until"} ${writeInstant(back)}`,
    reason && `, ${reason}`,
  ];
  return status && status + parts.filter(Boolean).join("");
}

// One mentor: their pauses, what can be done about them, and who did what when.

import { copyOf, find } from "./elements.js";
import { get, pathOf } from "./api.js";
import { readLines } from "./csv.js";
import { now, writeInstant } from "./days.js";
import { pauseAt, sayDates, sayReason } from "./pauses.js";
import { offer } from "./forms.js";
import { endOf, sayEntry, sayStatus, sayUndid } from "./history.js";
import { addPerson } from "./person.js";
import { sortPauses } from "./table.js";
import { link } from "./view.js";

const MOST_LISTED = 10; // pauses, and entries of the history, that are shown

/** Return a page about a mentor, as they are now; of a former one, the history. */
export async function drawMentor(mentorId) {
  const path = pathOf("mentor-statuses", mentorId);
  // Before the others: who writes in between is met by their ETags, and has written since.
  const { data: history } = await get(`${path}/history`, { limit: MOST_LISTED, after: "" });
  const newest = history.data[0]?.history_entry_id;
  const [records, found] = await Promise.all([readLines("pause-records", [mentorId]), readMentor(path)]);
  const mentor = found ?? { data: { mentor_id: mentorId, status: "deleted" } };
  const all = records.map((record) => pauseAt(record, { at: now() }));
  const pauses = sortPauses(sortPauses(all, "-start_date"), "urgency").slice(0, MOST_LISTED);
  const isThere = mentor.data.status !== "deleted";
  const none = all.length ? "" : "None so far.";
  const more = all.length > MOST_LISTED ? `${MOST_LISTED} of them, with what needs somebody first:` : none;
  const state = isThere ? sayStatus(mentor.data, now()) : "This mentor was deleted, with their pauses.";
  const whole = link({ view: "changes", by: "", of: mentorId, more: "" });
  const page = copyOf("mentor-view", { state, more, isFormer: !isThere, whole, ...endOf(history) });
  if (isThere) addPerson(find(".state", page), mentorId);
  offerWrites(page, mentor, newest, path, mentor.data.status);
  find(".pauses", page).append(...pauses.map((pause) => drawPause(pause, newest)));
  find(".history", page).append(...history.data.map(drawEntry));
  return page;
}

function drawEntry(entry) {
  const said = { when: writeInstant(entry.changed_at), who: entry.changed_by ?? "Somebody" };
  const [what, notes] = [[sayUndid(entry), sayEntry(entry)].join(" ").trim(), entry.metadata?.notes];
  return copyOf("entry-view", { ...entry, ...said, what, notes });
}

function drawPause(pause, newest) {
  const { pause_record_id: recordId, reason, phase, etag } = pause;
  const item = copyOf("pause-view", { ...pause, reason: sayReason(reason) ?? "no reason", dates: sayDates(pause) });
  offerWrites(item, { data: pause, etag }, newest, pathOf("pause-records", recordId), phase);
  return item;
}

/** Offer the writes of a mentor or a pause that is in this state; `newest` is the id of the mentor's newest entry. */
function offerWrites(root, seen, newest, path, state) {
  const { mentor_id: mentorId, end_date: end } = seen.data;
  const pattern = mentorId.replaceAll(".", "[.]"); // of the id that is to be typed
  offer(root, [state], (write) => ({
    path, newest, pattern, mentorId,
    fields: write.fields.filter((name) => name !== (end ? "expected_return_date" : "end_date")),
    body: write.body && { mentor_id: mentorId, ...write.body },
    ...(write.path ? { path: write.path } : { seen }), // a write to another path, a new pause, overwrites nothing
    values: "filled" in write ? seen.data : null,
  }));
}

const readMentor = (path) => get(path).catch((problem) => {
  if (problem.status !== 404) throw problem;
});

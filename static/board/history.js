// What a history says, in words.

import { dayNumber, now, writeInstant, writeTime } from "./days.js";
import { pauseAt, sayDates, sayReason } from "./pauses.js";

/** Return what a history says below its entries: if they are the last ones, that older ones may have been purged. */
export function endOf({ pagination, purged_before: purged }) {
  const isLast = pagination.next === null;
  return { isLast, purged: isLast && purged ? `Entries before ${writeInstant(purged)} may have been deleted.` : "" };
}

/**
 * Say what was done, and how the mentor was then, unless that is as before: `ended a pause: Illness, 1 May 2026 –
 * 8 May 2026; then active`. `older` are the mentor's entries before it, as far as they are known, newest first.
 */
export function sayEntry({ event, pause_records: records, status }, older = []) {
  const isAboutMentor = ["created", "deleted"].includes(event) || records.length === 0;
  const touched = records.map((record) => sayTouched(record, older));
  const done = [isAboutMentor && `${event} the mentor`, ...touched].filter(Boolean).join("; ");
  return status && status !== older[0]?.status ? `${done}; then ${status}` : done;
}

/** Say what was done to a pause record, and how it was before it was updated, if one of the older entries says that. */
function sayTouched(record, older) {
  const { event, pause_record_id: id } = record;
  const done = `${event.replace("pause_", "")} a pause: ${sayPause(record)}`;
  if (event !== "pause_updated") return done;
  const before = older.flatMap((entry) => entry.pause_records).find((other) => other.pause_record_id === id);
  return before ? `${done}, instead of ${sayPause(before)}` : done;
}

const sayPause = ({ reason, ...dates }) => `${sayReason(reason) ?? "no reason"}, ${sayDates(dates)}`;

/** Say who wrote an entry, and when: `bob, 04:16 UTC`; of another day `bob, 1 May, 04:16 UTC`. */
export function sayWriter({ changed_by: by, changed_at: at }) {
  const isToday = dayNumber(at) === dayNumber(now());
  return `${by ?? "Somebody"}, ${isToday ? `${writeTime(at)} UTC` : writeInstant(at)}`;
}

/** Say how a mentor is, or was, at an instant: `paused until 1 May 2026, Illness`; nothing of one who is deleted. */
export function sayStatus({ status, pause_start_date: start, pause_reason: reason, ...dates }, at) {
  const { phase, back } = pauseAt({ ...dates, start_date: start, end_date: dates.pause_end_date }, { at });
  const parts = [
    status === "active" && start && `, to be paused from ${writeInstant(start)}`,
    back && `${phase === "overdue" ? ", was expected on" : " until"} ${writeInstant(back)}`,
    reason && `, ${sayReason(reason)}`,
  ];
  return status && status + parts.filter(Boolean).join("");
}

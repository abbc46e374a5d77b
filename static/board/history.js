// What a history says, in words.

import { dayNumber, now, writeInstant, writeTimeInZone } from "./days.js";
import { differences } from "./differences.js";
import { pauseAt, sayDates, sayReason } from "./pauses.js";

/** Return what a history says below its entries: if they are the last ones, that older ones may have been purged. */
export function endOf({ pagination, purged_before: purged }) {
  const isLast = pagination.next === null;
  return { isLast, purged: isLast && purged ? `Entries before ${writeInstant(purged)} may have been deleted.` : "" };
}

/**
 * Say what was done, and how the mentor was then: `ended a pause: Illness, 1 May 2026 – 4 May 2026, instead of Illness,
 * 1 May 2026 – 8 May 2026 (expected); then active`.
 */
export function sayEntry({ event, pause_records: records, status }) {
  const isAboutMentor = ["created", "deleted"].includes(event) || records.length === 0;
  const parts = [isAboutMentor && sayEvent(event), ...records.map(sayTouched), status && `then ${status}`];
  return parts.filter(Boolean).join("; ");
}

/** Say an event in words: `ended a pause`, `created the mentor`. */
export const sayEvent = (event) =>
  (event.startsWith("pause_") ? `${event.replace("pause_", "")} a pause` : `${event} the mentor`);

/** Say what was done to a pause record, and how it was before, if it is still there. */
function sayTouched({ event, before, ...record }) {
  const now = sayPause(record);
  const done = `${sayEvent(event)}: ${now}`;
  if (!before || event === "pause_deleted") return done;
  const was = sayPause(before); // of a pause with an end it does not say when the mentor was expected
  return `${done}, ${was === now ? differences(before, record).join(", ") : `instead of ${was}`}`;
}

/** Say of the entry of an undo that it is one, and whose change it `undone`, if that is known; of any other nothing. */
export const sayUndid = ({ undoes }, undone) =>
  (undoes ? `undid ${undone ? `the change by ${sayWriter(undone)}` : "an earlier change"}:` : "");

const sayPause = ({ reason, ...dates }) => `${sayReason(reason) ?? "no reason"}, ${sayDates(dates)}`;

/** Say who wrote an entry, and when: `bob, 04:16 UTC`; of another day `bob, 1 May, 04:16 UTC`. */
export function sayWriter({ changed_by: by, changed_at: at }) {
  const isToday = dayNumber(at) === dayNumber(now());
  return `${by ?? "Somebody"}, ${isToday ? writeTimeInZone(at) : writeInstant(at)}`;
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

// Undo. It changes a pause only if it is as the write left it. The history says how that was, and who else wrote.

import { Problem, pathOf, readHistory, send } from "./api.js";
import { groupsOf, readLines, upload } from "./csv.js";
import { differences } from "./differences.js";
import { signature } from "./storage.js";

const NO_UNDO = "Somebody has changed the pauses at the same time: look at them, there is no undo.";
const FIELDS = ["start_date", "expected_return_date", "end_date", "reason"];

/**
 * Return the pauses of mentors, before a write: `{mentorIds, newest, records}`. The newest entry of their history is
 * read first: if the entries of the write follow it and no other one, nobody else has written between this reading and
 * that one.
 */
export async function readPauses(mentorIds) {
  const readGroup = async (ids) => ({ ids, known: (await readHistory({ mentor_id: ids.join() }, 1)).data[0] });
  const newest = await Promise.all(groupsOf(mentorIds).map(readGroup));
  return { mentorIds, newest, records: await readLines("pause-records", mentorIds) };
}

/**
 * Return what undoes the write that was made since `before` was read, or null; and a `note` if there is none because a
 * colleague has written, too, or if more pauses ended than mentors are back. `written` has a mentor for each entry of
 * the write. At the first pause that is not as the write left it, the undo raises a Problem, and writes nothing more.
 * It can be called again.
 */
export async function undoOf({ mentorIds, newest, records }, written = mentorIds) {
  const steps = [];
  for (const { ids, known } of newest) {
    const count = written.filter((id) => ids.includes(id)).length;
    if (!count) continue;
    const { data: entries } = await readHistory({ mentor_id: ids.join() }, count + 1);
    // The newest are the write's; the next must be the one that was the newest before.
    const isKnown = (entry) => JSON.stringify(entry) === JSON.stringify(known);
    if (!isKnown(entries[count])) return { undo: null, note: isKnown(entries[0]) ? "" : NO_UNDO };
    for (const { mentor_id: mentor, pause_records: touched } of entries.slice(0, count))
      for (const left of touched ?? [])
        steps.push({ mentor, left, was: records.find(({ pause_record_id: id }) => id === left.pause_record_id) });
  }
  const canBeUndone = ({ left, was }) => left.event !== "pause_deleted" && (was || left.event === "pause_opened");
  const ended = steps.filter(({ left }) => left.event === "pause_ended").length;
  const note = ended > written.length ? `${ended} pauses ended.` : "";
  return { undo: steps.length && steps.every(canBeUndone) ? () => undo(steps) : null, note };
}

async function undo(steps) {
  const lines = await readLines("pause-records", [...new Set(steps.map(({ mentor }) => mentor))]);
  const toUndo = steps.flatMap((step) => {
    const now = lines.find(({ pause_record_id: id }) => id === step.left.pause_record_id);
    return isUndone(step, now) ? [] : [{ ...step, now }];
  });
  const changed = toUndo.filter(({ was }) => was);
  try {
    if (changed.length) await upload({ list: "pause-records", lines: changed.map(toLine) });
    for (const { left, now, was } of toUndo)
      if (!was) await send("DELETE", pathOf("pause-records", left.pause_record_id), { etag: now.etag });
  } catch (problem) {
    if (![404, 412].includes(problem.status)) throw problem;
    await undo(steps); // somebody wrote since it was read
  }
}

/** Say whether a pause is what it was; raise a Problem if it is neither that nor what the write left. */
function isUndone({ mentor, left, was }, now) {
  if (!now && !was) return true;
  if (!now) throw new Problem({ status: 412, detail: `Not undone: somebody has deleted a pause of ${mentor} since.` });
  const isAs = (other) => FIELDS.every((name) => (other[name] ?? null) === now[name]);
  if (was && isAs(was)) return true;
  if (isAs(left)) return false;
  const changes = differences(left, now).join("; ");
  const detail = `Not undone: somebody has changed a pause of ${mentor} since (${changes}).`;
  throw new Problem({ status: 412, detail });
}

function toLine({ was, now: { mentor_id, pause_record_id, etag } }) {
  const before = Object.fromEntries(FIELDS.map((name) => [name, was[name]]));
  return { mentor_id, pause_record_id, ...before, ...signature(), etag };
}

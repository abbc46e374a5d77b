// Undo. It writes only over what its own write has left: what that is stands in the history, as does who else wrote.

import { Problem, get, pathOf, send } from "./api.js";
import { differences } from "./differences.js";
import { signature } from "./storage.js";

const NO_UNDO = "Somebody has changed the pauses at the same time: look at them, there is no undo.";
const MOST = 1000; // pauses of a mentor that are read

const readHistory = async (mentorId) =>
  (await get(`${pathOf("mentor-statuses", mentorId)}/history`, { limit: 1, page: 1 })).data;

/**
 * Return the pauses of a mentor, before a write: `{mentorId, entries, records}`. How many entries their history has is
 * read first: if one more is there after the write, nobody else has written between this reading and that one.
 */
export async function readPauses(mentorId) {
  const entries = (await readHistory(mentorId)).pagination.total;
  const listed = await get("pause-records", { mentor_id: mentorId, sort: "-start_date", limit: MOST });
  return { mentorId, entries, records: listed.data.data };
}

/**
 * Return what undoes the write that was made since `before` was read, or null; and a `note` if there is none because a
 * colleague has written, too. The undo raises a Problem, and writes nothing more, at the first pause that is not as the
 * write left it. It can be called again.
 */
export async function undoOf({ mentorId, entries, records }) {
  const { data: [entry], pagination } = await readHistory(mentorId);
  const written = pagination.total - entries;
  if (written > 1) return { undo: null, note: NO_UNDO };
  const steps = (written === 1 && entry.pause_records || []).map((left) =>
    ({ left, was: records.find(({ pause_record_id: id }) => id === left.pause_record_id) }));
  const isKnown = ({ left, was }) => left.event !== "pause_deleted" && (was || left.event === "pause_opened");
  return { undo: steps.length && steps.every(isKnown) ? () => undo(steps) : null };
}

async function undo(steps) {
  await Promise.all(steps.map(readRequest)); // no pause is written while another one is in the way
  for (const step of steps) await restore(step);
}

async function restore(step) {
  const request = await readRequest(step);
  if (!request) return;
  await send(...request).catch((problem) => {
    if (problem.status !== 412) throw problem;
    return restore(step); // somebody wrote since it was read
  });
}

/** Return the request that makes a pause what it was, or null if it is that; raise a Problem if somebody changed it. */
async function readRequest({ left, was }) {
  const path = pathOf("pause-records", left.pause_record_id);
  const now = await get(path).catch((problem) => {
    if (problem.status !== 404) throw problem;
  });
  if (!now && !was) return null;
  if (!now) throw new Problem({ status: 412, detail: "Not undone: somebody has deleted this pause since." });
  const isChanged = (other) => (name) => (other[name] ?? null) !== now.data[name];
  const fields = ["start_date", "expected_return_date", "end_date", "reason"];
  if (was && !fields.some(isChanged(was))) return null;
  if (fields.some(isChanged(left))) {
    const changes = differences(left, now.data).join("; ");
    throw new Problem({ status: 412, detail: `Not undone: somebody has changed this pause since (${changes}).` });
  }
  if (!was) return ["DELETE", path, { etag: now.etag }];
  const body = Object.fromEntries(fields.filter(isChanged(was)).map((name) => [name, was[name]]));
  return ["PUT", path, { body: { ...body, metadata: signature() }, etag: now.etag }];
}

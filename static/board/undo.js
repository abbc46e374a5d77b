// Undo: what this tab has written and can take back. The history says which entries are its own, and who wrote since.

import { pathOf, readHistory, send } from "./api.js";
import { FASTER, groupsOf, readLines, uploadLines } from "./csv.js";
import { differences } from "./differences.js";
import { sayWriter } from "./history.js";
import { listMentors, sayMentor } from "./names.js";
import { getWrites, setWrites } from "./storage.js";

export const MOST_UNDONE = 1000; // pauses that one undo takes back: the lines of one table
const DATES = ["start_date", "expected_return_date", "end_date"];

// `undos` are those of this tab, oldest first, `{mentor, words, steps}`: see sayWrite(). A step is what one entry did
// to one pause, and what its dates were before: null for a new pause. `own` has the marks of the page's entries, those
// of its undos among them.
const { undos, own } = getWrites();

/** Say what was written: of one mentor, who is kept without the name, or of several. */
export const sayWrite = ({ mentor, words }) => (mentor ? `${sayMentor(mentor)} ${words}` : words);

/** Return the undos that can still be tried, the newest first. */
export const listUndos = () => undos.toReversed();

/** Return the pauses of mentors before a write, and the newest entry of the history of each group of mentors. */
export async function readPauses(mentorIds) {
  const readGroup = async (ids) => ({ ids, known: (await readHistory({ mentor_id: ids.join() }, 1)).data[0] });
  const newest = await Promise.all(groupsOf(mentorIds).map(readGroup));
  return { newest, records: await readLines("pause-records", mentorIds) };
}

/**
 * Remember a write that was made since `before` was read; return what to say of it, with a note if there is one.
 * `written` has a mentor for each entry that the answer says was written. If a colleague wrote of a mentor at the same
 * time, nobody knows which entry is whose: that has no undo.
 */
export async function remember({ mentor, words }, before, written) {
  const { touches, unknown } = await readWritten(before, written);
  own.push(...touches.map(({ mark }) => mark));
  const steps = touches.flatMap((touch) => stepOf(touch, before.records) ?? []);
  const ended = touches.filter(({ left }) => left.event === "pause_ended").length;
  const said = { mentor, words: ended > written.length ? `${words} ${ended} pauses ended.` : words };
  const parts = [
    sayWrite(said),
    steps.length > MOST_UNDONE && "These are too many pauses for an undo.",
    unknown.length && `Somebody has changed ${listMentors(unknown)} at the same time: look there, this has no undo.`,
  ];
  if (steps.length > 0 && steps.length <= MOST_UNDONE)
    undos.push({ ...said, steps: [...steps, ...unknown.map((other) => ({ mentor: other }))] });
  setWrites({ undos, own });
  return parts.filter(Boolean).join(" ");
}

/** Return what the page's entries did to pauses; and of which mentors somebody else wrote at the same time. */
async function readWritten({ newest }, written) {
  const [touches, unknown] = [[], []];
  for (const { ids, known } of newest) {
    const lines = Map.groupBy(written.filter((id) => ids.includes(id)), (id) => id);
    const entries = Map.groupBy(lines.size ? await readAfter(ids, known) : [], (entry) => entry.mentor_id);
    for (const [mentor, { length }] of lines)
      if (entries.get(mentor)?.length === length) touches.push(...entries.get(mentor).flatMap(touchesOf));
      else unknown.push(mentor);
  }
  return { touches, unknown };
}

/** Read the entries of mentors that are newer than the one that was the newest. */
async function readAfter(mentorIds, known) {
  const { data } = await readHistory({ mentor_id: mentorIds.join(), since: known?.changed_at }, Infinity);
  const index = data.findIndex((entry) => JSON.stringify(entry) === JSON.stringify(known));
  return index < 0 ? data : data.slice(0, index);
}

/** Return what an entry did to each pause: how it `left` it, and the mark that tells this from what others did. */
function touchesOf(entry) {
  const { mentor_id: mentor, changed_at: at, changed_by: by } = entry;
  return (entry.pause_records ?? []).map((left) => {
    const { pause_record_id: record, event } = left;
    const mark = JSON.stringify([record, event, at, by, ...DATES.map((name) => left[name])]);
    return { entry, mentor, at, record, left, mark };
  });
}

/** Return the step that an undo takes back, without a reason: those are not kept. Null: nothing was changed. */
function stepOf({ mentor, at, record, left, mark }, records) {
  const before = records.find(({ pause_record_id: id }) => id === record);
  if (!before) return { mentor, at, record, mark, was: null };
  const hasNewReason = before.reason !== left.reason;
  if (!hasNewReason && isAs(before, left)) return null;
  return { mentor, at, record, mark, was: Object.fromEntries(DATES.map((name) => [name, before[name]])), hasNewReason };
}

const isAs = (one, other) => [...DATES, "reason"].every((name) => (one?.[name] ?? null) === (other?.[name] ?? null));

/**
 * Take back what a write of this page has done; return `{done, why}`: the mentors for whom that is so now, and in words
 * why it is not for others. A pause that is not as the page left it, or that somebody else has written since, stays.
 */
export async function takeBack(undo) {
  const index = undos.indexOf(undo);
  undos.splice(index, 1);
  try {
    const mentors = [...new Set(undo.steps.map(({ mentor }) => mentor))];
    const before = await readPauses(mentors); // before the entries are read: who writes after them meets the ETags
    const judged = judge(undo.steps, before.records, await readSince(mentors, undo.steps));
    const { written, refused } = await writeBack(judged.filter(({ why, isSo }) => !why && !isSo));
    own.push(...(await readWritten(before, written)).touches.map(({ mark }) => mark));
    if (judged.some(({ isLater }) => isLater)) undos.splice(index, 0, undo);
    const sayRefused = ({ mentor, record }) => `${sayMentor(mentor)}: ${refused.get(record)}`;
    const whyNot = (step) => step.why ?? (refused.has(step.record) && sayRefused(step));
    const left = judged.filter(whyNot);
    const done = new Set(mentors).difference(new Set(left.map(({ mentor }) => mentor)));
    return { done: [...done], why: [...new Set(left.map(whyNot))] };
  } catch (problem) {
    undos.splice(index, 0, undo); // it can be tried again: what is done by then is so
    throw problem;
  } finally {
    setWrites({ undos, own });
  }
}

/** Read what was done to the pauses of mentors since the steps, newest first; if a reason is asked for, since ever. */
async function readSince(mentors, steps) {
  const since = steps.some(({ hasNewReason }) => hasNewReason) ? "" : steps.map(({ at }) => at).sort()[0];
  const read = (ids) => readHistory({ mentor_id: ids.join(), since }, Infinity);
  const entries = (await Promise.all(groupsOf(mentors).map(read))).flatMap(({ data }) => data);
  return Map.groupBy(entries.flatMap(touchesOf), ({ record }) => record);
}

/** Return each step with how the pause `was`, how it is `now`, whether it is so already, or `why` it has to stay. */
const judge = (steps, records, touched) => steps.map((step) => {
  const { record, mark } = step;
  const mentor = sayMentor(step.mentor);
  if (!mark) return { ...step, why: `somebody has changed ${mentor} at the same time` };
  const touches = touched.get(record) ?? [];
  const index = touches.findLastIndex((touch) => touch.mark === mark);
  const { left } = touches[index] ?? {};
  const { reason } = (step.hasNewReason ? touches[index + 1]?.left : left) ?? {};
  if (!left || reason === undefined)
    return { ...step, why: `it is too late for ${mentor}: what was done is no longer in the history` };
  const was = step.was && { ...step.was, reason };
  const now = records.find(({ pause_record_id: id }) => id === record);
  const other = touches.slice(0, index).find((touch) => !own.includes(touch.mark));
  if (Boolean(now) === Boolean(was) && isAs(now, was)) return { ...step, isSo: true };
  if (other) return { ...step, why: sayOther(other, left, now) };
  if (!isAs(now, left)) return { ...step, isLater: true, why: `undo first what was done to ${mentor} later` };
  return { ...step, was, now };
});

/** Say who has changed or deleted a pause since, and what differs from how it was left. */
function sayOther({ entry, mentor }, left, now) {
  const changes = now ? differences(left, now).join("; ") : "";
  const what = `${now ? "changed" : "deleted"} a pause of ${sayMentor(mentor)}`;
  return `${sayWriter(entry)}, ${what}${changes && ` (${changes})`}`;
}

/** Write pauses as they were, and delete the new ones; return for whom, and why others were refused, by their ids. */
async function writeBack(steps) {
  const refused = new Map();
  const written = await writeLines(steps.filter(({ was }) => was).map(lineOf), refused);
  for (const { mentor, record, now } of steps.filter(({ was }) => !was))
    try {
      await send("DELETE", pathOf("pause-records", record), { etag: now.etag });
      written.push(mentor);
    } catch (problem) {
      if (![404, 412].includes(problem.status)) throw problem;
      refused.set(record, FASTER);
    }
  return { written, refused };
}

/** Write the lines that are not refused; return their mentors. */
async function writeLines(lines, refused) {
  if (!lines.length) return [];
  try {
    return await uploadLines({ list: "pause-records", lines });
  } catch (problem) {
    if (!problem.refused) throw problem;
    for (const [index, words] of problem.refused) refused.set(lines[index].pause_record_id, words);
    return writeLines(lines.filter((_, index) => !problem.refused.has(index)), refused);
  }
}

const lineOf = ({ was, now: { mentor_id, pause_record_id, etag } }) => ({ mentor_id, pause_record_id, ...was, etag });

/** Forget all undos: another token may be somebody else's. */
export function forgetUndos() {
  undos.length = own.length = 0;
  setWrites({ undos, own });
}

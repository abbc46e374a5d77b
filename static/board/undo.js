// Undo: what this page has written and can take back. The history says which entries are its own, and who wrote since.

import { PAGE, pathOf, readHistory, send } from "./api.js";
import { FASTER, groupsOf, readLines, upload } from "./csv.js";
import { differences } from "./differences.js";
import { forgetWrites, keepWrites, keptWrites, signature } from "./storage.js";

export const MOST = 1000; // pauses that one undo takes back: the lines of one table
const DATES = ["start_date", "expected_return_date", "end_date"];
const FIELDS = [...DATES, "reason"];

/** Return the pauses of mentors before a write, and the newest entry of the history of each group of mentors. */
export async function readPauses(mentorIds) {
  const readGroup = async (ids) => ({ ids, known: (await readHistory({ mentor_id: ids.join() }, 1)).data[0] });
  const newest = await Promise.all(groupsOf(mentorIds).map(readGroup));
  return { mentorIds, newest, records: await readLines("pause-records", mentorIds) };
}

// The undos of this tab, oldest first, `{said, steps, unknown}`, and what tells the page's own entries from those of others. A
// step is what one entry did to one pause; of the mentors in `unknown` nobody knows which entry is whose. All of it has ids and instants, but no reason.
const { undos, own } = keptWrites();

/** Return the undos that can still be tried, the newest first. */
export const listUndos = () => undos.toReversed();

/** Forget all undos: another token may be somebody else's. */
export function forgetUndos() {
  undos.length = own.length = 0;
  forgetWrites();
}

/** Tell what an entry did to a pause from what other entries did. */
const markOf = ({ changed_at: at, changed_by: by }, { pause_record_id: id, event, ...left }) =>
  [at, by, id, event, ...DATES.map((name) => left[name])].join(" ");

const isAs = (one, other, names = FIELDS) => names.every((name) => (one[name] ?? null) === (other[name] ?? null));

/**
 * Remember a write that was made since `before` was read. `written` has a mentor for each entry that the answer says
 * was written. Return its undo, or null, and the text that says what was done; also if a colleague wrote at the same
 * time, so that nobody knows which entry is the page's own, or if more pauses ended than mentors are back.
 */
export async function remember(said, { newest, records }, written) {
  const [steps, unknown] = [[], []];
  for (const { ids, known } of newest) {
    const ofGroup = Map.groupBy(written.filter((id) => ids.includes(id)), (id) => id);
    const entries = ofGroup.size ? Map.groupBy(await readAfter(ids, known), (entry) => entry.mentor_id) : null;
    for (const [mentor, lines] of ofGroup) {
      const theirs = entries.get(mentor) ?? [];
      if (theirs.length !== lines.length) unknown.push(mentor);
      else steps.push(...theirs.flatMap((entry) => stepsOf(entry, records)));
    }
  }
  own.push(...steps.map(({ mark }) => mark));
  const changing = steps.filter(({ isSame }) => !isSame);
  const isPossible = changing.length > 0 && changing.length <= MOST && changing.every(({ was, isNew }) => was || isNew);
  const ended = steps.filter(({ isEnd }) => isEnd).length;
  const notes = [
    ended > written.length && `${ended} pauses ended.`,
    unknown.length && `Somebody has changed ${list(unknown)} at the same time: look there, this has no undo.`,
  ];
  const text = [said, ...notes].filter(Boolean).join(" ");
  const undo = isPossible ? { said: text, steps: changing, unknown } : null;
  if (undo) undos.push(undo);
  keepWrites({ undos, own });
  return { undo, text };
}

/** Read the entries of mentors that are newer than the one that was the newest. */
async function readAfter(mentorIds, known) {
  for (let count = PAGE; ; count *= 2) {
    const { data, pagination } = await readHistory({ mentor_id: mentorIds.join() }, count);
    const index = data.findIndex((entry) => JSON.stringify(entry) === JSON.stringify(known));
    if (index >= 0) return data.slice(0, index);
    if (!pagination.next) return data;
  }
}

function stepsOf(entry, records) {
  const { mentor_id: mentor, changed_at: at, pause_records: touched } = entry;
  return (touched ?? []).map((left) => {
    const { event, pause_record_id: record } = left;
    const before = records.find(({ pause_record_id: id }) => id === record);
    return {
      mentor, at, record, mark: markOf(entry, left),
      was: before && Object.fromEntries(DATES.map((name) => [name, before[name]])),
      hasNewReason: Boolean(before) && !isAs(before, left, ["reason"]),
      isNew: event === "pause_opened", isEnd: event === "pause_ended",
      isSame: Boolean(before) && event !== "pause_deleted" && isAs(before, left),
    };
  });
}

/**
 * Take back what an undo has written; return in words what became of it. A pause that is no longer as the page left it,
 * or that somebody else has written since, stays as it is. It can be called again.
 */
export async function takeBack(undo) {
  const first = await judge(undo.steps);
  const steps = first.filter(({ todo }) => todo);
  for (const { step } of steps) step.isSent = true; // from now on the next entry may be this undo's own
  keepWrites({ undos, own });
  const refused = await writeBack(steps);
  const last = steps.length ? await judge(undo.steps) : first;
  if (!last.some(({ isLater }) => isLater)) undos.splice(undos.indexOf(undo), 1);
  keepWrites({ undos, own });
  const left = last.filter(({ isDone }) => !isDone);
  const why = left.map(({ step, why: other }) => other ?? refused.get(step.record) ?? `${step.mentor}: it was refused`);
  if (undo.unknown.length) why.push(`somebody has changed ${list(undo.unknown)} at the same time`);
  if (!why.length) return `Undone: ${undo.said}`;
  const others = new Set([...undo.unknown, ...left.map(({ step }) => step.mentor)]);
  const undone = new Set(last.map(({ step }) => step.mentor)).difference(others);
  const done = undone.size ? `Undone for ${list([...undone])}. ` : "";
  return `${done}Not undone: ${[...new Set(why)].join("; ")}.`;
}

/** Return of each step whether it `isDone`, what is there to do (`todo`), or `why` it is not to be done. */
async function judge(steps) {
  const mentors = [...new Set(steps.map(({ mentor }) => mentor))];
  const records = await readLines("pause-records", mentors); // before the entries: who writes after it meets the ETags
  const since = steps.map(({ at }) => at).sort()[0];
  const read = (ids) => readHistory({ mentor_id: ids.join(), since }, Infinity);
  const entries = (await Promise.all(groupsOf(mentors).map(read))).flatMap(({ data }) => data);
  const entriesOf = Map.groupBy(entries, ({ mentor_id: mentor }) => mentor);
  return Promise.all(steps.map((step) => {
    const now = records.find(({ pause_record_id: id }) => id === step.record);
    return judgeStep(step, now, entriesOf.get(step.mentor) ?? []);
  }));
}

/** Return what entries did to a pause, newest first: how it was `left`, `by` whom, and the `mark`. */
const touchesOf = (record, entries) => entries.flatMap((entry) => (entry.pause_records ?? [])
  .filter(({ pause_record_id: id }) => id === record)
  .map((left) => ({ left, by: entry.changed_by ?? "somebody", mark: markOf(entry, left) })));

async function judgeStep(step, now, entries) {
  const { mentor, record } = step;
  const touched = touchesOf(record, entries);
  const index = touched.findLastIndex(({ mark }) => mark === step.mark);
  const late = { step, why: `it is too late for ${mentor}: what was done is no longer in the history` };
  if (index < 0) return late;
  const { left } = touched[index];
  const was = step.was && { ...step.was, reason: step.hasNewReason ? await readReason(step) : left.reason };
  if (was && was.reason === undefined) return late;
  const others = touched.slice(0, index).filter(({ mark }) => !own.includes(mark));
  const [newest, oldest] = [others[0], others.at(-1)];
  const isDeleted = oldest?.left.event === "pause_deleted";
  if (step.isSent && oldest && (was ? !isDeleted && isAs(was, oldest.left) : isDeleted)) {
    own.push(oldest.mark);
    step.isBack = true;
  }
  if (step.isBack) return { step, isDone: true };
  if (!now) return { step, why: `${newest?.by ?? "somebody"} has deleted a pause of ${mentor} since` };
  if (newest) return { step, why: `${newest.by} has changed a pause of ${mentor} since${changesOf(left, now)}` };
  if (!isAs(left, now)) return { step, isLater: true, why: `undo first what was done to ${mentor} later` };
  return { step, todo: { now, was } };
}

function changesOf(left, now) {
  const changes = differences(left, now).join("; ");
  return changes && ` (${changes})`;
}

/** Read from the history which reason a pause had before a step; undefined if a purge has deleted that. */
async function readReason({ mentor, record, mark }) {
  const touched = touchesOf(record, (await readHistory({ mentor_id: mentor }, Infinity)).data);
  return touched[touched.findLastIndex((other) => other.mark === mark) + 1]?.left.reason;
}

/** Write pauses as they were, all that can be, and delete the new ones; return why others were refused, by record. */
async function writeBack(judged) {
  const refused = new Map();
  let lines = judged.filter(({ todo }) => todo.was).map(toLine);
  while (lines.length) {
    const problem = await upload({ list: "pause-records", lines }).then(() => null, (other) => other);
    if (problem && !problem.refused) throw problem;
    for (const [index, words] of problem?.refused ?? [])
      refused.set(lines[index].pause_record_id, `${lines[index].mentor_id}: ${words}`);
    lines = problem ? lines.filter((_, index) => !problem.refused.has(index)) : [];
  }
  for (const { step: { mentor, record }, todo } of judged.filter(({ todo: { was } }) => !was))
    await send("DELETE", pathOf("pause-records", record), { etag: todo.now.etag }).catch((problem) => {
      if (![404, 412].includes(problem.status)) throw problem;
      refused.set(record, `${mentor}: ${FASTER}`);
    });
  return refused;
}

function toLine({ todo: { was, now: { mentor_id, pause_record_id, etag } } }) {
  return { mentor_id, pause_record_id, ...was, ...signature(), etag };
}

const NAMED = 20;

/** List ids in words: the first 20, and how many more there are. */
const list = (ids) => ids.slice(0, NAMED).join(", ") + (ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "");

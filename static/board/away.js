// Who is away: the pauses to show, the mentors to show who have none, and the counts.

import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { get, readHistory, readSincePurge } from "./api.js";
import { groupsOf } from "./csv.js";
import { fieldDay, writeDay } from "./days.js";
import { offerChoice } from "./chosen.js";
import { findIds } from "./names.js";
import { SOON, pauseAt, reasonsByWords, sayReason } from "./pauses.js";
import { drawRows, sortPauses } from "./table.js";
import { drawTimeline } from "./timeline.js";
import { viewNow } from "./view.js";

const MOST_SHOWN = 1000; // pauses, and mentors, that are shown
// Not only in the window, so that as many are seen as are counted.
const EVERYWHEN = ["current", "overdue", "due", "undated", "scheduled"];
const FOUND = 200; // mentors with a text in the name or the id, whom the lists are asked for
const FORMER = 10; // mentors whose history is looked at, since no list has them
const PART_OF_ID = /^[\w.~:@-]{1,64}$/;
const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;

/** Return what to show: pauses, and mentors who have none, sorted; the counts; and in words what is not among them. */
export async function read(view) {
  const { show, reason, q } = view;
  const asOf = { as_of: view.as_of, expected: view.expected };
  const isEverywhen = EVERYWHEN.includes(show);
  const window = isEverywhen ? {} : { from: fieldDay(view.from), to: fieldDay(view.to) };
  const phase = show === "due" ? { due_within_days: SOON } : { phase: show === "active" ? "" : show };
  const filters = { ...window, ...phase, ...asOf, reason, sort: "expected_return_date" };
  const isNamed = show === "active" || (q && !show && !reason); // else only who has such a pause is shown
  const { questions, ids } = searchOf(view);
  const [records, mentors, ...counted] = await Promise.all([
    readSincePurge((from) => readList("pause-records", questions, { ...filters, from }), filters.from),
    readList("mentor-statuses", isNamed ? questions : [], { ...asOf, status: show === "active" && "active" }),
    ...findAll("#counts data").map(({ dataset: { list, ...filter } }) => get(list, { ...filter, ...asOf, limit: 1 })),
  ]);
  const former = isNamed && !show ? await findFormer(ids, mentors.rows) : [];
  const way = q ? "type more" : `choose ${isEverywhen ? "" : "a shorter time, a state or "}a reason, or search`;
  const notes = [
    show !== "active" && sayFirst(records.rows.length, records.total, "pauses", way),
    sayFirst(mentors.rows.length, mentors.total, "mentors", q ? "type more" : "search"),
    sayFirst(FOUND, ids.length, "mentors with this text", "type more"),
    records.purged && `pauses that ended before ${writeDay(records.purged)} have been deleted`,
  ];
  const { at } = viewNow(); // by the clock of these answers: midnight may have passed
  const dated = records.rows.map((record) => pauseAt(record, { ...view, at }));
  const pauses = choose(view, dated, [...mentors.rows, ...former]);
  const [active, paused, overdue, due, ...others] = counted.map(totalOf);
  const counts = [active, paused, overdue, due - overdue, ...others];
  return { pauses, counts, note: notes.filter(Boolean).join("; ") };
}

/**
 * Return the questions that a search asks each list, as filters, and the ids in which a former mentor is looked for. A
 * text that is matched with the names is not sent, but the ids of who is found.
 */
function searchOf({ q, isHere }) {
  if (!q) return { questions: [{}], ids: [] };
  const ids = isHere ? findIds(q) : [q].filter((text) => ID.test(text));
  if (isHere) return { ids, questions: groupsOf(ids.slice(0, FOUND)).map((group) => ({ mentor_id: group.join() })) };
  return { ids, questions: PART_OF_ID.test(q) ? [{ mentor_id_contains: q }] : [] };
}

/** Read what a list has for each of the questions; return the rows, of each question the first 1,000, and the total. */
async function readList(list, questions, filters) {
  const answers = await Promise.all(questions.map((each) => get(list, { ...filters, ...each, limit: MOST_SHOWN })));
  return {
    rows: answers.flatMap(({ data }) => data.data),
    total: answers.reduce((total, answer) => total + totalOf(answer), 0),
  };
}

const totalOf = ({ data }) => data.pagination.total;

/** Say, if not all is shown, how much of it is, and how to see the rest. */
const sayFirst = (count, total, noun, way) =>
  total > count && `the first ${count.toLocaleString()} of ${total.toLocaleString()} ${noun}: ${way}`;

/** Find the former mentors of these ids: the last entry of their history says that they were deleted. */
async function findFormer(ids, mentors) {
  const others = [...new Set(ids).difference(new Set(mentors.map(({ mentor_id: id }) => id)))].slice(0, FORMER);
  const newest = await Promise.all(others.map((id) => readHistory({ mentor_id: id }, 1)));
  const deleted = newest.flatMap(({ data }) => data).filter(({ event }) => event === "deleted");
  return deleted.map(({ mentor_id }) => ({ mentor_id, status: "deleted" }));
}

/** Return the pauses to show, sorted, with the mentors to show who have none here. */
function choose({ show, reason, sort }, pauses, mentors) {
  const others = new Map(mentors.map((each) => [each.mentor_id, { ...each, words: each.status, urgency: Infinity }]));
  const hidden = show === "due" ? ["cancelled", "overdue"] : ["cancelled"];
  const isAsked = (pause) => !hidden.includes(pause.phase) && (show !== "active" || others.has(pause.mentor_id));
  const shown = pauses.filter(isAsked);
  for (const pause of shown) others.delete(pause.mentor_id);
  return sortPauses(reason ? shown : [...shown, ...others.values()], sort);
}

/** Draw the table and the picture; return what shows them and the counts, and says what is shown. */
export async function draw({ pauses, counts, note }, view) {
  const isNow = !view.as_of && !view.expected; // as of another day nothing can be changed
  const mentors = Map.groupBy(pauses, (pause) => pause.mentor_id);
  const rows = await drawRows(pauses, isNow);
  const showTimeline = await drawTimeline(mentors, view);
  return () => {
    find("#table").classList.toggle("of-nobody", !rows.length);
    find("#table tbody").replaceChildren(...rows);
    offerChoice(find("#table"), isNow ? pauses : []);
    showTimeline();
    showCounts(counts, view);
    sayWhatIsShown(pauses, mentors.size, note, view);
  };
}

function showCounts(counts, { sort: sorted, show }) {
  for (const [index, element] of findAll("#counts data").entries())
    Object.assign(element, { value: counts[index], textContent: counts[index].toLocaleString() });
  for (const { dataset: { sort }, parentElement: heading } of findAll("[data-sort]"))
    heading.ariaSort = { [sort]: "ascending", [`-${sort}`]: "descending" }[sorted] ?? null;
  document.body.dataset.show = show;
}

function sayWhatIsShown(pauses, mentorCount, note, view) {
  const { show: shown, reason } = find("#filters").elements;
  const options = [...reasonsByWords()].flatMap(([words, [first, ...others]]) =>
    [{ reason: first, words }, ...others.map((other) => ({ reason: other, words: other }))]);
  reason.replaceChildren(reason.options[0], ...options.map((each) => copyOf("option", each)));
  const [show, now] = [view.show && shown.selectedOptions[0]?.text, view.as_of ? writeDay(view.at) : "today"];
  const filters = [show, sayReason(view.reason), view.q && `“${view.q}”`, view.as_of && `as of ${now}`];
  const expected = view.expected && "if all come back when expected";
  const window = [view.window, ...filters, expected].filter(Boolean).join(", ");
  const dated = pauses.filter((pause) => "start" in pause);
  const others = pauses.length - dated.length; // mentors who have no pause here
  const ofMentors = `${countOf(dated.length, "pause")} of ${countOf(mentorCount - others, "mentor")}`;
  const alone = `${countOf(others, "mentor")}${dated.length ? " without a pause here" : ""}`;
  const counted = [dated.length && ofMentors, (others || !dated.length) && alone].filter(Boolean).join(", ");
  const caption = note ? `${counted} (${note})` : counted;
  fill(document, { window, caption, results: `${caption}, ${window}`, now });
}

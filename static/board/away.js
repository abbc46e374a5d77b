// Who is away: the pauses to show, the mentors to show who have none, and the counts.

import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { get, readHistory, readSincePurge } from "./api.js";
import { fieldDay, writeDay } from "./days.js";
import { SOON, pauseAt, sayReason } from "./pauses.js";
import { drawTable, sortPauses } from "./table.js";
import { drawTimeline } from "./timeline.js";
import { viewNow } from "./view.js";

const MOST = 1000; // pauses, and mentors, that are shown
const FOUND = 100; // mentors that a search finds in a larger service: of so many the API lists the pauses at once
// Not only in the window, so that as many are seen as are counted.
const EVERYWHEN = ["current", "overdue", "due", "undated", "scheduled"];
const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;

/** Return what to show: pauses, and mentors who have none, sorted; the counts; and in words what is not among them. */
export async function read(view) {
  const asOf = { as_of: view.as_of, expected: view.expected };
  const isEverywhen = EVERYWHEN.includes(view.show);
  const window = isEverywhen ? {} : { from: fieldDay(view.from), to: fieldDay(view.to) };
  const phase = view.show === "due" ? { due_within_days: SOON } : { phase: view.show === "active" ? "" : view.show };
  const filters = { ...window, ...phase, ...asOf, reason: view.reason, sort: "expected_return_date", limit: MOST };
  const [listed, found, former, ...counted] = await Promise.all([
    readSincePurge((from) => get("pause-records", { ...filters, from }), filters.from),
    view.q || view.show === "active" ? findMentors(view, asOf) : { mentors: [] },
    ID.test(view.q) && !view.show ? findFormer(view.q) : [],
    ...findAll("#counts data").map(({ dataset: { list, ...filter } }) => get(list, { ...filter, ...asOf, limit: 1 })),
  ]);
  let records = listed.data.data;
  const total = listed.data.pagination.total;
  let { note } = found;
  if (total > MOST && view.q && found.mentors.length) {
    const ids = found.mentors.map(({ mentor_id: id }) => id).slice(0, FOUND).join();
    const from = listed.purged ?? filters.from;
    const theirs = (await get("pause-records", { ...filters, from, mentor_id: ids })).data.data;
    const known = new Set(records.map(({ pause_record_id: id }) => id));
    if (found.mentors.length > FOUND) note = `${first(total)} pauses: type more of the id`;
    records = [...records, ...theirs.filter(({ pause_record_id: id }) => !known.has(id))];
  } else if (total > MOST && !view.q && view.show !== "active")
    note = `${first(total)} pauses: choose ${isEverywhen ? "" : "a shorter time, a state or "}a reason, or search`;
  const purged = listed.purged && `pauses that ended before ${writeDay(listed.purged)} have been deleted`;
  const isNamed = view.show === "active" || !(view.show || view.reason); // else only who has such a pause is shown
  const mentors = isNamed ? [...found.mentors, ...former] : [];
  const { at } = viewNow(); // by the clock of these answers: midnight may have passed
  const pauses = choose(view, records.map((record) => pauseAt(record, { ...view, at })), mentors);
  const [active, paused, overdue, due, ...others] = counted.map(totalOf);
  const counts = [active, paused, overdue, due - overdue, ...others];
  return { pauses, counts, note: [note, purged].filter(Boolean).join("; ") };
}

const totalOf = ({ data }) => data.pagination.total;
const first = (total) => `the first ${MOST.toLocaleString()} of ${total.toLocaleString()}`;

/** Find mentors with a text in their id; in a service of over 1,000 mentors, by the beginning of the id. */
async function findMentors({ show, q }, asOf) {
  const filters = { ...asOf, status: show === "active" && "active" };
  const all = await get("mentor-statuses", { ...filters, limit: MOST });
  const [mentors, total] = [all.data.data, totalOf(all)];
  if (!q) return { mentors, note: total > MOST && `${first(total)} mentors: search for the beginning of an id` };
  if (total <= MOST) return { mentors: mentors.filter(hasText(q)) };
  const asked = ID.test(q) ? [{ mentor_id: q }, { after: q, limit: FOUND + 1 }] : [];
  const answers = await Promise.all(asked.map((each) => get("mentor-statuses", { ...filters, ...each })));
  const found = answers.flatMap(({ data }) => data.data).filter(({ mentor_id: id }) => id.startsWith(q));
  const note = found.length > FOUND
    ? `the first ${FOUND} whose id begins so: type more of it`
    : `of over ${MOST.toLocaleString()} mentors, a search finds the beginning of an id`;
  return { mentors: found.slice(0, FOUND), note };
}

/** Find the former mentor of this id: the last entry of their history says that they were deleted. */
async function findFormer(q) {
  const { data: [entry] } = await readHistory({ mentor_id: q }, 1);
  return entry?.event === "deleted" ? [{ mentor_id: q, status: "deleted" }] : [];
}

/** Return what tells whether the id of a mentor has a text in it, whatever the case. */
const hasText = (text) => ({ mentor_id: id }) => id.toLowerCase().includes(text.toLowerCase());

/** Return the pauses to show, sorted, with the mentors to show who have none here. */
function choose({ show, reason, q, sort }, pauses, mentors) {
  const others = new Map(mentors.map((each) => [each.mentor_id, { ...each, words: each.status, urgency: Infinity }]));
  const hidden = show === "due" ? ["cancelled", "overdue"] : ["cancelled"];
  const isAsked = (pause) => !hidden.includes(pause.phase) && (show !== "active" || others.has(pause.mentor_id));
  const shown = pauses.filter(hasText(q)).filter(isAsked);
  for (const pause of shown) others.delete(pause.mentor_id);
  return sortPauses(reason ? shown : [...shown, ...others.values()], sort);
}

/** Draw the counts, the table and the picture, and say what is shown. */
export function draw({ pauses, counts, note }, view) {
  for (const [index, element] of findAll("#counts data").entries())
    Object.assign(element, { value: counts[index], textContent: counts[index].toLocaleString() });
  for (const { dataset: { sort }, parentElement: heading } of findAll("[data-sort]"))
    heading.ariaSort = { [sort]: "ascending", [`-${sort}`]: "descending" }[view.sort] ?? null;
  drawTable(pauses, view);
  const rows = Map.groupBy(pauses, (pause) => pause.mentor_id);
  drawTimeline(find("#timeline"), rows, view);
  document.body.dataset.show = view.show;
  const { show: shown, reason } = find("#filters").elements;
  const seen = [...find("#reasons").options].map(({ value }) => value);
  const reasons = new Set([...seen, ...pauses.map((pause) => pause.reason)].filter(Boolean));
  const options = () => [...reasons].sort().map((each) => copyOf("option", { reason: each, words: sayReason(each) }));
  reason.replaceChildren(reason.options[0], ...options());
  find("#reasons").replaceChildren(...options());
  const [show, now] = [view.show && shown.selectedOptions[0]?.text, view.as_of ? writeDay(view.at) : "today"];
  const filters = [show, sayReason(view.reason), view.q && `“${view.q}”`, view.as_of && `as of ${now}`];
  const expected = view.expected && "if all come back when expected";
  const window = [view.window, ...filters, expected].filter(Boolean).join(", ");
  const dated = pauses.filter((pause) => "start" in pause);
  const others = pauses.length - dated.length; // mentors who have no pause here
  const ofMentors = `${countOf(dated.length, "pause")} of ${countOf(rows.size - others, "mentor")}`;
  const alone = `${countOf(others, "mentor")}${dated.length ? " without a pause here" : ""}`;
  const counted = [dated.length && ofMentors, (others || !dated.length) && alone].filter(Boolean).join(", ");
  const caption = note ? `${counted} (${note})` : counted;
  fill(document, { window, caption, results: `${caption}, ${window}`, now });
}

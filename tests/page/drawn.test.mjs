// What is drawn: the writes that are offered, the panel, the days of a form, What changed, and what is said where nobody
// is there. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { test } from "node:test";
import { viewNow } from "../../static/board/read/address.js";
import { dayNumber, now } from "../../static/board/read/days.js";
import { TICKED } from "../../static/board/read/keys.js";
import { openList } from "../../static/board/read/list.js";
import { model, openForm, setDrawPage } from "../../static/board/read/model.js";
import { countTogether, rowOfMentor, rowOfPause } from "../../static/board/read/pauses.js";
import { noteReason } from "../../static/board/read/reasons.js";
import { withSearch } from "../../static/board/read/search.js";
import { drawChanges } from "../../static/board/show/changes.js";
import { drawForm } from "../../static/board/show/forms.js";
import { drawList } from "../../static/board/show/lists.js";
import { drawMentorPanel } from "../../static/board/show/mentor.js";
import { drawTable } from "../../static/board/show/rows.js";
import { drawTray } from "../../static/board/show/tray.js";
import { tick } from "../../static/board/write/ticked.js";
import { cases, day, entry, markupOf, ofPause, recordOf, textsOf } from "./page.mjs";

model.mayWrite = true;
noteReason("illness");

const [ACTIVE, PAUSED] = ["active", "paused"].map((status) => rowOfMentor({ mentor_id: "ada", status }, { at: now() }));

/** Return a list of rows in one section, as the view at an address shows it. */
function listOf(rows, hash = "view=pauses", facts = {}) {
  location.hash = hash;
  model.view = withSearch(viewNow());
  const answer = { rows, sections: [{ id: "due", rows }], together: countTogether(rows), ...facts };
  const list = openList(answer, model.view.question);
  model.lists = { [model.view.q ? "found" : model.view.view]: list };
  return list;
}

/** Return rows by the texts of pauses, or as they are. */
const given = (rows) => [rows].flat().map((row, index) => (typeof row === "string"
  ? rowOfPause(recordOf(row, { pause_record_id: `pause-${index}` }), { at: now() }) : row));

cases("A row offers what fits, with the days of a return", [
  ["-20 expected -5", ["Back today", "+1 week Thu, Apr 2", "+2 weeks Thu, Apr 9", "Other day… or a note"]],
  ["-20 ends 2", ["Back today", "+1 week Sat, Apr 4", "+2 weeks Sat, Apr 11", "Other day… or a note"]],
  ["3 ends 9", ["Call off", "+1 week Sat, Apr 11", "+2 weeks Sat, Apr 18", "Other day… or a note"]],
  ["-9 ends -5", []], [ACTIVE, ["Pause…"]],
], (row) => textsOf(drawTable(listOf(given(row)), {}), "button"));

cases("The tray offers what fits all who are ticked", [
  [["-20 expected -5", "-3 of ben"], ["Back today", "+1 week each Thu, Apr 2", "Other day…"]],
  [["-20 expected -5", "3 of ben"], ["+1 week each Thu, Apr 2 – Sun, Apr 5", "Other day…"]],
  [[ACTIVE], ["Pause…"]], [["-20", ACTIVE], []],
], (texts) => {
  const rows = given(texts);
  listOf(rows);
  model.ticked = new Map(rows.map((row) => [row.key, row]));
  const buttons = textsOf(drawTray(), "button");
  return buttons.slice(0, buttons.indexOf("Untick all"));
});

/** Return the panel of a mentor with some pauses. */
function panelOf(mentor, texts) {
  const pauses = given(texts);
  listOf(pauses, "mentor=ada");
  const history = { data: [], pagination: { next: null }, purged_before: null };
  model.panel = { id: "ada", as_of: "", expected: "", mentor, pauses, history, together: countTogether(pauses) };
  return drawMentorPanel();
}

test("At most 1,000 rows are ticked", () => {
  const rows = Array.from({ length: 1001 }, (_, number) => rowOfMentor({ mentor_id: `m-${number}` }, { at: now() }));
  model.ticked = new Map();
  setDrawPage(() => {});
  tick(rows, true);
  assert.equal(model.ticked.size, 1000);
});

const DELETE = "Delete this mentor…";
cases("The panel offers what fits the mentor, and each pause", [
  [[ACTIVE], ["Pause…", DELETE]],
  [[PAUSED, "-20"], ["Back today", "Another pause…", "Change…", "Delete this pause…", DELETE]],
  [[PAUSED, "-20", "-3"], ["Back today ends 2 pauses", "Another pause…",
    "Change…", "Delete this pause…", "Change…", "Delete this pause…", DELETE]],
  [[ACTIVE, "3 ends 9"], ["Pause…", "Change…", "Call off", "Delete this pause…", DELETE]],
  [[ACTIVE, "-9 ends -5"], ["Pause…", "Change…", "Reopen", "Delete this pause…", DELETE]],
  [[ACTIVE, "3 ends 3"], ["Pause…", "Reopen", "Delete this pause…", DELETE]],
], ([mentor, ...texts]) => textsOf(panelOf(mentor, texts), "button"));

const mentorFrom = (status, start, back) => rowOfMentor(
  { mentor_id: "ada", status, pause_start_date: day(start), expected_return_date: back && day(back) }, { at: now() });
cases("The panel says how a mentor is, by all their pauses", [
  [[ACTIVE], "available"], [[mentorFrom("active", 3), "3"], "available, paused from Sun, Mar 29"],
  [[mentorFrom("paused", -20, -5), "-20 expected -5"], "paused since Fri, Mar 6, was expected back Sat, Mar 21"],
  [[mentorFrom("paused", -9, 8), "-20 ends -9", "-9 expected 3", "-2 expected 8"],
    "paused since Fri, Mar 6, back Fri, Apr 3, 2 pauses"],
], ([mentor, ...texts]) => textsOf(panelOf(mentor, texts), "state")[0]);

const PAUSES = ["-3 expected 9 because leave", "20 ends 30 because exam"];
cases("The panel says whether a mentor is available on a day", [
  [["", PAUSES], "?"], [[day(-9), PAUSES], "yes"], [[day(9), PAUSES], "yes, if back by then as expected"],
  [[day(0), PAUSES], "no, Leave, Mon, Mar 23 – Sat, Apr 4 (expected)"],
  [[day(8), PAUSES], "no, Leave, Mon, Mar 23 – Sat, Apr 4 (expected)"],
  [[day(20), PAUSES], "no, Exam, Wed, Apr 15 – Sat, Apr 25"], [[day(30), PAUSES], "yes, if back by then as expected"],
  [[day(9), ["-20 expected -5"]], "no, no reason, Fri, Mar 6 – Sat, Mar 21 (expected), 5 days overdue"],
], ([asked, texts]) => {
  model.dayAsked = asked;
  return textsOf(panelOf(PAUSED, texts), "output")[0];
});

/** Draw the open form of a write of some rows. */
function formOf(name, texts, typed = {}) {
  const rows = given(texts);
  listOf(rows);
  openForm(TICKED, name, rows);
  model.drafts.get(TICKED).values = typed;
  const form = drawForm(TICKED);
  model.drafts.clear();
  return form;
}

/** Return the days that a form offers, each with its date; that which is chosen has a ✓. */
const daysOf = (form) => [...markupOf(form).matchAll(/aria-pressed=(\w+)\s+@click=>(Not known|[^<]+ <small>.*?<)/g)]
  .map(([, isChosen, words]) => `${isChosen === "true" ? "✓" : ""}${words.replace(/<.*?>|<$/g, "")}`).join("; ");

const STARTS = "Today Thu, Mar 26; Tomorrow Fri, Mar 27; Next Monday Mon, Mar 30; ";
const IN_WEEKS = "In 1 week Thu, Apr 2; In 2 weeks Thu, Apr 9; In 3 weeks Thu, Apr 16; In 4 weeks Thu, Apr 23; ";
const AFTER_TODAY = IN_WEEKS.replaceAll("In", "After");
const AFTER_MONDAY = "After 1 week Mon, Apr 6; ✓After 2 weeks Mon, Apr 13; After 3 weeks Mon, Apr 20; "
  + "After 4 weeks Mon, Apr 27; ";
const AFTER_20_DAYS = "After 1 week Wed, Apr 22; After 2 weeks Wed, Apr 29; After 3 weeks Wed, May 6; "
  + "After 4 weeks Wed, May 13; ";
cases("A form offers days after today, or after the start of what is to come", [
  [["pause", [ACTIVE], {}], `✓${STARTS}${AFTER_TODAY}✓Not known`],
  [["pause", [ACTIVE], { start: day(4), back: day(18) }],
    `${STARTS.replace("Next", "✓Next")}${AFTER_MONDAY}Not known`],
  [["postpone", ["-20 expected -5"], {}], `${IN_WEEKS}Not known`],
  [["postpone", ["3", "20 of ben"], {}], `${AFTER_20_DAYS}Not known`], // that which begins last
  [["change", ["-9"], {}], `${IN_WEEKS}✓Not known`], // what has begun, begins on another date at most
  [["change", ["-9 ends -5"], {}], ""], // to go on, it is reopened
], ([name, texts, typed]) => daysOf(formOf(name, texts, typed)));

cases("The first day on which a mentor can be back is that of a new pause, or else one after the start", [
  [["pause", [ACTIVE], {}], 0], [["pause", [ACTIVE], { start: day(-3) }], 0],
  [["pause", [ACTIVE], { start: day(3) }], 3],
  [["postpone", ["-3T23:30"], {}], -2], [["postpone", ["3", "20 of ben"], {}], 20],
  [["change", ["-3"], {}], -3], [["change", ["-9 ends -5"], { start: day(-10) }], -10],
].map(([form, offset]) => [form, day(offset)]), ([name, texts, typed]) =>
  markupOf(formOf(name, texts, typed)).match(/Back on.*?min=(\S+)/s)[1]);

cases("A form says what it would do, with a reason in words, and whether it is new", [
  [["change", ["-5 because exam_period"], {}], ["ada: no change", "Exam period", ""]],
  [["change", ["-5 because illness"], { reason: "fair" }],
    ["ada: reason Fair instead of Illness", "fair", "new reason"]],
  [["pause", [ACTIVE], { reason: "Illness" }], ["ada: paused from today, Illness", "Illness", ""]],
  [["pause", [ACTIVE, { ...ACTIVE, mentor_id: "ben" }], {}], ["2 mentors: paused from today", "", ""]],
], ([name, texts, typed]) => {
  const form = formOf(name, texts, typed);
  const [, reason] = markupOf(form).match(/name="reason".*?value=(.*?)\s*@/s);
  return [...textsOf(form, "plan"), reason, textsOf(form, "small").at(-1)];
});

cases("A note goes with one alone, unless it was typed before", [
  [["postpone", ["-5"], {}], true], [["postpone", ["-5", "-5 of ben"], {}], false],
  [["postpone", ["-5", "-5 of ben"], { notes: "called" }], true], [["delete_pause", ["-5"], {}], false],
], ([name, texts, typed]) => textsOf(formOf(name, texts, typed), "label").includes("Note"));

/** Return the view What changed with some entries, the newest first; their ids are numbers from 1, the oldest one. */
function changesOf(entries, facts = {}, hash = "view=changes") {
  const rows = entries.map((each, index) => {
    const id = String(entries.length - index);
    return { ...each, key: id, history_entry_id: id };
  });
  const sections = rows.length ? [{ id: String(dayNumber(now())), rows }] : [];
  return drawChanges(listOf(rows, hash, { sections, isLast: true, purged: null, ...facts }), model.view);
}
const linesOf = (drawn) => textsOf(drawn, "li").map((line) => line.replace("08:30 ", ""));

const BOB = { changed_by: "bob" };
const OPENED = ofPause("opened", "-5", undefined, BOB);
const TOO = { ...OPENED, mentor_id: "ben" };
const ADDED = { ...entry("created"), ...BOB };
const SAID = "bob opened a pause: no reason, Sat, Mar 21 – not known Undo";
cases("What one request has done to several mentors is one line, if it says who wrote", [
  [[OPENED, TOO], ["ada and 1 more bob opened 2 pauses Undo"]],
  [[OPENED, OPENED], [`ada ${SAID}`, `ada ${SAID}`]],
  [[OPENED, { ...TOO, changed_by: "cy" }], [`ada ${SAID}`, `ben ${SAID.replace("bob", "cy")}`]],
  [[OPENED, TOO].map((each) => ({ ...each, changed_by: null })), ["ada", "ben"].map((mentor) =>
    `${mentor} ${SAID.replace("bob", "Somebody")}`)],
  [[OPENED, { ...TOO, metadata: { notes: "by mail" } }],
    [`ada ${SAID}`, `ben ${SAID.replace("Undo", "by mail Undo")}`]],
  [[OPENED, TOO, ADDED], ["ada and 1 more bob opened 2 pauses Undo", "ada bob added the mentor"]],
], (entries) => linesOf(changesOf(entries)));

const undoOf = (id) => ({ ...ofPause("reopened", "-5", "-5 ends 0"), status: "paused", changed_by: "cy", undoes: id });
const ENDED = { ...ofPause("ended", "-5 ends 0", "-5"), ...BOB, status: "active" };
cases("A change has an Undo, but for an added mentor and a note; one that was undone says so", [
  [[ADDED], [""]], [[{ ...OPENED, event: "created" }], [""]], [[entry("updated")], [""]],
  [[entry("deleted")], ["Restore"]], [[ENDED], ["Undo"]],
  [[undoOf("1"), ENDED], ["Undo", "undone: paused again"]],
  [[undoOf("2"), undoOf("1"), ENDED], ["Undo", "undone", "Undo"]],
  [[{ ...undoOf("1"), mentor_id: "ben" }, undoOf("2"), OPENED, TOO], ["Undo", "undone"]],
], (entries) => linesOf(changesOf(entries)).map((line) => /(undone.*|Undo|Restore|)$/.exec(line)[0]));

test("An action that goes on below is not undone in part", () => {
  const cut = { isLast: false };
  assert.deepEqual(linesOf(changesOf([OPENED, TOO], cut)), ["ada and at least 1 more bob opened 2 pauses"]);
  assert.deepEqual(linesOf(changesOf([OPENED, TOO, ADDED], cut))[0], "ada and 1 more bob opened 2 pauses Undo");
});

test("Each of several is shown on demand", () => {
  model.unfolded.add("2");
  const lines = linesOf(changesOf([OPENED, TOO]));
  model.unfolded.clear();
  assert.deepEqual(lines.slice(1), [`ada ${SAID}`, `ben ${SAID}`]);
});

test("Where no entry is left it says so, and since when there are all of them", () => {
  assert.deepEqual(textsOf(changesOf([]), "nothing"), ["No changes"]);
  const seen = changesOf([], {}, "view=changes&when=seen");
  assert.deepEqual(textsOf(seen, "nothing"), ["Nobody has changed anything since you last looked."]);
  const [note] = textsOf(changesOf([], { purged: "2026-03-20T00:00:00Z" }), "note");
  assert.match(note, /^Entries before Fri, Mar 20 may have been deleted\. Times are those of UTC\./);
});

cases("Where there is nothing to do it is said who is next, and of a filter that there is nobody", [
  [["", []], "Nothing to do."],
  [["", ["-3 expected 20 of gus", "-3 expected 9 of hal", "-3 of ian", "2 ends 4"]],
    "Nothing to do. Next: hal, back Sat, Apr 4."],
  [["show=overdue", []], "Overdue: nobody."], [["show=due", []], "Back within 7 days: nobody."],
  [["view=pauses", []], "No pause fits what is asked for."], [["view=available", []], "Available today: 0 of 2"],
], ([hash, texts]) => {
  const counts = { "": 0, overdue: 0, due: 0, undated: 0, scheduled: 0, current: 2, active: 0, available: "0 of 2" };
  const list = listOf([], hash, { counts, rowsRead: given(texts), time: "" });
  return textsOf(drawList(list, model.view), "nothing").join();
});

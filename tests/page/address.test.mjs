// What the address asks for, and where its links lead. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { test } from "node:test";
import { go, link, linkToView, readAddress, viewNow } from "../../static/board/read/address.js";
import { toText } from "../../static/board/read/days.js";
import { addNames, forgetNames } from "../../static/board/read/names.js";
import { search, withSearch } from "../../static/board/read/search.js";
import { HARD_DAYS, NOW, cases, day, setTime } from "./page.mjs";

const at = (hash) => (location.hash = hash);

/** Return what an address asks for that is not what the page shows by itself. */
function asked(hash) {
  at("");
  const plain = readAddress();
  at(hash);
  const isAsked = ([name, value]) => Object.hasOwn(plain, name) && value !== plain[name];
  return Object.fromEntries(Object.entries(readAddress()).filter(isAsked));
}

cases("An address asks for what the page can show; anything else is as if it was not there", [
  ["", {}], ["view=pauses&span=year", { view: "pauses", span: "year" }], ["view=constructor&panel=toString", {}],
  ["view=pauses&sort=-back&show=ended&layout=timeline",
    { view: "pauses", sort: "-back", show: "ended", layout: "timeline" }],
  ["__proto__=toString&sort=bogus&from=2026-13&panel=bogus&layout=list", {}], ["show=ended", {}],
  ["view=changes&show=overdue", { view: "changes" }],
  ["show=overdue&from=2026-12", { show: "overdue", from: "2026-12" }],
  ["when=2026-02-28", { when: "2026-02-28" }], ["when=2026-02-31", {}],
  ["when=seen&by=Linus+%26+Ken", { when: "seen", by: "Linus & Ken" }],
  ["q=a b&mentor=ada&reason=<img>", { q: "a b", mentor: "ada", reason: "<img>" }],
], asked);

cases("A link keeps what the address asks for, but closes the panel", [
  ["view=pauses&span=year&mentor=ada", { show: "current" }, "#view=pauses&show=current&span=year"],
  ["view=pauses&show=current", { show: "", reason: "" }, "#view=pauses"],
  ["q=ada", { mentor: "ada" }, "#mentor=ada&q=ada"],
  ["show=due", { show: "" }, "#"],
].map(([hash, changes, address]) => [[hash, changes], address]), ([hash, changes]) => at(hash) && link(changes));

cases("A link to another view takes the day along, but not that of who is available", [
  [["as_of=2026-05-01&expected=true&show=due&q=ada", "pauses"], "#view=pauses&as_of=2026-05-01&expected=true"],
  [["view=available&as_of=2026-05-01", "todo"], "#"], [["view=pauses&span=year", "changes"], "#view=changes"],
], ([hash, view]) => at(hash) && linkToView(view));

/** Return the view at an address, on a day. */
function viewAt(hash, instant = NOW, zone = "UTC") {
  setTime(instant, zone);
  at(hash);
  const view = viewNow();
  setTime();
  return view;
}

cases("The window of time is a month, a quarter or a year of the zone, and those beside it touch it", [
  ["span=month", "March 2026, from 2026-03-01T00:00:00Z to 2026-04-01T00:00:00Z; 2026-02, 2026-04"],
  ["", "February – April 2026, from 2026-02-01T00:00:00Z to 2026-05-01T00:00:00Z; 2025-11, 2026-05"],
  ["span=year", "January – December 2026, from 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z; 2025-01, 2027-01"],
  ["span=month&from=2028-02", "February 2028, from 2028-02-01T00:00:00Z to 2028-03-01T00:00:00Z; 2028-01, 2028-03"],
  ["from=2025-12",
    "December 2025 – February 2026, from 2025-12-01T00:00:00Z to 2026-03-01T00:00:00Z; 2025-09, 2026-03"],
  ["span=month&view=pauses&as_of=2026-12-31",
    "December 2026, from 2026-12-01T00:00:00Z to 2027-01-01T00:00:00Z; 2026-11, 2027-01"],
], (hash) => {
  const { title, start, end, earlier, later } = viewAt(hash);
  return `${title.replaceAll("\u2009", " ")}, from ${toText(start)} to ${toText(end)}; ${earlier}, ${later}`;
});

for (const [name, [instant, zone]] of Object.entries(HARD_DAYS)) {
  test(`The present month, and the day, are those of the zone at ${name}`, () => {
    setTime(instant, zone);
    const today = day(0);
    const { start, end } = viewAt("span=month", instant, zone);
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
    const months = [start - 1, start, end - 1, end].map((time) => format.format(time).slice(0, 7));
    assert.deepEqual(months.map((month) => today.startsWith(month)), [false, true, true, false]);
    assert.equal(viewAt(`as_of=${today}`, instant, zone).isToday, true);
  });
}

cases("A view is of now, or of another day if it has one", [
  ["", [true, NOW]], ["as_of=2026-03-26", [true, NOW]], ["as_of=2026-05-01", [false, "2026-05-01T00:00:00Z"]],
  ["view=changes&as_of=2026-05-01", [true, NOW]], ["view=forecast&as_of=2026-05-01", [true, NOW]],
  ["as_of=bogus", [false, NOW]], // the service says why not
], (hash) => {
  const { isToday, at: instant } = viewAt(hash);
  return [isToday, toText(instant)];
});

test("Whether all come back when expected is a question about another day alone", () => {
  assert.equal(viewAt("expected=true").expected, "");
  assert.equal(viewAt("expected=true&as_of=2026-05-01").expected, "true");
});

test("A search stands in the address, on the day that is shown, until there are names", () => {
  const typed = (text) => {
    search(text);
    const { q, question } = withSearch(viewNow());
    return [q, location.hash, question];
  };
  at("view=pauses&as_of=2026-05-01");
  assert.deepEqual(typed("ad ").slice(0, 2), ["ad", "#view=pauses&q=ad+&as_of=2026-05-01"]);
  assert.deepEqual(typed("ada").slice(0, 2), ["ada", "#view=pauses&q=ada&as_of=2026-05-01"]);
  addNames([["ada", "Quintilla"]]);
  const [q, address, question] = typed("quint");
  assert.deepEqual([q, address], ["quint", "#view=pauses&as_of=2026-05-01"]);
  go({ as_of: "" });
  assert.equal(withSearch(viewNow()).q, "quint"); // it goes along to another day
  assert.notEqual(withSearch(viewNow()).question, question);
  go({ show: "due" });
  assert.equal(withSearch(viewNow()).q, ""); // but not elsewhere
  assert.equal(typed("quint")[0], "quint");
  forgetNames();
  assert.equal(withSearch(viewNow()).q, "");
  addNames([["ada", "Quintilla"]]);
  at("view=pauses&as_of=2026-05-01");
  assert.deepEqual(typed("quint").slice(0, 2), ["quint", "#view=pauses&as_of=2026-05-01"]);
  assert.equal(typed("quint ")[2], typed("quint")[2]); // it asks the same
  forgetNames();
});

test("The timeline asks the same as the list in its place", () => {
  const questionOf = (hash) => withSearch(viewAt(hash)).question;
  const [list, timeline] = ["view=pauses", "view=pauses&layout=timeline"].map(questionOf);
  assert.equal(list, timeline);
});

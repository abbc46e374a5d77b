// What each view asks the service for, and how it shows the answer in sections. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { viewNow } from "../../static/board/read/address.js";
import { model } from "../../static/board/read/model.js";
import { READINGS } from "../../static/board/read/readings.js";
import { withSearch } from "../../static/board/read/search.js";
import { NOW, cases, day, recordOf, setTime } from "./page.mjs";

let answers = {}; // by path: rows, or how many there are
let asked = []; // paths with their queries

/** Answer a request of the page as the service does. */
globalThis.fetch = async (url) => {
  const [path, query] = String(url).split("/api/v1/")[1].split("?");
  asked.push(`${path}?${decodeURIComponent(query)}`);
  const status = new URLSearchParams(query).get("status");
  const found = answers[status ? `${path} ${status}` : path] ?? [];
  const [rows, total] = Array.isArray(found) ? [found, found.length] : [[], found];
  const body = { data: rows, pagination: { total, next: null }, purged_before: null };
  return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
};

/** Read the view at an address. */
async function read(hash) {
  asked = [];
  location.hash = hash;
  model.view = withSearch(viewNow());
  return READINGS[model.view.q ? "found" : model.view.view](model.view, undefined, 1);
}

const write = (sections) => sections.map(({ id, rows }) =>
  `${id}: ${rows.map(({ mentor_id: mentor, key }) => mentor ?? key).join(" ")}`);

const DUE = "-20 expected 3 of"; // expected back soon; another pause may outlast that
answers = {
  "mentor-statuses active": 3,
  "pause-records": [
    "-20 expected -5 of late", "-9 expected -1 of later", "-3 expected 0 of today", "-3 ends 6 of sixth",
    "-3 expected 7 of seventh", "-30 of open", "3 ends 30 of soon", `${DUE} longer`, "-9 expected 5 of longer",
    `${DUE} until-later`, "-9 ends 30 of until-later", `${DUE} undated`, "-9 of undated", `${DUE} follow-up`,
    "3 expected 20 of follow-up", `${DUE} away-again`, "4 expected 20 of away-again", "3 ends 3 of never",
  ].map((text, index) => recordOf(text, { pause_record_id: String(index) })),
};

describe("To do", () => {
  test("has who is overdue, who is back within 7 days by all their pauses, and who has no date", async () => {
    const { sections, counts, together } = await read("");
    assert.deepEqual(write(sections),
      ["overdue: late later", "due: today away-again longer sixth", "undated: open undated"]);
    const expected = { "": 8, overdue: 2, due: 4, undated: 2, scheduled: 3, current: 11, active: 3 };
    assert.deepEqual(counts, expected);
    assert.deepEqual([...together], [["longer", 2], ["until-later", 2], ["undated", 2]]);
  });
  for (const [show, section] of [
    ["overdue", "overdue: late later"], ["scheduled", "scheduled: follow-up soon away-again"],
    ["due", "due: today away-again longer sixth"],
  ]) test(`shows ${show} alone if that is asked for`, async () => {
    assert.deepEqual(write((await read(`show=${show}`)).sections), [section]);
  });
  test("is empty only if there is nobody, not if all are away", async () => {
    assert.equal((await read("")).isEmpty, false);
    const before = answers;
    answers = {};
    assert.equal((await read("")).isEmpty, true);
    answers = before;
  });
});

const mentor = (id, facts) => ({ mentor_id: id, status: "active", ...facts });
test("A search finds mentors with the pauses they are in, or else those to come", async () => {
  const before = answers;
  answers = {
    "mentor-statuses": [mentor("x-free"), mentor("x-away"), mentor("x-soon"), mentor("other")],
    "pause-records": ["-9 of x-away", "5 of x-away", "3 of x-soon", "-9 of other", "-4 of other"].map((text, index) =>
      recordOf(text, { pause_record_id: String(index) })),
  };
  const { rows, sections, together } = await read("q=X-");
  answers = before;
  assert.deepEqual(write(sections), ["found: x-away x-free x-soon"]);
  assert.deepEqual(rows.map(({ phase }) => phase), ["undated", "active", "scheduled"]);
  assert.deepEqual([...together], [["other", 2]]); // who may be ticked
  assert.equal(asked.some((path) => path.includes("x-")), false); // what is searched may be a name
});

const WEEK = "since=2026-03-23T00:00:00Z&until=2026-03-30T00:00:00Z";
for (const [instant, zone, hash, time] of [
  [NOW, "UTC", "when=today", "since=2026-03-26T00:00:00Z&until=2026-03-27T00:00:00Z"],
  [NOW, "UTC", "when=week", WEEK],
  ["2026-03-29T23:59:00Z", "UTC", "when=week", WEEK], // a Sunday
  ["2026-03-23T00:00:00Z", "UTC", "when=week", WEEK], // a Monday
  [NOW, "UTC", "when=last_week", "since=2026-03-16T00:00:00Z&until=2026-03-23T00:00:00Z"],
  [NOW, "UTC", "when=2026-02-28", "since=2026-02-28T00:00:00Z&until=2026-03-01T00:00:00Z"],
  ["2026-03-08T18:00:00Z", "America/Los_Angeles", "when=today",
    "since=2026-03-08T08:00:00Z&until=2026-03-09T07:00:00Z"], // 23 hours
  ["2026-11-01T18:00:00Z", "America/Los_Angeles", "when=week",
    "since=2026-10-26T07:00:00Z&until=2026-11-02T08:00:00Z"],
  [NOW, "UTC", "when=", ""], [NOW, "UTC", "when=seen", ""],
]) test(`What changed, at ${instant} (${zone}), ${hash}: ${time}`, async () => {
  setTime(instant, zone);
  await read(`view=changes&${hash}`);
  assert.deepEqual(asked, [`history?${time && `${time}&`}limit=50&after=`]);
});
afterEach(() => setTime());

cases("A view asks for no more than it shows", [
  ["view=pauses&span=month",
    "pause-records?etags=true&sort=expected_return_date&limit=1000&from=2026-03-01&to=2026-04-01"],
  ["view=pauses&show=due", "pause-records?etags=true&sort=expected_return_date&limit=1000&due_within_days=6"],
  ["view=pauses&show=ended&reason=exam&span=all",
    "pause-records?etags=true&sort=expected_return_date&limit=1000&phase=ended&reason=exam"],
  ["view=pauses&show=current&as_of=2026-05-01",
    "pause-records?as_of=2026-05-01&sort=expected_return_date&limit=1000&phase=current"],
  ["view=forecast", "statistics?from=2026-03-27&to=2026-07-01&by=day"],
], (hash) => {
  read(hash);
  return asked[0];
});

// A list keeps the order in which it was opened; what is new, gone or elsewhere waits until it is asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { now } from "../../static/board/read/days.js";
import {
  holdRows, isOutOfDate, keysOutOfPlace, openList, shownKeys, sortRows, updateList,
} from "../../static/board/read/list.js";
import { addNames } from "../../static/board/read/names.js";
import { rowOfPause } from "../../static/board/read/pauses.js";
import { cases, recordOf } from "./page.mjs";

/** Return an answer by the sections of a list: `due: ada ben; undated: cyd`; a row is its key, and an equal object. */
function answerOf(text) {
  const sections = text.split("; ").map((section) => {
    const [id, keys] = section.split(": ");
    return { id, rows: keys.split(" ").filter(Boolean).map((key) => ({ key })) };
  });
  return { rows: sections.flatMap(({ rows }) => rows), sections };
}
const open = (text) => openList(answerOf(text), "question");
const write = ({ shown }) => shown.map(({ id, keys }) => `${id}: ${keys.join(" ")}`).join("; ");

const BEFORE = "due: ada ben; undated: cyd";
// What is read later; whether it waits to be shown; whose rows no longer belong where they are.
cases("A later answer leaves the rows where they are, and what would stand elsewhere waits", [
  ["due: ada ben; undated: cyd", [false, []]], ["due: ben ada; undated: cyd", [true, []]],
  ["due: ada; undated: cyd", [true, ["ben"]]], ["due: ada; undated: ben cyd", [true, ["ben"]]],
  ["due: ada ben zoe; undated: cyd", [true, []]], ["undated: cyd", [true, ["ada", "ben"]]],
  ["due: ada ben; undated: cyd; overdue: zoe", [true, []]], ["due: ada ben; undated: cyd; overdue: ", [false, []]],
], (later) => {
  const list = updateList(open(BEFORE), answerOf(later));
  assert.equal(write(list), BEFORE);
  assert.deepEqual(shownKeys(list), ["ada", "ben", "cyd"]);
  return [isOutOfDate(list, []), keysOutOfPlace(list)];
});

test("An unchanged row is the same object, a changed one is new, and one that is gone stays as it was", () => {
  const answer = (rows) => ({ rows: Object.entries(rows).map(([key, at]) => ({ key, at })), sections: [] });
  const before = openList(answer({ ada: 1, ben: 1, cyd: 1 }));
  const after = updateList(before, answer({ ada: 1, ben: 2, zoe: 1 }));
  assert.deepEqual([...after.rows.keys()].sort(), ["ada", "ben", "cyd", "zoe"]);
  const isSame = (key) => after.rows.get(key) === before.rows.get(key);
  assert.deepEqual(["ada", "ben", "cyd"].map(isSame), [true, false, true]);
  assert.equal(after.rows.get("ben").at, 2);
});

cases("A row that is held stays where it was, whatever has become of it, and is no reason to show the list anew", [
  ["due: ada ben; undated: cyd", "due: ada ben; undated: cyd"],
  ["due: ada; undated: ben cyd", "due: ada ben; undated: cyd"],
  ["due: zoe ada; undated: cyd", "due: zoe ben ada; undated: cyd"],
  ["due: ; undated: cyd ben", "due: ben; undated: cyd"],
  ["undated: cyd", "undated: cyd"], // its section is gone
], (later) => {
  const list = holdRows(open(later), open(BEFORE), ["ben"]);
  assert(list.rows.has("ben"));
  assert.equal(isOutOfDate(list, ["ben"]), false);
  return write(list);
});

// The pauses of a page, the most urgent first: the day counts.
const URGENT = [
  "-20 expected -5 of cyd because Illness", "-9 expected -1 of ada because exam", "-3 expected 0 of eve",
  "-3 ends 6 of ben because exam", "-30 of gus because zoo", "-9 of dan", "3 ends 30 of hal because leave",
  "-25 ends -3 of fay because holiday", "-25 ends -21 of ida", "5 ends 5 of jo",
];
const names = (rows) => rows.map(({ mentor_id: mentor }) => mentor).join(" ");
cases("Rows are sorted by what is asked for, also the other way round; what has no value comes last", [
  ["urgency", "cyd ada eve ben gus dan hal fay ida jo"],
  ["-urgency", "jo ida fay hal dan gus ben eve ada cyd"],
  ["mentor_id", "ada ben cyd dan eve fay gus hal ida jo"],
  ["reason", "ada ben fay cyd hal gus dan eve ida jo"],
  ["start_date", "gus fay ida cyd ada dan ben eve hal jo"], // by mentor where it is the same
  ["back", "ida cyd fay ada eve jo ben hal dan gus"],
], (sort) => names(sortRows(URGENT.toReversed().map((text) => rowOfPause(recordOf(text), { at: now() })), sort)));

test("By mentor, and where another value is the same, rows stand by the names of mentors", () => {
  addNames([["ada", "Žofie"], ["ben", "Älva"], ["zoe", "Boris"]]);
  const rows = ["ada", "dan", "zoe", "ben"].map((id) => rowOfPause(recordOf(`-5 of ${id}`), { at: now() }));
  for (const sort of ["mentor_id", "urgency"]) assert.equal(names(sortRows(rows, sort)), "ben zoe ada dan");
  assert.equal(names(sortRows(rows, "-mentor_id")), "dan ada zoe ben");
});

// Each write that the page offers is one request, on condition of what was shown, signed, and taken back by its Undo.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { TICKED, panelKeyOf } from "../../../static/board/read/keys.js";
import { keepDraft, model } from "../../../static/board/read/model.js";
import { tagOf } from "../../../static/board/read/pauses.js";
import { undoWrite, write } from "../../../static/board/write/saving.js";
import { WRITES, fittingWrites } from "../../../static/board/write/writes.js";
import { addMentor, beginAnew, day, go, listen, passTime, request } from "./service.mjs";

const PAUSES = { // by what they are
  late: { start_date: day(-20), expected_return_date: day(-5) }, open: { start_date: day(-20) },
  fixed: { start_date: day(-20), end_date: day(9) }, coming: { start_date: day(3), end_date: day(9) },
  ended: { start_date: day(-20), end_date: day(-5) },
};
const VALUES = { // of the forms
  postpone: { back: day(12), notes: "as agreed" }, pause: { start: day(1), back: day(9), reason: "illness" },
  pause_again: { start: day(1), back: day(9), reason: "illness" },
  change: { start: day(-21), back: day(2), reason: "exam" },
};
const OF_RECORD = ["pause_record_id", "start_date", "expected_return_date", "end_date", "is_active", "reason"];

/** Read what a write may change of some mentors, and its Undo gives back: who is there, and their pauses. */
async function stateOf(ids) {
  const [mentors, records] = await Promise.all(["mentor-statuses", "pause-records"].map((list) =>
    request("GET", `${list}?mentor_id=${ids.join()}`)));
  return [mentors.data.map(({ mentor_id: id, status }) => [id, status]),
    records.data.map((record) => OF_RECORD.map((name) => record[name]))];
}

beforeEach(beginAnew);

describe("A write of one", () => {
  for (const [kind, pause] of [["active"], ...Object.entries(PAUSES)])
    test(`of a mentor whose pause is ${kind}`, async () => {
      const seen = new Set();
      for (;;) {
        beginAnew();
        const [id] = await addMentor(...(pause ? [pause] : []));
        await go(`mentor=${id}`);
        const rows = [model.panel.mentor, ...model.panel.pauses];
        const offered = rows.flatMap((row) => fittingWrites([row]).map((name) => [row, name]));
        const [row, name] = offered.find(([, each]) => !seen.has(each)) ?? [];
        if (!name) break;
        seen.add(name);
        const { list, method = "PUT" } = WRITES[name];
        const before = await stateOf([id]);
        const requests = listen();
        await write(panelKeyOf(row), name, [row], VALUES[name]);
        const { isDone, write: written, words } = model.outcomes.get(panelKeyOf(row));
        const [[sentBy, path, { "If-Match": condition }, body], ...others] = requests;
        const query = method === "DELETE" ? "?initiated_by=Ada" : "";
        const place = `${list}/${list === "mentor-statuses" ? id : row.pause_record_id}${query}`;
        assert.deepEqual([isDone, sentBy, path], [true, method, method === "POST" ? list : place], words);
        if (method !== "POST") assert.equal(condition, list === "mentor-statuses" ? tagOf(row) : row.etag);
        if (body) assert.equal(JSON.parse(body).metadata.initiated_by, "Ada");
        assert.deepEqual([...new Set(others.map(([each]) => each))], ["GET"]);
        assert.notDeepEqual(await stateOf([id]), before);
        passTime(60);
        await undoWrite(written);
        assert.deepEqual(await stateOf([id]), before);
      }
      assert.ok(seen.size > 1, [...seen].join());
    });
});

describe("A write of several is one table", () => {
  for (const [name, ...pauses] of [
    ["bring_back", ["late"], ["late", "open"]], ["week_later", ["late"], ["coming"], ["fixed"]],
    ["postpone", ["late"], ["coming"]], ["pause", [], ["ended"]],
  ])
    test(`${name} of ${pauses.map((each) => each.join(" and ")).join(", ")}`, async () => {
      const reasons = { open: "exam" }; // two pauses of a mentor that begin together differ by their reasons
      const ids = [];
      for (const kinds of pauses) {
        const [id] = await addMentor(...kinds.map((kind) => ({ ...PAUSES[kind], reason: reasons[kind] ?? "leave" })));
        ids.push(id);
      }
      const before = await stateOf(ids);
      const rows = [];
      for (const id of ids) {
        await go(`mentor=${id}`);
        rows.push(...[model.panel.mentor, ...model.panel.pauses].filter((row) => fittingWrites([row], [name]).length
          && (WRITES[name].list === "pause-records" || !row.pause_record_id)));
      }
      const requests = listen();
      await write(TICKED, name, rows, { postpone: { back: day(12) }, pause: VALUES.pause }[name]);
      const { isDone, write: written, words } = model.outcomes.get(TICKED);
      assert.deepEqual([isDone, ...requests[0].slice(0, 2)], [true, "POST", `${WRITES[name].list}.csv`], words);
      for (const id of ids) {
        const { data: [newest] } = await request("GET", `mentor-statuses/${id}/history?limit=1`);
        assert.equal(newest.changed_by, "Ada");
      }
      assert.notDeepEqual(await stateOf(ids), before);
      passTime(60);
      await undoWrite(written);
      assert.deepEqual(await stateOf(ids), before);
    });
});

for (const [when, typed] of [["before it is sent closes with it", {}], ["while it is sent stays", { notes: "by mail" }]])
  test(`What is typed into a form ${when}`, async () => {
    const [id] = await addMentor();
    await go(`mentor=${id}`);
    const row = model.panel.mentor;
    const key = panelKeyOf(row);
    keepDraft(key, { write: "pause", rows: [row], values: VALUES.pause });
    const form = model.drafts.get(key);
    const sending = write(key, "pause", [row], VALUES.pause, { form });
    if (typed.notes) keepDraft(key, { values: { ...VALUES.pause, ...typed } });
    await sending;
    assert.ok(model.outcomes.get(key).isDone);
    assert.deepEqual(model.drafts.get(key)?.values, typed.notes && { ...VALUES.pause, ...typed });
  });

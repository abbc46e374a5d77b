// What a colleague writes meanwhile is never overwritten: who has changed what is said, and what was typed stays.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { writeDay } from "../../../static/board/read/days.js";
import { TICKED, keyOfUndo, panelKeyOf } from "../../../static/board/read/keys.js";
import { keepDraft, model, openForm, shownList } from "../../../static/board/read/model.js";
import { refresh } from "../../../static/board/read/refresh.js";
import { drawForm } from "../../../static/board/show/forms.js";
import { drawMentorPanel } from "../../../static/board/show/mentor.js";
import { drawTray } from "../../../static/board/show/tray.js";
import { undoWrite, write } from "../../../static/board/write/saving.js";
import { tick } from "../../../static/board/write/ticked.js";
import { markupOf, textsOf } from "../page.mjs";
import { addMentor, beginAnew, day, go, interrupt, passTime, press, request, submit, until } from "./service.mjs";

const LATE = { start_date: day(-20), expected_return_date: day(-5) };
const shown = (offset) => writeDay(day(offset));
const moved = (offset) => `back ${shown(offset)} instead of ${shown(-5)}`;
const BY_BOB = { metadata: { initiated_by: "bob" } };

const moveTo = (pause, back) =>
  request("PUT", `pause-records/${pause}`, { expected_return_date: day(back), ...BY_BOB });
const ACTS = { // what a colleague does to a pause of a mentor
  "moves it away": (id, pause) => moveTo(pause, 40), "moves it in its section": (id, pause) => moveTo(pause, -3),
  "ends it": (id) => request("PUT", `mentor-statuses/${id}`, { status: "active", ...BY_BOB }),
  "deletes it": (id, pause) => request("DELETE", `pause-records/${pause}?initiated_by=bob`),
  "adds another one": (id) =>
    request("POST", "pause-records", { mentor_id: id, start_date: day(9), reason: "exam", ...BY_BOB }),
  "pauses them": (id) => request("PUT", `mentor-statuses/${id}`, { status: "paused", ...BY_BOB }),
  "deletes them": (id) => request("DELETE", `mentor-statuses/${id}?initiated_by=bob`),
};
const SAID = { // what is said of that; nothing of another pause, which refuses nothing
  "moves it away": moved(40), "moves it in its section": moved(-3), "ends it": "back", "deletes it": "pause deleted",
  "pauses them": `opened a pause: no reason, ${shown(0)}, NOON – not known`, "deletes them": "mentor deleted",
};

const TYPED = { // into the form of a write
  postpone: { back: day(12) }, change: { back: day(12), notes: "by telephone" },
  pause: { start: day(3), back: day(12), reason: "illness" }, delete_mentor: {},
};
TYPED.pause_again = TYPED.pause;
const BUTTONS = { delete_mentor: "Delete the mentor", pause: "Pause", pause_again: "Pause" }; // of the others "Save"

const OF_PAUSE = ["moves it away", "moves it in its section", "ends it", "deletes it", "adds another one"];
const OF_ACTIVE = ["pauses them", "deletes them"];
const CASES = { // by place: the writes, and what a colleague does since their form was opened
  row: { postpone: OF_PAUSE, pause: OF_ACTIVE },
  tray: { postpone: OF_PAUSE, pause: OF_ACTIVE },
  panel: {
    change: OF_PAUSE, pause_again: ["adds another one", "moves it away", "deletes them"],
    delete_mentor: ["moves it away"], pause: OF_ACTIVE,
  },
};
const FITS = ["moves it away", "moves it in its section"]; // it can be tried again
const OTHER_FORMS = { // what takes what was typed into one that no longer fits
  "postpone, ends it": "Change {}'s pause to yours…", "postpone, deletes it": "Pause {} as you typed…",
  "change, deletes it": "Pause {} as you typed…", "pause, pauses them": "Change {}'s pause to yours…",
};

const untimed = (text) => text.replaceAll(/\d\d:\d\d UTC/g, "NOON");
const lastWriter = async (id) => (await request("GET", `mentor-statuses/${id}/history?limit=1`)).data[0].changed_by;

/** Open the form of a write of a mentor in a place, and type into it; return its key, and how the place is drawn. */
async function openTyped(place, name, id) {
  const isActive = name === "pause";
  await go(place === "panel" ? `mentor=${id}` : isActive ? "view=available" : "");
  const rows = place === "panel" ? [model.panel.mentor, ...model.panel.pauses] : [...shownList().rows.values()];
  const isOfPause = ["change", "postpone"].includes(name);
  const row = rows.find((each) => each.mentor_id === id && Boolean(each.pause_record_id) === isOfPause);
  if (place === "tray") tick([row], true);
  const key = { row: row.key, tray: TICKED, panel: panelKeyOf(row) }[place];
  openForm(key, name, [row]);
  keepDraft(key, { values: TYPED[name] });
  return [key, { row: () => drawForm(key), tray: drawTray, panel: drawMentorPanel }[place]];
}

/** Send the form of a place, and return what came of it, after the reading that follows. */
async function send(key, draw) {
  model.outcomes.delete(key);
  submit(draw());
  await until(() => model.outcomes.has(key) && !model.pending.has(key));
  await refresh();
  return model.outcomes.get(key);
}

beforeEach(beginAnew);

for (const [place, acts] of Object.entries(CASES)) {
  describe(`A form in the ${place} is refused with who has changed what since it was opened`, () => {
    for (const [name, act, isRead] of Object.entries(acts)
      .flatMap(([write, all]) => all.flatMap((each) => [[write, each, true], [write, each, false]])))
      test(`${name}: a colleague ${act}, ${isRead ? "which is read" : "which is not read"} before`, async () => {
        const [id, pause] = await addMentor(...(name === "pause" ? [] : [LATE]));
        const [key, draw] = await openTyped(place, name, id);
        await ACTS[act](id, pause);
        passTime(60);
        if (isRead) await refresh({ isPoll: true });
        const typed = () => model.drafts.get(key)?.values;
        assert.deepEqual(typed(), TYPED[name]);
        const button = BUTTONS[name] ?? "Save";
        const said = SAID[act];
        const isSaid = said && !(name === "pause_again" && act === "moves it away");
        const fits = FITS.includes(act) || (name === "change" && act === "ends it");
        const otherForm = OTHER_FORMS[`${name}, ${act}`];
        if (isSaid) {
          const { words } = await send(key, draw);
          const again = fits ? ` To make your change on top of it, press “${button}” again.`
            : otherForm ? "" : " Your change no longer fits: “Cancel” closes the form.";
          assert.equal(untimed(words), `Not done: bob, NOON: ${said}.${again}`);
          assert.deepEqual([typed(), await lastWriter(id)], [TYPED[name], "bob"]);
          const isOff = /<button type=submit[^>]*aria-disabled=true/.test(markupOf(draw()));
          assert.equal(isOff || Boolean(otherForm), !fits);
        }
        if (isSaid && otherForm) {
          press(draw(), otherForm.replace("{}", id));
          assert.deepEqual([typed(), await lastWriter(id)], [TYPED[name], "bob"]);
          assert.equal(textsOf(draw(), "refusal").length, 0);
        }
        if (!isSaid || fits || otherForm) {
          const outcome = await send(key, draw);
          assert.deepEqual([outcome?.isDone, await lastWriter(id)], [true, "Ada"], outcome?.words);
        }
        if (otherForm) {
          const { data: [record] } = await request("GET", `pause-records?mentor_id=${id}`);
          assert.equal((record.end_date ?? record.expected_return_date).slice(0, 10), day(12));
        }
      });
  });
}

describe("A colleague between any two requests of a write and of its Undo is not overwritten, and is named", () => {
  for (const [name, together, act] of [
    ["bring_back", false, "moves it away"], ["bring_back", false, "adds another one"],
    ["postpone", false, "moves it away"], ["bring_back", true, "moves it away"], ["week_later", true, "moves it away"],
  ])
    test(`${name} of ${together ? "two" : "one"}: a colleague ${act}`, async () => {
      for (let step = 0; ; step += 1) { // before which request the colleague writes; in the end before none of them
        beginAnew();
        const [id, pause] = await addMentor(LATE);
        const [, other] = await addMentor(LATE);
        const before = await request("GET", `pause-records/${other}`);
        await go("");
        const rows = [...shownList().rows.values()]
          .filter(({ pause_record_id: record }) => record === pause || (together && record === other));
        const key = together ? TICKED : rows[0].key;
        if (together) tick(rows, true);
        const steps = [];
        interrupt(async (method) => {
          steps.push(method);
          passTime(60);
          if (steps.length === step + 1) await ACTS[act](id, pause);
        });
        await write(key, name, rows, name === "postpone" ? { back: day(7) } : {});
        const done = model.outcomes.get(key);
        const keys = [key, ...rows.map((row) => row.key)];
        if (done?.isDone && done.write) {
          await undoWrite(done.write);
          keys.push(keyOfUndo(done.write));
        }
        interrupt(null);
        const said = keys.flatMap((each) => model.outcomes.get(each) ?? []).flatMap(({ words, lines = [] }) =>
          [words, ...lines]);
        if (steps.length <= step) {
          assert.equal(model.announced, "undone"); // nobody came between
          return;
        }
        if (act !== "adds another one") assert.equal(await lastWriter(id), "bob");
        const later = steps.slice(step).filter((method) => method !== "GET");
        if (later.includes("PUT") || (later.length && act === "moves it away")) { // what the page wrote was refused
          assert.ok(said.some((text) => text.includes("bob, ")), `${later}: ${said}`);
          assert.deepEqual(await request("GET", `pause-records/${other}`), before);
        }
      }
    });
});

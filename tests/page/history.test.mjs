// What a history says, in words. Today is Thursday, 26 March 2026.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  sayAction, sayDone, sayEntry, sayPurged, sayRestored, sayUndid, sayUndone, sayWriter, undosByEntry,
} from "../../static/board/read/history.js";
import { undoOfEntries } from "../../static/board/write/undo.js";
import { NOW, cases, entry, ofPause, record, recordOf } from "./page.mjs";

const OPENED = ofPause("opened", "-5 because illness");
const ENDED = ofPause("ended", "-5 because illness ends 0T08:30 expected 4", "-5 because illness expected 4");

cases("An entry says what was done, and of a change what was before", [
  [entry("created"), "added the mentor"],
  [entry("created", [], { undoes: "6" }), "restored the mentor"],
  [entry("created", [record("opened", "3 because exam")]),
    "added the mentor; opened a pause: Exam, Sun, Mar 29 – not known"],
  [OPENED, "opened a pause: Illness, Sat, Mar 21 – not known"],
  [ofPause("opened", "20 because exam", undefined, { status: "active" }),
    "opened a pause: Exam, Wed, Apr 15 – not known; available until then"],
  [ofPause("opened", "20", undefined, { status: "paused" }), "opened a pause: no reason, Wed, Apr 15 – not known"],
  [ofPause("opened", "-9 ends -5", undefined, { status: "active" }),
    "opened a pause: no reason, Tue, Mar 17 – Sat, Mar 21"],
  [ofPause("updated", "-5 expected 4 because illness", "-5 because leave"),
    "updated a pause (Leave, from Sat, Mar 21): "
    + "back Mon, Mar 30 (expected) instead of not known, reason Illness instead of Leave"],
  [ofPause("updated", "-9 ends -5 expected -6", "-9 ends -5 expected -4", { status: "paused" }),
    "updated a pause (no reason, from Tue, Mar 17): expected back Fri, Mar 20 instead of Sun, Mar 22"],
  [ENDED, "ended a pause (Illness, from Sat, Mar 21): "
    + "back Thu, Mar 26, 08:30 UTC instead of Mon, Mar 30 (expected)"],
  [{ ...ENDED, status: "paused" }, "ended a pause (Illness, from Sat, Mar 21): "
    + "back Thu, Mar 26, 08:30 UTC instead of Mon, Mar 30 (expected); still paused"],
  [ofPause("ended", "20 ends 20 because exam", "20 because exam"), "called off a pause (Exam, from Wed, Apr 15)"],
  [ofPause("updated", "20 ends 20 because fair", "20 ends 20 because exam"),
    "updated a pause (Exam, from Wed, Apr 15): reason Fair instead of Exam"],
  [ofPause("reopened", "-5 expected 4", "-5 expected 4 ends -1"), "reopened a pause (no reason, from Sat, Mar 21): "
    + "back Mon, Mar 30 (expected) instead of Wed, Mar 25"],
  [ofPause("deleted", "20 because fair", "20 because fair"), "deleted a pause: Fair, Wed, Apr 15 – not known"],
  [entry("deleted", [record("deleted", "-9 ends -5")]),
    "deleted the mentor; deleted a pause: no reason, Tue, Mar 17 – Sat, Mar 21"],
  [entry("updated"), "saved without a change"],
  [entry("updated", [], { metadata: { notes: "by telephone" } }), "added a note"],
], sayEntry);

const several = (event, count) => Array.from({ length: count }, () => ofPause(event, "-5", "-5 because leave"));
cases("What one request has done is said in a few words", [
  [[OPENED], "opened a pause"], [several("opened", 3), "opened 3 pauses"], [[entry("created")], "added the mentor"],
  [[entry("created"), entry("created")], "added 2 mentors"],
  [[entry("deleted"), entry("deleted")], "deleted 2 mentors"],
  [[entry("created", [], { undoes: "6" })], "restored the mentor"],
  [[OPENED, ENDED, ENDED], "changed 3 pauses"],
  [[entry("updated", [record("ended", "-5", "-9")])], "ended a pause"],
], sayAction);

cases("Who wrote is said, and when: of today the time alone", [
  [{ changed_by: "bob", changed_at: NOW }, "bob, 08:30 UTC"],
  [{ changed_by: null, changed_at: "2026-03-25T04:16:00Z" }, "Somebody, Wed, Mar 25, 04:16 UTC"],
], sayWriter);

test("An undo says whose change it undid, if that is known", () => {
  const undo = { ...OPENED, undoes: "6" };
  assert.equal(sayUndid([undo], [{ ...ENDED, changed_by: "bob" }]), "(undid “ended a pause” by bob, 08:30 UTC)");
  assert.equal(sayUndid([undo], []), "(undid an earlier change)");
  assert.equal(sayUndid([OPENED], []), "");
});

cases("What was undone is said with how the mentor is then", [
  [[{ ...ENDED, status: "active" }, "paused"], "undone: paused again"],
  [[{ ...OPENED, status: "paused" }, "active"], "undone: available again"],
  [[{ ...OPENED, status: "paused" }, "paused"], "undone"], [[{ ...OPENED, status: "paused" }], "undone"],
  [[entry("deleted", [record("deleted", "-5")]), "paused"], "restored: paused, with 1 pause"],
], ([undone, status]) => sayUndone(undone, { status }));

cases("Of a mentor who was restored it is said how they are", [
  [[], "restored: available"], [["-5"], "restored: paused, with 1 pause"],
  [["-5 ends -2", "3"], "restored: available, with 2 pauses"], [["-5 ends 0"], "restored: available, with 1 pause"],
], (texts) => sayRestored(texts.map((text) => recordOf(text))));

test("An undo counts unless it was itself undone", () => {
  const first = { history_entry_id: "1" };
  const undo = { history_entry_id: "2", undoes: "1" };
  const redo = { history_entry_id: "3", undoes: "2" };
  assert.deepEqual([...undosByEntry([undo, first])], [["1", undo]]);
  assert.deepEqual([...undosByEntry([redo, undo, first])], [["2", redo]]);
});

test("Below the last entries it is said since when there are all of them, if there was a purge", () => {
  assert.equal(sayPurged("2026-03-25T00:00:00Z"), "Entries before Wed, Mar 25 may have been deleted.");
  assert.equal(sayPurged(null), "");
});

cases("What a colleague has done is said of the row in a few words", [
  [[{ ...ENDED, status: "active" }], "back"], [[{ ...ENDED, status: "paused" }], "this pause ended"],
  [[ofPause("ended", "-5 ends 3", "-5")],
    "ended a pause (no reason, from Sat, Mar 21): back Sun, Mar 29 instead of not known"],
  [[ofPause("updated", "-5 expected 9", "-5 expected 2")], "back Sat, Apr 4 instead of Sat, Mar 28"],
  [[ofPause("deleted", "-5", "-5")], "pause deleted"],
  [[entry("deleted", [record("deleted", "-5")])], "mentor deleted"],
  [[entry("created", [], { undoes: "6" })], "restored"], [[entry("created")], "added anew"],
  [[ofPause("updated", "-5 because Exam", "-5 because exam")], "a time by seconds, or the spelling of the reason"],
  [[ofPause("deleted", "-5", "-5"), { pause_record_id: "pause-2" }], // it was another pause
    "deleted a pause: no reason, Sat, Mar 21 – not known"],
], ([done, row]) => sayDone(done, row));

cases("An entry, or those of one request, can be taken back, and that will be said", [
  [[{ ...ENDED, changed_by: "bob" }], ["Undo", "undone", "7"]],
  [[entry("deleted", [record("deleted", "-5")])], ["Restore", "restored: paused, with 1 pause", "7"]],
  [[OPENED, { ...OPENED, history_entry_id: "8" }], ["Undo", "undone", "7,8"]],
], (entries) => {
  const { label, said, entries: ids } = undoOfEntries(entries);
  return [label, said, ids.join()];
});

test("Your changes say what was undone, and whose it was", () => {
  const [mine, all] = [[ENDED], [OPENED, OPENED]].map((some) => some.map((each) => ({ ...each, changed_by: "bob" })));
  assert.match(undoOfEntries(mine).words, /^undone: “ended a pause \(Illness, from Sat, Mar 21\): back .*” by bob$/);
  assert.equal(undoOfEntries(all).words, "undone: “opened 2 pauses” by bob");
  assert.match(undoOfEntries([OPENED]).words, /by somebody$/);
});

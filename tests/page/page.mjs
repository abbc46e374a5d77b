// What the tests of the page share: a clock and a zone that they set, tables of cases, and what a template draws.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setZone } from "../../static/board/read/days.js";

export const NOW = "2026-03-26T08:30:00Z"; // a Thursday, as in tests/conftest.py

/** Set the clock, and the zone of the service. */
export function setTime(instant = NOW, zone = "UTC") {
  Date.now = () => Date.parse(instant);
  setZone(zone);
}
setTime();

/** Have each case of a table, `[[given, expected], …]`, be a test of what `act(given)` returns. */
export function cases(title, table, act) {
  describe(title, () => {
    for (const [given, expected] of table) {
      test(JSON.stringify(given), () => assert.deepEqual(act(given), expected));
    }
  });
}

// Days are those of the service's zone, by its clock, wherever the reader is and whatever the reader's clock shows.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  dateOf, dateOfInstant, dayNumber, daysLater, isClockKnown, isClockWrong, isDate, mondayOf, now, setClock, startOf,
  toInstant, toText, writeDay, writeInstant, writeShort, writeTimeOfDay,
} from "../../static/board/read/days.js";
import { sayDay } from "../../static/board/read/words.js";
import { HARD_DAYS, NOW, cases, setTime } from "./page.mjs";

afterEach(() => setTime());

/** Return a function of a text, which is in a zone: `UTC 2026-03-26`. */
const inZone = (act) => (zoneAndText) => {
  const [zone, text] = zoneAndText.split(" ");
  setTime(NOW, zone);
  return act(text);
};

cases("A date, and a time without an offset, is an instant of the zone", [
  ["UTC 2026-05-01", "2026-05-01T00:00:00Z"],
  ["America/Los_Angeles 2026-05-01", "2026-05-01T07:00:00Z"],
  ["America/Los_Angeles 2026-05-01T00:00:00", "2026-05-01T07:00:00Z"],
  ["America/Los_Angeles 2026-03-08T02:30:00", "2026-03-08T10:30:00Z"], // it is skipped: 03:30
  ["America/Los_Angeles 2026-11-01T01:30:00", "2026-11-01T08:30:00Z"], // the first of two
  ["Africa/Cairo 2026-04-24", "2026-04-23T22:00:00Z"], // begins at 01:00
  ["America/Havana 2025-11-02", "2025-11-02T04:00:00Z"], // the first of two
  ["Pacific/Apia 2011-12-30", "2011-12-30T10:00:00Z"], // there was none: that of the 31st
  ["Asia/Kolkata 2026-05-01", "2026-04-30T18:30:00Z"],
  ["America/Los_Angeles 2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"],
  ["UTC 2026-31-05", "2026-31-05"], // there is none: as it is
  ["UTC bogus", "bogus"],
], inZone(toInstant));

cases("The day of an instant is the last one that has begun", [
  ["UTC 2026-03-26T23:59:59Z", "2026-03-26"], ["UTC 2026-03-27T00:00:00Z", "2026-03-27"],
  ["Pacific/Kiritimati 2026-03-26T09:59:59Z", "2026-03-26"], ["Pacific/Kiritimati 2026-03-26T10:00:00Z", "2026-03-27"],
  ["Pacific/Pago_Pago 2026-03-26T10:59:59Z", "2026-03-25"], ["Pacific/Pago_Pago 2026-03-26T11:00:00Z", "2026-03-26"],
  ["America/St_Johns 2010-11-07T02:31:00Z", "2010-11-07"], // 23:01 on the 6th, once more
  ["Pacific/Apia 2011-12-30T09:59:59Z", "2011-12-29"], ["Pacific/Apia 2011-12-30T10:00:00Z", "2011-12-31"],
  ["America/Los_Angeles 2026-05-01", "2026-05-01"],
  ["UTC 0020-05-01", "0020-05-01"], // while 2026 is typed
], inZone(dateOfInstant));

cases("So many days later it is the same time of the day, whatever the clocks have done", [
  ["UTC 2026-03-26", "2026-04-02"], ["UTC 2026-12-31", "2027-01-07"], ["UTC 2028-02-22", "2028-02-29"],
  ["UTC 2026-03-26T23:59:00Z", "2026-04-02T23:59:00"],
  ["America/Los_Angeles 2026-03-05", "2026-03-12"], // forward on the 8th
  ["America/Los_Angeles 2026-03-06T07:30:00Z", "2026-03-12T23:30:00"],
  ["America/Los_Angeles 2026-10-30", "2026-11-06"], // back on the 1st
  ["Africa/Cairo 2026-04-24", "2026-05-01"],
], inZone((text) => daysLater(Date.parse(toInstant(text)), 7)));

cases("A date is one only if the calendar has it", [
  ["2026-02-28", true], ["2028-02-29", true], ["2026-02-29", false], ["2026-02-31", false], ["2026-04-31", false],
  ["2026-2-28", false], ["2026", false], ["", false],
], isDate);

for (const [name, [instant, zone]] of Object.entries(HARD_DAYS)) {
  test(`Today, tomorrow and the days around them follow one another: ${name}`, () => {
    setTime(instant, zone);
    const today = dayNumber(now());
    assert(startOf(today) <= now() && now() < startOf(today + 1));
    assert.deepEqual([0, 1].map((days) => sayDay(startOf(today + days))), ["today", "tomorrow"]);
    const shown = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(now());
    assert.equal(dateOf(today), shown);
    for (let day = today - 200; day <= today + 200; day += 1) {
      assert.equal(dayNumber(startOf(day)), day);
      assert.equal(dayNumber(startOf(day) - 1), day - 1);
      assert.equal(toInstant(dateOf(day)), toText(startOf(day)));
    }
  });
}

test("A week begins on a Monday, whichever day of it is asked for", () => {
  for (let day = 20_000; day < 20_800; day += 1) {
    const monday = mondayOf(day);
    assert(monday <= day && day < monday + 7);
    assert.equal(new Date(monday * 86_400_000).getUTCDay(), 1);
  }
});

cases("A day has its weekday, and its year unless it is within 180 days", [
  ["2026-03-26", "Thu, Mar 26"], ["2026-09-22", "Tue, Sep 22"], ["2026-09-23", "Wed, Sep 23, 2026"],
  ["2025-09-27", "Sat, Sep 27"], ["2025-09-26", "Fri, Sep 26, 2025"], ["2027-03-26", "Fri, Mar 26, 2027"],
], writeDay);

cases("A time of the day is written with the zone, but for the start of a day", [
  ["UTC 2026-03-26", "Thu, Mar 26"], ["UTC 2026-03-26T23:30:00Z", "Thu, Mar 26, 23:30 UTC"],
  ["America/Los_Angeles 2026-03-26T07:00:00Z", "Thu, Mar 26"],
  ["America/Los_Angeles 2026-03-27T06:30:00Z", "Thu, Mar 26, 23:30 PDT"],
  ["America/Los_Angeles 2026-01-27T07:30:00Z", "Mon, Jan 26, 23:30 PST"],
  ["Pacific/Kiritimati 2026-03-26T09:30:00Z", "Thu, Mar 26, 23:30 GMT+14"],
  ["Pacific/Pago_Pago 2026-03-27T10:30:00Z", "Thu, Mar 26, 23:30 GMT-11"],
  ["Africa/Cairo 2026-04-23T22:00:00Z", "Fri, Apr 24"], // 01:00, when the day begins
], inZone(writeInstant));

test("Of today the time alone is written, of another day the day, too", () => {
  assert.equal(writeShort("2026-03-26T00:00:00Z"), "00:00 UTC");
  assert.equal(writeShort("2026-03-25T23:59:00Z"), "Wed, Mar 25, 23:59 UTC");
  assert.equal(writeTimeOfDay("2026-03-26T00:00:00Z"), "");
});

test("A zone that is not known is refused", () => assert.throws(() => setTime(NOW, "Mars/Base"), RangeError));

test("The clock is that of the service: its header Date, a whole second that was late by its way here", () => {
  assert.deepEqual([isClockKnown(), isClockWrong()], [false, false]);
  const ahead = (seconds) => new Date(Date.parse(NOW) + seconds * 1000).toUTCString();
  for (const [date, seconds] of [
    [ahead(0), 0], [ahead(-1), 0], [ahead(1), 1], [ahead(0), 1], // the one that was delayed least
    [ahead(5 * 86_400), 5 * 86_400], [null, 5 * 86_400], [ahead(-60), -60],
  ]) {
    setClock(date);
    assert.equal(now() - Date.parse(NOW), seconds * 1000);
    assert.deepEqual([isClockKnown(), isClockWrong()], [true, Math.abs(seconds) > 2]);
  }
});

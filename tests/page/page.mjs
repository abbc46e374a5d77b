// What the tests of the page share: a clock and a zone that they set, tables of cases, and what a template draws.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dateOf, dayNumber, now, setZone, toInstant } from "../../static/board/read/days.js";

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
      const [text, result] = [given, expected].map((value) => JSON.stringify(value));
      test(text.length > 100 ? result : `${text}: ${result}`, () => assert.deepEqual(act(given), expected));
    }
  });
}

export const HARD_DAYS = { // instants at which days are easily counted wrong, and the zone of the service
  "the last second of a month": ["2026-04-30T23:59:59Z", "UTC"],
  "a Sunday, a minute before Monday": ["2026-03-29T23:59:00Z", "UTC"],
  "New Year's Eve": ["2026-12-31T23:59:00Z", "UTC"],
  "29 February": ["2028-02-29T12:00:00Z", "UTC"],
  "the day before 29 February": ["2028-02-28T23:59:00Z", "UTC"],
  "before the clocks go forward": ["2026-03-08T07:59:00Z", "America/Los_Angeles"], // 23:59 on the 7th
  "when they have gone forward": ["2026-03-08T10:00:00Z", "America/Los_Angeles"], // 03:00
  "before the clocks go back": ["2026-11-01T08:30:00Z", "America/Los_Angeles"], // the first 01:30
  "when they have gone back": ["2026-11-02T07:59:00Z", "America/Los_Angeles"], // 23:59, after 25 hours
  "a midnight that is skipped": ["2026-04-23T22:00:00Z", "Africa/Cairo"], // 01:00 on the 24th
  "a midnight that comes twice": ["2025-11-02T05:30:00Z", "America/Havana"], // the second 00:30
  "a day ahead of UTC": ["2026-03-26T10:00:00Z", "Pacific/Kiritimati"], // 00:00 on the 27th
  "a day behind UTC": ["2026-03-26T10:59:00Z", "Pacific/Pago_Pago"], // 23:59 on the 25th
};

/** Return the day that is so many days after today, as in `2026-05-01`. */
export const day = (offset) => dateOf(dayNumber(now()) + Number(offset));

/**
 * Return a pause record of the API by a text: `-20 expected -5 because exam`, `3 ends 30T15:00`. Days are counted from
 * today. It is of Ada, unless it says `of` whom.
 */
export function recordOf(dates, facts = {}) {
  const [start, ...words] = dates.split(" ");
  const said = Object.fromEntries(words.flatMap((word, index) => (index % 2 ? [] : [[word, words[index + 1]]])));
  const at = (text = "") => {
    const [offset, time] = text.split("T");
    return offset ? toInstant(day(offset) + (time ? `T${time}:00` : "")) : null;
  };
  return {
    mentor_id: said.of ?? "ada", pause_record_id: "pause-1", start_date: at(start), reason: said.because ?? null,
    expected_return_date: at(said.expected), end_date: at(said.ends), ...facts,
  };
}

/** Return a record of an entry: what happened, how it is now and, of a change, how it was. */
export const record = (event, now, before) =>
  recordOf(now, { event: `pause_${event}`, before: before && recordOf(before) });

/** Return an entry of the history; without facts it is about one record, and of the same event. */
export const entry = (event, records = [], facts = {}) =>
  ({ history_entry_id: "7", mentor_id: "ada", event, pause_records: records, changed_at: NOW, ...facts });
export const ofPause = (event, now, before, facts) => entry(`pause_${event}`, [record(event, now, before)], facts);

/** Return what a template of lit-html, or a part of one, would draw: markup, and the functions that are in it. */
export function piecesOf(part) {
  if (typeof part === "function") return [part];
  if (part === null || ["undefined", "symbol"].includes(typeof part)) return [];
  if (Array.isArray(part)) return part.flatMap(piecesOf);
  const { strings, values, _$litDirective$: directive } = part;
  if (strings) return strings.flatMap((text, index) => [text, ...piecesOf(values[index])]);
  if (!directive) return [String(part)];
  const [first, ...others] = values; // of repeat(items, keyOf, draw), guard(dependencies, draw), …
  if (!others.length && typeof first === "string") return [first]; // of live(value)
  if (!others.length) return [Object.entries(first).map((pair) => pair.join("=")).join(" ")];
  return others.length > 1 ? first.flatMap((item) => piecesOf(others[1](item))) : piecesOf(others[0]());
}

/** Return what a template would draw, as markup; a listener is left out. */
export const markupOf = (part) => piecesOf(part).filter((piece) => typeof piece === "string").join("");

/** Return the text of the elements of a class or a tag, without blanks at their ends. */
export const textsOf = (part, name) => markupOf(part).split(/(?=<)/).flatMap((tag, index, tags) => {
  if (!RegExp(`^<(${name}\\b|\\w+ [^>]*class="?[^">]*\\b${name}\\b)`).test(tag)) return [];
  const [, element] = tag.match(/^<(\w+)/);
  const end = tags.findIndex((each, place) => place > index && each.startsWith(`</${element}`));
  return [tags.slice(index, end).join("").replaceAll(/<[^>]*>/g, "").replaceAll(/\s+/g, " ").trim()];
});

// What differs between two answers of the API, in words.

import { toInstant, writeInstant } from "./days.js";
import { sayReason } from "./pauses.js";

const DERIVED = /^(is_|last_|created_|etag)|_id$/; // what nobody sets

/** Say in lines what differs: `end date: 1 May 2026 → 8 May 2026`. */
export function differences(before, after) {
  const sayValue = (name, value) => {
    if (/^\d{4}-\d\d-\d\dT.*Z$/.test(toInstant(value))) return writeInstant(value);
    return (name.endsWith("reason") ? sayReason(value) : value) || "nothing";
  };
  const isChanged = (name) => !DERIVED.test(name) && toInstant(before[name] ?? "") !== toInstant(after[name] ?? "");
  const old = (name) => (name in before ? `${sayValue(name, before[name])} → ` : "");
  return Object.keys(after).filter(isChanged).map((name) =>
    `${name.replaceAll("_", " ")}: ${old(name)}${sayValue(name, after[name])}`);
}

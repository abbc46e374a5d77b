// What is to be seen: the part of the address behind the #, so that it can be sent, kept, and gone back to.

import { now, windowOf } from "./days.js";

export const FILTERS = ["show", "reason", "q", "as_of", "expected"];
const NONE = Object.fromEntries([...FILTERS, "from", "mentor", "panel"].map((name) => [name, ""]));
export const DEFAULTS = { ...NONE, sort: "state", span: "quarter" };

export const state = () => ({ ...DEFAULTS, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) });

/** Return the address of this page with some of its state changed. */
export function link(changes) {
  const all = Object.entries({ ...state(), ...changes });
  return `#${new URLSearchParams(all.filter(([name, value]) => value !== DEFAULTS[name]))}`;
}

export const go = (changes) => (location.hash = link(changes));

/** Return what a state asks to see, with the instant it is about and the window of time. */
export function viewOf(asked) {
  const at = Date.parse(asked.as_of) || now();
  return { ...asked, at, ...windowOf(asked.span, asked.from, at) };
}

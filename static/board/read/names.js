// The names of mentors, from a file of this computer. They stay in this browser: nothing of them is ever sent.

import { Problem } from "./api.js";
import { model } from "./model.js";
import { followNames, getNames, setNames } from "./storage.js";

const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;
const MOST_WRONG = 20; // lines that are told
const HEADER = /^(mentor_)?id$/i;
const COLLATOR = new Intl.Collator(undefined, { numeric: true });
const LAST = "\uffff"; // sorts after every name

export const countNames = () => model.names.size;
export const hasNames = () => model.names.size > 0;

/** Return the name of a mentor, or undefined. */
export const nameOf = (id) => model.names.get(id);

/** Say a mentor, wherever the page shows one: by the name, if it is known, and the id. */
export const sayMentor = (id) => (model.names.has(id) ? `${model.names.get(id)} (${id})` : id);

/** Compare two mentors by their names, then by their ids. */
export const compareMentors = (one, other) =>
  COLLATOR.compare(model.names.get(one) ?? LAST, model.names.get(other) ?? LAST) || (one > other) - (one < other);

/** Say whether the id or the name of a mentor has a text, whatever its case and accents. */
export const hasText = (id, text) =>
  [id, model.names.get(id) ?? ""].some((each) => simplify(each).includes(simplify(text)));

const simplify = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Return the mentors of a table of ids and names, as `[[id, name], …]`; a name may be empty. Raise a Problem that
 * names each line that is wrong; `done` is what would be done with them: "added".
 */
export function parseMentors(rows, done) {
  const mentors = new Map();
  const wrong = [];
  for (const [index, cells] of rows.entries()) {
    const [id = "", name = "", ...others] = splitId(cells.map((cell) => cell.trim().replace(/\s+/g, " ")));
    if (!id && !name || (index === 0 && HEADER.test(id))) continue;
    const fault = faultOf(id, others) ?? (mentors.has(id) && `${id} has a line above already. Leave one of them out.`);
    if (fault) wrong.push(`Line ${index + 1}: ${fault}`);
    mentors.set(id, name);
  }
  if (wrong.length) {
    const detail = `Nothing was ${done}: ${wrong.length === 1 ? "a line is" : `${wrong.length} lines are`} wrong.`;
    throw new Problem({ detail, lines: wrong.slice(0, MOST_WRONG) });
  }
  if (!mentors.size) throw new Problem({ detail: "There is no line with an id." });
  return [...mentors];
}

/** Return the cells of a line. Without a comma, the first word is the id if it is the name: `noor-ali Noor Ali`. */
function splitId(cells) {
  if (cells.length !== 1) return cells;
  const [first, ...others] = cells[0].split(" ");
  const lettersOf = (text) => simplify(text).replaceAll(/[._~:@-]/g, "");
  return others.length && lettersOf(first) === lettersOf(others.join("")) ? [first, others.join(" ")] : cells;
}

/** Say what is wrong with the id of a line, or with the cells after its name; or return undefined. */
function faultOf(id, others) {
  const [first, ...rest] = id.split(" ");
  const looksLikeId = /[^a-z]/i.test(first) || first === first.toLowerCase(); // as in `noor-a Noor Ali`
  if (rest.length && looksLikeId) return `Put a comma between the id and the name: ${first}, ${rest.join(" ")}`;
  const written = id.toLowerCase().replaceAll(" ", "-");
  if (rest.length) return `An id has no blanks: write ${written}, and the name beside it.`;
  if (!ID.test(id)) return `“${id}” is no id: it has letters, digits and . _ ~ : @ - and no other character.`;
  return others.some(Boolean) ? "It has more than an id and a name. A name with a comma is put in quotes." : undefined;
}

/** Keep names beside those that there are: `[[id, name], …]`. Return whether they are kept when the page is left. */
export const addNames = (added) => replaceNames([...model.names, ...added.filter(([, name]) => name)]);

/** Keep names instead of those that there are; return the same. */
export function replaceNames(pairs) {
  const all = new Map(pairs);
  const isKept = setNames([...all]);
  useNames(all);
  return isKept;
}

export function forgetNames() {
  setNames([]);
  useNames(new Map());
}

/** Use other names, and let the page know. */
function useNames(newNames) {
  model.names = newNames;
  document.dispatchEvent(new Event("nameschange"));
}

followNames(() => useNames(new Map(getNames())));

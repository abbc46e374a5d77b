// The names of mentors, from a file of this computer. They stay in this browser: nothing of them is ever sent.

import { Problem } from "./api.js";
import { getNames, setNames } from "./storage.js";

export const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;
const HEADER = /^(mentor_)?id$/i;
const COLLATOR = new Intl.Collator(undefined, { numeric: true });
const LAST = "\uffff"; // sorts after every name

let names = new Map(getNames()); // by the ids

export const hasNames = () => names.size > 0;

/** Return the name of a mentor, or undefined. */
export const nameOf = (id) => names.get(id);

/** Say a mentor, wherever the page shows one: by the name, if it is known, and the id. */
export const sayMentor = (id) => (names.has(id) ? `${names.get(id)} (${id})` : id);

/** Compare two mentors by their names, then by their ids. */
export const compareMentors = (one, other) =>
  COLLATOR.compare(names.get(one) ?? LAST, names.get(other) ?? LAST) || (one > other) - (one < other);

/** Return the ids of the mentors in the file who have a text in the name or the id, whatever its case and accents. */
export function findIds(text) {
  const part = simplify(text);
  return [...names].filter((each) => each.some((value) => simplify(value).includes(part))).map(([id]) => id);
}

const simplify = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Return the mentors of a table of ids and names, as `[[id, name], …]`; a name may be empty. Raise a Problem that
 * names the line that is wrong.
 */
export function parseMentors(rows) {
  const mentors = new Map();
  for (const [index, cells] of rows.entries()) {
    const [id = "", name = "", ...others] = cells.map((cell) => cell.trim().replace(/\s+/g, " "));
    const refuse = (words) => { throw new Problem({ detail: `Line ${index + 1}: ${words}` }) };
    if (!id && !name || (index === 0 && HEADER.test(id))) continue;
    const written = id.toLowerCase().replaceAll(" ", "-");
    if (id.includes(" ")) refuse(`An id has no blanks: write ${written}, and the name beside it.`);
    if (!ID.test(id)) refuse(`“${id}” is no id: it has letters, digits and . _ ~ : @ - and no other character.`);
    if (others.some(Boolean)) refuse("It has more than an id and a name. A name with a comma is put in quotes.");
    if (mentors.has(id)) refuse(`${id} has a line above already. Leave one of them out.`);
    mentors.set(id, name);
  }
  if (!mentors.size) throw new Problem({ detail: "There is no line with an id." });
  return [...mentors];
}

/** Keep names beside those that there are: `[[id, name], …]`. Return whether they are kept when the page is left. */
export function addNames(added) {
  const all = new Map([...names, ...added.filter(([, name]) => name)]);
  const isKept = setNames([...all]);
  change(all);
  return isKept;
}

export function forgetNames() {
  setNames([]);
  change(new Map());
}

/** Use other names, and let the page know. */
function change(others) {
  names = others;
  document.dispatchEvent(new Event("names"));
}

window.addEventListener("storage", ({ key }) => key !== "name" && change(new Map(getNames()))); // of another tab

// The names of mentors, from a file of this computer. They stay in this browser: nothing of them is ever sent.

import { Problem } from "./api.js";
import { getNames, setNames } from "./storage.js";

const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;
const HEADER = /^(mentor_)?id$/i;
const COLLATOR = new Intl.Collator(undefined, { numeric: true });
const LAST = "\uffff"; // sorts after every name

let names = new Map(getNames()); // by the ids

export const hasNames = () => names.size > 0;

/** Write a mentor, wherever the page shows one: by the name, if it is known, and the id. */
export const sayMentor = (id) => (names.has(id) ? `${names.get(id)} (${id})` : id);

/** List mentors in words: the first 20, and how many more there are. */
export const listMentors = (ids) => ids.slice(0, 20).map(sayMentor).join(", ")
  + (ids.length > 20 ? ` and ${(ids.length - 20).toLocaleString()} more` : "");

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
 * Take the names from the rows of a file: each has the cells of an id and of a name. Return how many there are, and
 * whether the browser keeps them. Raise a Problem that names the line that is wrong; then nothing is changed.
 */
export function takeNames(rows) {
  const taken = new Map();
  for (const [index, cells] of rows.entries()) {
    const [id = "", name = "", ...others] = cells.map((cell) => cell.trim().replace(/\s+/g, " "));
    const refuse = (words) => { throw new Problem({ detail: `Line ${index + 1}: ${words} No names were loaded.` }) };
    if (!id && !name && others.every((cell) => !cell) || (index === 0 && HEADER.test(id))) continue;
    if (!ID.test(id)) refuse(`“${id}” is no id. A line has an id, then a name.`);
    if (others.some((cell) => cell)) refuse("It has more than an id and a name. A name with a comma is put in quotes.");
    if (taken.has(id)) refuse(`${id} has a line above already. Leave one of them out.`);
    if (name) taken.set(id, name);
  }
  if (!taken.size) throw new Problem({ detail: "The file has no line with an id and a name." });
  const isKept = setNames([...taken]);
  change(taken);
  return { count: taken.size, isKept };
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

// The names of mentors, from a file of this computer. They stay in this browser: nothing of them is ever sent.

import { Problem } from "./api.js";
import { model } from "./model.js";
import { followNames, getNames, setNames } from "./storage.js";

const ID = /^[A-Za-z0-9][\w.~:@-]{0,63}$/;
const MOST_WRONG = 20; // lines that are told
const HEADING = /^(mentor[ _-]?)?id$/i; // of the ids
const COLLATOR = new Intl.Collator(undefined, { numeric: true });
const LAST = "\uffff"; // sorts after every name

export const hasNames = () => model.names.size > 0;

export const nameOf = (id) => model.names.get(id);

/** Say a mentor, wherever the page shows one: by the name, if it is known, and the id. */
export const sayMentor = (id) => (model.names.has(id) ? `${model.names.get(id)} (${id})` : id);

/** Compare two mentors by their names, then by their ids. */
export const compareMentors = (one, other) =>
  COLLATOR.compare(model.names.get(one) ?? LAST, model.names.get(other) ?? LAST) || (one > other) - (one < other);

/** Return a function that says whether the id or the name of a mentor has each word of a text, in any order. */
export function matcherOf(text) {
  const words = text.split(/\s+/).map(simplify);
  return (id) => {
    const [simpleId, simpleName] = [simplify(id), simplify(model.names.get(id) ?? "")];
    return words.every((word) => simpleId.includes(word) || simpleName.includes(word));
  };
}

// What a search does not look at: accents, blanks, commas, hyphens, apostrophes of every kind (the block at 02b0 has
// some, among other small signs), the long stroke of Arabic, and characters that are not seen.
const IGNORED = /[\p{M}\p{Pd}\p{Cf}\s,'`´‘’‛′＇׳\u02b0-\u02ff\u0640]/gu;

const simplify = (text) => text.normalize("NFD").replace(IGNORED, "").toLowerCase();

/**
 * Return the mentors of a table of ids and names, in either order, as `[[id, name], …]`; a name may be empty. Raise a
 * Problem that names each line that is wrong; `done` is what would be done with them: "added".
 */
export function parseMentors(rows, done) {
  const lines = rows.map((cells) => splitId(cells.map((cell) => cell.trim().replace(/\s+/g, " "))));
  const [header] = lines;
  const place = header.slice(0, 2).findIndex((cell) => HEADING.test(cell)); // of the id
  const isNameFirst = place === -1 ? haveNamesFirst(lines) : place === 1;
  const mentors = new Map();
  const wrong = [];
  for (const [index, cells] of lines.entries()) {
    const [first = "", second = "", ...others] = cells;
    if (!first && !second || (index === 0 && place !== -1)) continue;
    const [id, name] = isNameFirst ? [second, first] : [first, second];
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

/** Return the cells of a line. Without a comma, its first word is the id if it looks like one: `m-1142 Jack Hill`. */
function splitId(cells) {
  if (cells.length !== 1) return cells;
  const [first, ...others] = cells[0].split(" ");
  const lettersOf = (text) => simplify(text).replaceAll(/[._~:@]/g, "");
  const isName = lettersOf(first) === lettersOf(others.join("")); // as in `noor-ali Noor Ali`
  const isId = /\d/.test(first) || /^[a-z]+[^A-Za-z]/.test(first); // `m-jack Jack Hill`, but not `Mary-Ann Hill`
  return others.length && ID.test(first) && (isName || isId) ? [first, others.join(" ")] : cells;
}

/** Say whether the second cells of some lines look more like ids than the first ones: `Ada,ada`, `Jo Hill,m-1`. */
function haveNamesFirst(lines) {
  const looksLikeId = (text = "") => ID.test(text) && (/[^a-z]/i.test(text) || text === text.toLowerCase());
  const countIds = (place) => lines.filter((cells) => looksLikeId(cells[place])).length;
  return countIds(1) > countIds(0);
}

/** Say what is wrong with the id of a line, or with the cells after its name; or return undefined. */
function faultOf(id, others) {
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

// Names of mentors and the search: how a file of names is read, who is found, and in which order mentors stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../static/board/read/api.js";
import {
  addNames, compareMentors, matcherOf, nameOf, parseMentors, replaceNames, sayMentor,
} from "../../static/board/read/names.js";
import { readRows } from "../../static/board/write/csv.js";
import { cases } from "./page.mjs";

cases("The id is told from the name by the heading, or by how ids look, whatever separates them", [
  ['mentor_id,name\r\nada,Quintilla Ärzte\r\nben,"Quark, jr."\r\n', { ada: "Quintilla Ärzte", ben: "Quark, jr." }],
  ["ben\tBen Quark\n\nada\tQuintilla\u00a0 Ärzte ", { ben: "Ben Quark", ada: "Quintilla Ärzte" }],
  ["Name;Mentor ID\nQuintilla Ärzte;ada\nBen Quark;ben\n", { ada: "Quintilla Ärzte", ben: "Ben Quark" }],
  ['"ada";"Quintilla";;\n"ben";"Quark";\n;;;\n', { ada: "Quintilla", ben: "Quark" }],
  ["Quintilla Ärzte\tada\nBen Quark\tben", { ada: "Quintilla Ärzte", ben: "Ben Quark" }],
  ["Ada,ada\nBen,ben", { ada: "Ada", ben: "Ben" }],
  ["ada,Ada\nben,Ben", { ada: "Ada", ben: "Ben" }],
  ["Ada,m-1\nBen,m-2", { "m-1": "Ada", "m-2": "Ben" }],
  ["Ada,M-1\nBen,M-2", { "M-1": "Ada", "M-2": "Ben" }],
  ["1142 Jo Hill\nada Ada", { 1142: "Jo Hill", ada: "Ada" }],
  ["0042,Ada\n0043,ben", { "0042": "Ada", "0043": "ben" }],
  ["name,id\nADA,EVE", { EVE: "ADA" }],
  ["Mentor-ID,Name\nada,m-1", { ada: "m-1" }],
  ["ID;Name\nada;\n", { ada: "" }],
  ["m-1\nm-2,\nm-3,Ada", { "m-1": "", "m-2": "", "m-3": "Ada" }],
  ["m-1142 Jack Hill\nnoor-ali Noor Ali\nm-jo Jo", { "m-1142": "Jack Hill", "noor-ali": "Noor Ali", "m-jo": "Jo" }],
], (text) => Object.fromEntries(parseMentors(readRows(text), "loaded")));

const refusal = (text) => {
  try {
    parseMentors(readRows(text), "loaded");
  } catch (problem) {
    assert(problem instanceof Problem);
    return [problem.message, ...problem.lines ?? []];
  }
  return undefined;
};

cases("Lines that are wrong are named, and nothing is taken", [
  ["ada,Ada\nada,Zoe\n", [
    "Nothing was loaded: a line is wrong.", "Line 2: ada has a line above already. Leave one of them out."]],
  ["id,name\nMary-Ann Hill\nada,Hill,jr.\n", [
    "Nothing was loaded: 2 lines are wrong.",
    "Line 2: “Mary-Ann Hill” is no id: it has letters, digits and . _ ~ : @ - and no other character.",
    "Line 3: It has more than an id and a name. A name with a comma is put in quotes."]],
  ["\n\n", ["There is no line with an id."]],
], refusal);

test("Of many wrong lines, twenty are named", () => {
  assert.equal(refusal("id\n" + "a b c\n".repeat(30)).length, 1 + 20);
});

const NAMES = {
  a: "Grace Okafor", b: "Siobhán O’Brien", c: "Anne-Marie O'Brien", d: "محمّد عليّ",
  "m-1005": "Jack Hill", "m-1006": "Jacqueline Hill", "chidi.1941": "",
};

/** Return the ids of those whom a search finds. */
function find(text) {
  replaceNames(Object.entries(NAMES));
  return Object.keys(NAMES).filter(matcherOf(text));
}

cases("A search finds any part of an id, whatever its case, and blanks around it", [
  ["I.194", ["chidi.1941"]], [" idi.1941 ", ["chidi.1941"]], ["M-100", ["m-1005", "m-1006"]], ["m1005", ["m-1005"]],
  ["h_d", []], ["%", []], ["x".repeat(64), []],
], find);

cases("A search finds the words of a name in any order and spelling, beside those of the id", [
  ...["o’brien", "obrien", "O Brien", "o`brien", "BRIEN O"].map((text) => [text, ["b", "c"]]),
  ...["okafor grace", "Grace  Okafor", "Okafor, Grace", " gra  oka ", "graceokafor"].map((text) => [text, ["a"]]),
  ["siobhan", ["b"]], ["SIOBHÁN", ["b"]],
  ...["anne marie", "Annemarie", "anne‑marie"].map((text) => [text, ["c"]]),
  ...["محمد علي", "علي محمـد", "محمّد"].map((text) => [text, ["d"]]),
  ["hill m-1005", ["m-1005"]], ["1005 jack", ["m-1005"]],
  ["hill", ["m-1005", "m-1006"]], ["ja hill", ["m-1005", "m-1006"]],
  ["grace hill", []], ["okaforgrace", []], ["a b c d e", []],
], find);

test("Mentors stand by their names, by the numbers in them, and those without a name come last, by their ids", () => {
  replaceNames(Object.entries({ ada: "Žofie", ben: "Älva", zoe: "Boris", "m-10": "Boris 10", "m-9": "Boris 9" }));
  const sorted = ["eve", "ada", "m-10", "zoe", "dan", "ben", "m-9"].sort(compareMentors);
  assert.deepEqual(sorted, ["ben", "zoe", "m-9", "m-10", "ada", "dan", "eve"]);
});

test("A name stands with the id, which is enough without a name; an empty one takes none away", () => {
  replaceNames([["ada", "Quintilla"]]);
  addNames([["ada", ""], ["ben", "Zebedee"]]);
  assert.deepEqual(["ada", "ben", "cyd"].map(sayMentor), ["Quintilla (ada)", "Zebedee (ben)", "cyd"]);
  assert.equal(nameOf("cyd"), undefined);
});

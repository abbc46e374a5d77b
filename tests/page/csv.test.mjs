// Tables as text: how a file is read, what of it is sent, and what a table for a spreadsheet looks like.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setName } from "../../static/board/read/storage.js";
import { linkForPrograms } from "../../static/board/show/tables.js";
import { parse, prepareTable, readRows, writeReadable } from "../../static/board/write/csv.js";
import { cases } from "./page.mjs";

cases("A table is read by its separator, whatever ends its lines", [
  ["a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"], [""]]], ["a;b\n1;2", [["a", "b"], ["1", "2"], [""]]],
  ["a\tb\r1\t2\r", [["a", "b"], ["1", "2"], [""]]], ["a\n1;2\n", [["a"], ["1;2"], [""]]],
  ['a,b\n"1,""x""\n2",3\n', [["a", "b"], ['1,"x"\n2', "3"], [""]]], ['a,b\n5"",3\n', [["a", "b"], ['5""', "3"], [""]]],
  ["", [[""]]], ["\n\n", [[""], [""], [""]]],
], (text) => readRows(text));

cases("A value is read as the service does: without blanks around it, and without the ' of a spreadsheet", [
  ["exam", "exam"], [" exam ", "exam"], ["'=1", "=1"], [" '=1", "=1"], ["'007", "007"], ["'+41", "+41"],
  ["'tis", "'tis"], ["''tis", "'tis"],
  ["'-1", "-1"], ["'@a", "@a"], ["007", "007"], ["'", "'"], ["", null], ["  ", null],
], (cell) => parse(`mentor_id, reason\nada,"${cell}"\n`)[1].reason);

/** Return what is sent of a table, without its quotes, and the names that stay here. */
function prepare(text) {
  const { text: sent, names } = prepareTable(text);
  return [sent.replaceAll('"', "").trimEnd(), ...names.map(String)];
}

setName(" Grace ");
const signed = (...lines) => lines.join("\r\n");
cases("A table is sent with who writes, unless it says so itself, and without its names", [
  ["mentor_id,reason\nada,exam", [signed("mentor_id,reason,initiated_by", "ada,exam,Grace")]],
  ['mentor_id,reason\nada,5""a\n', [signed("mentor_id,reason,initiated_by", "ada,5a,Grace")]],
  ["mentor_id;reason\n;\nada;exam\n", [signed("mentor_id,reason,initiated_by", "", "ada,exam,Grace")]],
  ["mentor_id\tinitiated_by\nada\tbob", [signed("mentor_id,initiated_by", "ada,bob")]],
  ["mentor_id,name,reason\nada,Ann Ärzte,fair\nben,,fair",
    [signed("mentor_id,reason,initiated_by", "ada,fair,Grace", "ben,fair,Grace"), "ada,Ann Ärzte"]],
  ["mentor_id, Name , reason\nada, Ann ,fair",
    [signed("mentor_id, reason,initiated_by", "ada,fair,Grace"), "ada,Ann"]],
  ["Name;mentor_id\nAnn Ärzte;ada", [signed("mentor_id,initiated_by", "ada,Grace"), "ada,Ann Ärzte"]],
  ["mentor_id,reason,notes\nada", [signed("mentor_id,reason,notes,initiated_by", "ada,,,Grace")]], // it ends early
  ["mentor_id,reason\nada,exam,,\n", [signed("mentor_id,reason,initiated_by", "ada,exam,Grace")]],
], prepare);

test("A name that begins like a formula, and text in quotes, are sent so that the service reads them again", () => {
  setName('\'Grace "$&"');
  const { text } = prepareTable('mentor_id,reason\nada,"5"" a,"\n');
  setName(" Grace ");
  assert.equal(text, '"mentor_id","reason","initiated_by"\r\n"ada","5"" a,","\'\'Grace ""$&"""\r\n""\r\n');
  assert.deepEqual(readRows(text)[1], ["ada", '5" a,', '\'\'Grace "$&"']);
});

const NOT_CLOSED = "Nothing was sent: line 2 has a double quote that is not closed, or text after it.";
cases("What may be a broken table is not sent", [
  ['mentor_id,reason\nada,"exam\n', NOT_CLOSED], ['mentor_id,reason\nada,"an" exam\n', NOT_CLOSED],
  ["mentor_id,reason\nada,exam\nben,exam, oral\n",
    "Nothing was sent: line 3 has more cells than the first. A comma in a text needs quotes."],
], (text) => {
  try {
    return prepareTable(text);
  } catch ({ message }) {
    return message;
  }
});

cases("A table to be read has a ' before what a spreadsheet would run, and for Excel the mark of UTF-8", [
  ["", '"=1","x"\r\n'], ["comma", '\ufeff"=1","x"\r\n'], ["semicolon", '\ufeff"=1";"x"\r\n'],
].map(([excel, text]) => [excel, text.replace("=", "'=")]), (excel) => writeReadable([["=1", "x"]], excel));

test("Each of the characters with which a formula begins gets the ', and a quote another one", () => {
  const texts = ["=1", "+1", "-1", "@a", "'a", "a=1", 'Z"e'];
  const written = `"'=1","'+1","'-1","'@a","''a","a=1","Z""e"\r\n`;
  assert.equal(writeReadable([texts], ""), written);
});

test("A calendar program is asked to read the address by webcal, or by webcals if the service has TLS", () => {
  const addresses = ["http://a.example/x", "https://a.example/x?token=http:"];
  assert.deepEqual(addresses.map(linkForPrograms), ["webcal://a.example/x", "webcals://a.example/x?token=http:"]);
});

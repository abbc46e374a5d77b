// The panel of tables to download and to upload, and of the calendar's address; and the panel of names to show.

import { html, nothing } from "../lit-html/lit-html.js";
import { Problem, get, groupsOf, send, urlOf } from "../read/api.js";
import { keyOf, keyOfPlace } from "../read/keys.js";
import { draw, model } from "../read/model.js";
import { addNames, countNames, forgetNames, hasNames, parseMentors, replaceNames, sayMentor } from "../read/names.js";
import { mentorsOf } from "../read/pauses.js";
import { getToken } from "../read/storage.js";
import { countOf, sayDifferences } from "../read/words.js";
import { COLUMNS, changingOf, entriesOf, parse, prepareTable, readRows } from "../write/csv.js";
import { carryOut, recordWrite } from "../write/saving.js";
import { copy } from "./clipboard.js";
import { drawOutcome, drawSubmit } from "./outcomes.js";

const UPLOAD = keyOfPlace("upload");
const LINES = 200; // of an upload that are shown
const NO_TABLE = "Nothing was sent: the first line has to name the columns of a table, such as mentor_id. "
  + "A file of names is loaded under “Names”.";

export const drawTables = () => html`
  <h3>Download</h3>
  ${drawAction("download", "Download", download, html`
    <label>Table of <select name="table"><option value="pause-records">pauses</option>
      <option value="mentor-statuses">mentors</option></select></label>
    <label>As <select name="excel"><option value="">CSV</option>
      <option value="comma">CSV for Excel, with commas</option>
      <option value="semicolon">CSV for Excel, with semicolons</option></select></label>`)}
  <h3>Calendar</h3>
  <p class="note">A calendar program can subscribe to all pauses, without reasons and names. Get the address: then open
    it from here, or paste it there. ${getToken()
      ? "Whoever has it can see the pauses: keep it to yourself. It ends when your token is replaced." : ""}</p>
  ${drawAction("calendar", "Get the calendar's address", copyCalendar, nothing)}
  ${model.mayWrite ? drawUpload() : nothing}`;

export const drawNames = () => html`
  <p class="note">The service knows mentors by their ids. To see their names, load a file with an id and a name in each
    line. The names stay in this browser: they are sent nowhere, and are in no table that you download.
    ${hasNames() ? `Loaded now: ${countOf(countNames(), "name")}.` : ""}</p>
  ${drawAction("names", "Load names", loadNames, html`
    <label>File of names <input type="file" name="file" accept=".csv,.tsv,.txt,text/csv" required></label>`,
    { more: hasNames() ? html`<button type="button" @click=${forgetNames}>Forget the names</button>` : nothing })}`;

/** Draw the form of an action, which acts by `act(elements)`; the outcome stands below. */
function drawAction(name, label, act, fields, { isWrite = false, more = nothing } = {}) {
  const key = keyOfPlace(name);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    await carryOut(key, label, () => act(form.elements), { isWrite });
    form.scrollIntoView({ block: "nearest" }); // with its outcome
  };
  return html`
    <form class="write" id=${name} @submit=${submit}>
      ${fields}
      <p class="buttons">${drawSubmit(key, label)} ${more}</p>
      <div class="outcome">${drawOutcome(key)}</div>
    </form>`;
}

async function download({ table, excel }) {
  const { file } = await get(`${table.value}.csv`, { excel: excel.value });
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: `${table.value}.csv` }).click();
}

/** Draw the upload: a file is checked first; what it would do is said, and applied by a second click. */
function drawUpload() {
  const { upload } = model;
  const choose = () => {
    model.upload = null;
    model.outcomes.delete(UPLOAD);
    draw();
  };
  const fields = html`
    <label>Table <input type="file" name="file" accept=".csv,text/csv" ?required=${!upload}
      ?disabled=${model.pending.has(UPLOAD)} @change=${choose} @cancel=${choose}></label>
    ${upload ? html`<div role="status"><p>This would be: ${upload.words}.</p>
      <ul>${upload.lines.map((line) => html`<li>${line}</li>`)}</ul></div>` : nothing}`;
  return html`
    <h3>Upload</h3>
    <p class="note">A downloaded table, edited: all lines of it, or those that were edited. Or a list of new mentors:
      <code>mentor_id</code> in the first line, then one id a line. A column <code>name</code> is not sent: its names
      stay in this browser. Nothing is changed before you have seen what would be.</p>
    ${upload?.lines.length ? drawAction("upload", "Apply", applyTable, fields, { isWrite: true })
      : drawAction("upload", "Check", checkTable, fields)}`;
}

/** Send a file as a dry run, and keep what it would do. */
async function checkTable({ file }) {
  const source = await readText(file);
  const { text, names } = prepareTable(source);
  const rows = parse(text);
  const [header] = rows;
  if (!("mentor_id" in header || "pause_record_id" in header)) throw new Problem({ detail: NO_TABLE });
  const other = Object.keys(header).find((column) => column && !COLUMNS.includes(column));
  if (other) {
    const detail = `Nothing was sent: a table has no column “${other}”. Delete it, or rename it to “name”.`;
    throw new Problem({ detail });
  }
  const list = "pause_record_id" in header || "start_date" in header ? "pause-records" : "mentor-statuses";
  const checked = await sendTable(list, text, rows, "?dry_run=true");
  const changing = changingOf(checked).slice(0, LINES);
  const before = await readRepresentations(list, mentorsOf(changing.filter(({ outcome }) => outcome === "updated")));
  const lines = changing.map((line) => sayLine(line, before.get(keyOf(line)), rows[line.line - 1]));
  model.upload = { source, names, list, rows, lines, words: sayCounts(checked) };
  if (!lines.length) addNames(names); // nothing is left to apply, so they are kept at once
}

async function applyTable() {
  const { list, source, rows, names } = model.upload;
  const { text } = prepareTable(source); // once more: by now it may be known who writes
  const applied = await sendTable(list, text, rows).finally(() => (model.upload = null));
  addNames(names);
  const changed = changingOf(applied);
  return recordWrite(changed, entriesOf(changed), `table applied: ${sayCounts(applied)}`);
}

const sendTable = async (list, body, rows, query = "") =>
  (await send("POST", `${list}.csv${query}`, { body, type: "text/csv" }).catch((problem) => {
    throw problem.code === "rows_refused" ? refusalOfRows(problem, rows) : problem;
  })).data;

/** Read what a table has of some mentors, by the keys of rows: all that a line of an upload may change. */
async function readRepresentations(list, ids) {
  const readGroup = async (group) => (await get(`${list}.csv`, { mentor_id: group.join() })).file.text();
  const texts = await Promise.all(groupsOf(ids).map(readGroup));
  return new Map(texts.flatMap((text) => parse(text).slice(1)).map((each) => [keyOf(each), each]));
}

/** Return the problem of lines that are refused, each of them said once, with its mentor. */
function refusalOfRows({ status, code, detail, errors }, rows) {
  const [wrong] = detail.match(/^.*?\./) ?? [detail];
  const [more] = detail.match(/ Not shown: \d+ more\.$/) ?? [""];
  const withMentor = (line, number) => [line, sayMentor(rows[number - 1]?.mentor_id)].filter(Boolean).join(", ");
  const sayError = ([name, texts]) => `${name.replace(/^line (\d+)/, withMentor)}: ${texts.join(" ")}`;
  const lines = Object.entries(errors).map(sayError);
  return new Problem({ status, code, detail: wrong + more, lines });
}

const sayCounts = ({ created, updated, unchanged }) => `${created} created, ${updated} updated, ${unchanged} unchanged`;

/** Say what would become of a line: `line 3, mentor-042, updated – back: Fri, May 8, instead of Fri, May 1`. */
function sayLine({ line, outcome, mentor_id: mentor }, before = {}, row) {
  const { status, ...cells } = row; // an empty status changes nothing
  const changes = sayDifferences(before, status ? row : cells).join("; ");
  return `line ${line}, ${sayMentor(mentor)}, ${outcome}${changes && ` – ${changes}`}`;
}

/** Read a file of names, which takes the place of the one before. */
async function loadNames({ file }) {
  const named = parseMentors(readRows(await readText(file)), "loaded").filter(([, name]) => name);
  if (!named.length) throw new Problem({ detail: "The file has no line with an id and a name." });
  const until = replaceNames(named) ? "" : "; this browser keeps nothing: they are forgotten when this page is left";
  return { words: `${countOf(named.length, "name")} loaded${until}` };
}

/** Read the file of a field. */
async function readText({ files: [file] }) {
  const detail = "The file was changed or moved since you chose it. Choose it again.";
  const fail = () => { throw new Problem({ detail }) };
  const bytes = await file.arrayBuffer().catch(fail);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem({ detail: "The file is not in UTF-8. Save it as “CSV UTF-8”, and load it again." });
  }
}

/** Copy the address of the calendar, and show it: below that of the page, with the query that the token needs. */
async function copyCalendar() {
  const { data } = await get("calendar-address");
  const address = String(urlOf(`pause-records.ics${new URL(data.path, document.baseURI).search}`));
  const isCopied = await copy(address);
  const field = html`<input readonly aria-label="Address of the calendar" .value=${address}
    @focus=${({ target }) => target.select()}>`;
  const link = html`<a class="button" href=${address.replace(/^https?:/, "webcal:")}>Open in a calendar program</a>`;
  return { words: isCopied ? "the address is copied" : "the address:", detail: html`${field} ${link}` };
}

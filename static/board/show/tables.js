// The panel of tables to download and to upload, and of the calendar's address; and the panel of names to show.

import { html, nothing } from "../lit-html/lit-html.js";
import { Problem, get, getFile, urlOf } from "../read/api.js";
import { dateOfInstant, now } from "../read/days.js";
import { sayEntry } from "../read/history.js";
import { keyOfPlace } from "../read/keys.js";
import { draw, model } from "../read/model.js";
import {
  addNames, forgetNames, hasNames, nameOf, parseMentors, replaceNames, sayMentor,
} from "../read/names.js";
import { sortRows } from "../read/list.js";
import { rowOfPause } from "../read/pauses.js";
import { sayReason } from "../read/reasons.js";
import { getToken } from "../read/storage.js";
import { countOf, join, sayStatus } from "../read/words.js";
import {
  SENT_COLUMNS, changingOf, parse, prepareTable, readRows, sendTable, writeReadable,
} from "../write/csv.js";
import { carryOut, recordWrite } from "../write/saving.js";
import { drawButton, drawOutcome } from "./outcomes.js";

const UPLOAD = keyOfPlace("upload");
const LINES = 200; // of an upload that are shown
const SPREADSHEETS = ["PK\x03\x04", "ÐÏ\x11à"]; // the first bytes of an .xlsx or .ods, and of an .xls
const NO_TABLE = "Nothing was sent: the first line has to name the columns of a table, such as mentor_id. "
  + "A file of names is loaded under “Names”.";

export const drawTables = () => html`
  <h3>Download</h3>
  ${drawPanelForm("download", "Download", download, html`
    <label>Table of <select name="table">
      ${hasNames() ? html`<option value="" selected>mentors with names</option>` : nothing}
      <option value="pause-records">pauses</option><option value="mentor-statuses">mentors</option></select></label>
    <label>As <select name="excel"><option value="">CSV</option>
      <option value="comma">CSV for Excel, with commas</option>
      <option value="semicolon">CSV for Excel, with semicolons</option></select></label>`)}
  <p class="note">${hasNames()
    ? "A table with names is for reading. To edit one and upload it, choose pauses or mentors." : ""}</p>
  <h3>Calendar</h3>
  <p class="note">A calendar program can subscribe to all pauses, without reasons and names. ${getToken()
      ? "Whoever has it can see the pauses: keep it to yourself. It ends when your token is replaced." : ""}</p>
  ${drawPanelForm("calendar", "Get the calendar's address", copyCalendar, nothing)}
  ${model.mayWrite ? drawUpload() : nothing}`;

export const drawNames = () => html`
  <p class="note">The service knows mentors by their ids. To see their names, load a file with an id and a name in each
    line. The names stay in this browser: they are sent nowhere.
    ${hasNames() ? `Loaded now: ${countOf(model.names.size, "name")}.` : ""}</p>
  ${drawPanelForm("names", "Load names", loadNames, html`
    <label>File of names <input type="file" name="file" accept=".csv,.tsv,.txt,text/csv" required
      @change=${sendIfChosen} @cancel=${sendIfChosen}></label>`,
    { more: hasNames() ? html`<button type="button" @click=${forgetNames}>Forget the names</button>` : nothing })}`;

/** Draw the form of an action, which acts by `act(elements)`; the outcome stands below. `name` is that of its key. */
function drawPanelForm(name, label, act, fields, { isWrite = false, more = nothing } = {}) {
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
      <p class="buttons">${drawButton(key, label, () => {}, {
        type: "submit", className: isWrite || (name === "names" && !hasNames()) ? "primary" : "" })} ${more}</p>
      <div class="outcome">${drawOutcome(key)}</div>
    </form>`;
}

/** Send the form of a file as soon as one is chosen. (A browser calls it `cancel` if it is the same one again.) */
const sendIfChosen = ({ target }) => target.files.length && target.form.requestSubmit();

async function download({ table, excel }) {
  if (!table.value) return downloadNamed(excel.value);
  const file = await getFile(`${table.value}.csv`, { excel: excel.value });
  save(file, table.value);
  const lines = readRows(await file.text()).length - 2; // without the header, and without what follows the last line
  return { words: `${countOf(lines, table.value === "pause-records" ? "pause" : "mentor")} downloaded` };
}

/** Download a table of all mentors with their names, to be read: it is made here, since the service knows no names. */
async function downloadNamed(excel) {
  const file = await getFile("mentor-statuses.csv");
  const mentors = parse(await file.text()).slice(1).filter(({ mentor_id: id }) => id);
  const rows = sortRows(mentors, "mentor_id").map((mentor) => {
    const { mentor_id: id, pause_start_date: start, expected_return_date: back, pause_reason: reason } = mentor;
    const isOverdue = start && rowOfPause({ ...mentor, start_date: start }, { at: now() }).phase === "overdue";
    const [from, until] = [start, back].map((instant) => (instant ? dateOfInstant(instant) : ""));
    const status = isOverdue ? "overdue" : sayStatus(mentor.status);
    return [nameOf(id) ?? "", id, status, sayReason(reason) ?? "", from, until];
  });
  const text = writeReadable([["Name", "Id", "State", "Reason", "Away from", "Back on"], ...rows], excel);
  save(new Blob([text], { type: "text/csv" }), "mentors-with-names");
  return { words: `${countOf(rows.length, "mentor")} downloaded` };
}

function save(file, name) {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: `${name}.csv` }).click();
}

/** Draw the upload: a file is checked when it is chosen; what it would do is said, and applied by a click. */
function drawUpload() {
  const { upload } = model;
  const choose = (event) => {
    model.upload = null;
    model.outcomes.delete(UPLOAD);
    draw();
    sendIfChosen(event);
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
    ${upload?.lines.length ? drawPanelForm("upload", "Apply", applyTable, fields, { isWrite: true })
      : drawPanelForm("upload", "Check", checkTable, fields)}`;
}

async function checkTable({ file }) {
  const source = await readText(file);
  const { text, names } = prepareTable(source);
  const rows = parse(text);
  const [header] = rows;
  if (!("mentor_id" in header || "pause_record_id" in header)) throw new Problem({ detail: NO_TABLE });
  const other = Object.keys(header).find((column) => column && !SENT_COLUMNS.includes(column));
  if (other) {
    const detail = `Nothing was sent: a table has no column “${other}”. Delete it, or rename it to “name”.`;
    throw new Problem({ detail });
  }
  const list = "pause_record_id" in header || "start_date" in header ? "pause-records" : "mentor-statuses";
  const checked = await sendTable(list, text, "?dry_run=true").catch((problem) => raiseRefusal(problem, rows));
  const lines = changingOf(checked).slice(0, LINES).map((line) => sayLine(line, list));
  model.upload = { source, names, list, rows, lines, words: sayCounts(checked) };
  if (!lines.length) addNames(names); // nothing is left to apply, so they are kept at once
}

async function applyTable() {
  const { list, source, rows, names } = model.upload;
  const { text } = prepareTable(source); // once more: by now it may be known who writes
  const sent = sendTable(list, text).catch((problem) => raiseRefusal(problem, rows));
  const applied = await sent.finally(() => (model.upload = null));
  addNames(names);
  const changed = changingOf(applied);
  return recordWrite(changed, `table applied: ${sayCounts(applied)}`);
}

/** Raise the Problem of an upload; of lines that are refused with their mentors. */
function raiseRefusal(problem, rows) {
  const { status, code, detail, refusedLines, more } = problem;
  if (!refusedLines) throw problem;
  const lines = refusedLines.map(({ index, column, words }) =>
    `${join(`line ${index + 2}`, sayMentor(rows[index + 1]?.mentor_id), column)}: ${words}`);
  const [wrong] = detail.match(/^.*?\./);
  throw new Problem({ status, code, detail: [wrong, ...more].join(" "), lines });
}

const sayCounts = ({ created, updated, unchanged }) => `${created} created, ${updated} updated, ${unchanged} unchanged`;

/** Say what a line of a table of a list would do: `line 3, mentor-042: opened a pause: Illness, Fri, May 1 – …`. */
function sayLine({ line, outcome, mentor_id: mentor, ...entry }, list) {
  const event = outcome === "created" && list === "mentor-statuses" ? "created" : "updated";
  return `line ${line}, ${sayMentor(mentor)}: ${sayEntry({ event, ...entry })}`;
}

/** Read a file of names, which takes the place of the one before. */
async function loadNames({ file }) {
  const named = parseMentors(readRows(await readText(file)), "loaded").filter(([, name]) => name);
  if (!named.length) throw new Problem({ detail: "The file has no line with an id and a name." });
  const until = replaceNames(named) ? "" : "; this browser keeps nothing: they are forgotten when this page is left";
  return { words: `${countOf(named.length, "name")} loaded${until}` };
}

async function readText({ files: [file] }) {
  const detail = "The file was changed or moved since you chose it. Choose it again.";
  const fail = () => { throw new Problem({ detail }) };
  const bytes = await file.arrayBuffer().catch(fail);
  const start = new TextDecoder("latin1").decode(bytes.slice(0, 4));
  if (SPREADSHEETS.includes(start)) throw new Problem({ detail: "This is a spreadsheet's own file: save it as CSV." });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem({ detail: "The file is not in UTF-8. Save it as “CSV UTF-8”, and load it again." });
  }
}

/** Copy the address of the calendar, and show it: below that of the page, with the query that the token needs. */
async function copyCalendar() {
  const { path } = await get("calendar-address");
  const address = String(urlOf(`pause-records.ics${new URL(path, document.baseURI).search}`));
  const copy = async () => navigator.clipboard.writeText(address); // not without TLS, and a browser may refuse
  const isCopied = await copy().then(() => true, () => false);
  const detail = html`<input readonly aria-label="Address of the calendar" .value=${address}
      @focus=${({ target }) => target.select()}>
    <p class="note">Paste it into your calendar. Google Calendar: Other calendars, Add, From URL. Outlook: Add calendar,
      Subscribe from web. Apple Calendar: File, New Calendar Subscription. A program on this device:
      <a href=${linkForPrograms(address)}>Open in a calendar program</a></p>`;
  return { words: isCopied ? "the address is copied" : "the address:", detail };
}

/** Return the link by which a browser gives an address to a calendar program: `webcals:` asks for it by `https:`. */
export const linkForPrograms = (address) => address.replace(/^http(s?):/, "webcal$1:");

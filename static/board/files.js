// Tables to download and to upload, names to show, and the calendar's address.

import { copyOf, countOf, find } from "./elements.js";
import { Problem, addressOf, get, send } from "./api.js";
import { changingOf, entriesOf, mentorsOf, parse, readLines, readRows, sign } from "./csv.js";
import { differences } from "./differences.js";
import { announceWritten, onSubmit } from "./forms.js";
import { forgetNames, sayMentor, takeNames } from "./names.js";
import { keyOf } from "./together.js";

const LINES = 200; // of an upload that are shown
const NO_TABLE = "Nothing was sent: the first line has to name the columns of a table, such as mentor_id. "
  + "A file of names is loaded under “Names”.";

/** Return a page of the forms. */
export async function drawFiles() {
  const page = copyOf("files-view");
  const uploadForm = find("#upload", page);
  onSubmit(uploadForm, () => checkFile(uploadForm.elements.file.files[0]));
  const form = find("#download", page);
  onSubmit(form, () => download(form.elements.table.value, form.elements.excel.value));
  const names = find("#names", page);
  onSubmit(names, () => loadNames(names.elements.file.files[0]));
  find(".forget", names).addEventListener("click", () => {
    forgetNames();
    find(".result p", names).textContent = "The names are forgotten.";
  });
  const calendar = find("#calendar", page);
  onSubmit(calendar, () => copyCalendar(calendar.elements.address));
  return page;
}

/** Read a file of names, and show them. */
async function loadNames(file) {
  const { count, isKept } = takeNames(readRows(decode(await file.arrayBuffer())));
  const until = isKept ? "" : " This browser keeps nothing: they are forgotten when this page is left.";
  return { text: `${countOf(count, "name")} loaded.${until}` };
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem({ detail: "The file is not in UTF-8. Save it as “CSV UTF-8”, and load it again." });
  }
}

/** Copy the address of the calendar, and show it in a field: if the browser does not copy it, the reader does. */
async function copyCalendar(field) {
  const reading = readCalendarAddress();
  // It is given the promise, since Safari allows it only at once after the click; and only in a secure context.
  const copy = () => navigator.clipboard.write([new ClipboardItem({ "text/plain": reading })]);
  const isCopied = navigator.clipboard && await copy().then(() => true, () => false);
  [field.value, field.hidden] = [await reading, false];
  field.onfocus = () => field.select();
  const forbidden = "The browser did not allow to copy it. Choose the field above, and copy the address from there.";
  return { text: isCopied ? "It is copied: paste it into your calendar program." : forbidden };
}

/** Return the address of the calendar: beside the page, with what the service says that belongs to the token. */
async function readCalendarAddress() {
  const { data } = await get("calendar-address");
  return String(addressOf(`pause-records.ics${new URL(data.path, document.baseURI).search}`));
}

async function download(table, excel) {
  const { file } = await get(`${table}.csv`, { excel });
  Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${table}.csv` }).click();
}

/** Send a file as a dry run; return what applies it (null: it would change nothing), and in words what would change. */
async function checkFile(file) {
  const bytes = await file.arrayBuffer();
  const text = new TextDecoder().decode(bytes);
  const rows = parse(text);
  const [header] = rows;
  const isTable = ("mentor_id" in header || "pause_record_id" in header) && !("name" in header);
  if (!isTable) throw new Problem({ detail: NO_TABLE });
  const list = "pause_record_id" in rows[0] || "start_date" in rows[0] ? "pause-records" : "mentor-statuses";
  const refuse = (problem) => { throw problem.code === "rows_refused" ? refusalOfRows(problem, rows) : problem; };
  const sendTable = async (body, query = "") =>
    (await send("POST", `${list}.csv${query}`, { body, type: "text/csv" }).catch(refuse)).data;
  const checked = await sendTable(bytes, "?dry_run=true"); // as it is: what is refused is said of these lines
  const changing = changingOf(checked).slice(0, LINES);
  const updated = mentorsOf(changing.filter(({ outcome }) => outcome === "updated"));
  const before = new Map((await readLines(list, [...new Set(updated)])).map((line) => [keyOf(line), line]));
  const lines = changing.map((line) => sayLine(line, before.get(keyOf(line)), rows[line.line - 1]));
  const apply = async () => {
    const applied = await sendTable(sign(text));
    const words = `The table is applied: ${count(applied)}.`;
    await announceWritten({ words, entries: entriesOf(changingOf(applied)) });
  };
  return { apply: changing.length ? apply : null, text: `This would be: ${count(checked)}.`, lines };
}

/** Return the problem of lines that are refused, each of them said once, with its mentor. */
function refusalOfRows({ status, code, detail, errors }, rows) {
  const [wrong, more = ""] = [/^.*?\./, / Not shown: \d+ more\.$/].map((part) => detail.match(part)?.[0]);
  const withMentor = (line, number) => [line, sayMentor(rows[number - 1]?.mentor_id)].filter(Boolean).join(", ");
  const said = Object.entries(errors).map(([name, texts]) => [name.replace(/^line (\d+)/, withMentor), texts]);
  return new Problem({ status, code, detail: wrong + more, errors: Object.fromEntries(said) });
}

const count = ({ created, updated, unchanged }) => `${created} created, ${updated} updated, ${unchanged} unchanged`;

/** Say what would become of a line: `line 3, mentor-042, updated – expected back: 1 May 2026 → 8 May 2026`. */
function sayLine({ line, outcome, mentor_id: mentor }, before = {}, row) {
  const { status, ...cells } = row; // without a status, it stays
  const changes = differences(before, status ? row : cells).join("; ");
  return `line ${line}, ${sayMentor(mentor)}, ${outcome}${changes && ` – ${changes}`}`;
}

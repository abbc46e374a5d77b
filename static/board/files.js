// Tables to download and to upload, and the calendar's address.

import { copyOf, find } from "./elements.js";
import { addressOf, get, pathOf, send } from "./api.js";
import { parse } from "./csv.js";
import { differences } from "./differences.js";
import { announce, onSubmit } from "./forms.js";

const LINES = 200; // of an upload that are shown

/** Draw the forms into a place. */
export function drawFiles(place) {
  const page = copyOf("files-view", { calendar: addressOf("pause-records.ics") });
  const upload = find("#upload", page);
  onSubmit(upload, () => check(upload.elements.file.files[0]));
  const form = find("#download", page);
  onSubmit(form, () => download(form.elements.table.value, form.elements.excel.value));
  find("#copy", page).addEventListener("click", copyCalendar);
  place.replaceChildren(page);
}

async function copyCalendar({ target }) {
  find("#calendar").select();
  // In a secure context only, and if the browser allows it; else the reader copies it.
  const isCopied = await navigator.clipboard?.writeText(find("#calendar").value).then(() => true, () => false);
  target.textContent = isCopied ? "Copied" : "Selected";
}

async function download(table, excel) {
  const { file } = await get(`${table}.csv`, { excel });
  Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${table}.csv` }).click();
}

/** Send a file as a dry run; return what applies it (null: it would change nothing), and in words what would change. */
async function check(file) {
  const body = await file.arrayBuffer();
  const text = new TextDecoder().decode(body);
  const path = /^[^\n]*pause_record_id/.test(text) ? "pause-records.csv" : "mentor-statuses.csv";
  const upload = async (query) => (await send("POST", path + query, { body, type: "text/csv" })).data;
  const data = await upload("?dry_run=true");
  const changing = data.data.filter(({ outcome }) => outcome !== "unchanged").slice(0, LINES);
  const rows = parse(text);
  const lines = await Promise.all(changing.map((line) => sayLine(line, rows[line.line - 1])));
  const apply = async () => announce(`The table is applied: ${count(await upload(""))}.`);
  return { apply: changing.length ? apply : null, text: `This would be: ${count(data)}.`, lines };
}

const count = ({ created, updated, unchanged }) => `${created} created, ${updated} updated, ${unchanged} unchanged`;

/** Say what would become of a line: `line 3, mentor-042, updated – expected back: 1 May 2026 → 8 May 2026`. */
async function sayLine({ line, outcome, mentor_id: mentorId, pause_record_id: recordId }, row) {
  const path = recordId ? pathOf("pause-records", recordId) : pathOf("mentor-statuses", mentorId ?? row.mentor_id);
  const before = outcome === "updated" ? (await get(path)).data : {};
  const { status, ...cells } = row; // without a status, it stays
  const changes = differences(before, status ? row : cells).join("; ");
  return `line ${line}, ${mentorId ?? row.mentor_id}, ${outcome}${changes && ` – ${changes}`}`;
}

// Tables to download and to upload, and the calendar's address.

import { copyOf, find, make } from "./elements.js";
import { get, mentorPath, recordPath, send } from "./api.js";
import { differences } from "./forms.js";

const LINES = 200; // of an upload that are shown

/** Draw the forms into a place; `changed(text)` is called after an upload. */
export function drawFiles(place, mayWrite, changed) {
  const page = copyOf("files-view");
  const [address, copy] = [find("#calendar", page), find("#copy", page)];
  address.value = new URL("api/v1/pause-records.ics", document.baseURI);
  copy.addEventListener("click", async () => {
    address.select();
    await navigator.clipboard?.writeText(address.value); // in a secure context only; else the reader copies it
    copy.textContent = navigator.clipboard ? "Copied" : "Selected";
  });
  find("[data-writes]", page).hidden = !mayWrite;
  onSubmit(find("#download", page), download);
  const upload = find("#upload", page);
  onSubmit(upload, (fields, form) => (form.checked ? apply(form, changed) : check(fields, form)));
  upload.addEventListener("change", () => show(upload, null));
  place.replaceChildren(page);
}

/** Call `act(fields, form)` when a form is submitted, and show the problem that it meets, with each line's. */
function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const alert = find("[role=alert]", form);
    alert.replaceChildren();
    await act(form.elements, form).catch((problem) => {
      const errors = Object.entries(problem.errors ?? {}).map(([name, messages]) => `${name}: ${messages.join(" ")}`);
      alert.replaceChildren(make("p", {}, problem.message), make("ul", {}, errors.map((text) => make("li", {}, text))));
    });
  });
}

async function download({ table, excel }) {
  const { text } = await get(`${table.value}.csv`, { excel: excel.value });
  const parts = [excel.value ? "\ufeff" : "", text]; // the byte order mark, which Excel needs and fetch() has taken off
  const address = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  make("a", { href: address, download: `${table.value}.csv` }).click();
  URL.revokeObjectURL(address);
}

/** Send the table as a dry run, and show what would change. */
async function check({ file }, form) {
  const text = await readText(file.files[0]);
  const path = /^[^\n]*pause_record_id/.test(text) ? "pause-records.csv" : "mentor-statuses.csv";
  const { data } = await send("POST", `${path}?dry_run=true`, { body: text, type: "text/csv" });
  const changing = data.data.filter(({ outcome }) => outcome !== "unchanged").slice(0, LINES);
  const rows = parse(text);
  const lines = await Promise.all(changing.map((line) => sayLine(line, rows[line.line - 1])));
  show(form, changing.length > 0 ? { path, text } : null, `This would be: ${count(data)}.`, lines);
}

async function readText(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error("The file is not UTF-8: save it as “CSV UTF-8”, and choose it again.");
  }
}

async function apply(form, changed) {
  const { data } = await send("POST", form.checked.path, { body: form.checked.text, type: "text/csv" });
  form.reset();
  show(form, null);
  await changed(`The table is applied: ${count(data)}.`);
}

/** Show the result of a check; `checked` is what the button applies, or null where it checks. */
function show(form, checked, text = "", lines = []) {
  form.checked = checked;
  find("button", form).textContent = checked ? "Apply" : "Check";
  const list = make("ul", {}, lines.map((line) => make("li", {}, line)));
  find(".result", form).replaceChildren(make("p", {}, text), list);
}

const count = ({ created, updated, unchanged }) => `${created} created, ${updated} updated, ${unchanged} unchanged`;

/** Say what would become of a line: `line 3, mentor-042, updated – expected back: 1 May 2026 → 8 May 2026`. */
async function sayLine({ line, outcome, mentor_id: mentorId, pause_record_id: recordId }, row) {
  const path = recordId ? recordPath(recordId) : mentorPath(mentorId ?? row.mentor_id);
  const before = outcome === "updated" ? (await get(path)).data : {};
  const changes = differences(before, row).join("; ");
  return `line ${line}, ${mentorId ?? row.mentor_id}, ${outcome}${changes && ` – ${changes}`}`;
}

/** Read a table as one object a line, by the names in its header; a date is an instant. */
function parse(text) {
  const separator = text.match(/[,;\t]/)?.[0] ?? ",";
  const rows = [[""]];
  for (const [part] of text.replace("\ufeff", "").matchAll(/"(?:[^"]|"")*"|\r?\n|[,;\t]|[^",;\t\r\n]+/g)) {
    if (part.endsWith("\n") && part[0] !== '"') rows.push([""]);
    else if (part === separator) rows.at(-1).push("");
    else rows.at(-1)[rows.at(-1).length - 1] += part[0] === '"' ? part.slice(1, -1).replaceAll('""', '"') : part;
  }
  const value = (cell = "") => cell.replace(/^'(?=[=+@'-])/, "").replace(/^(\d{4}-\d\d-\d\d)$/, "$1T00:00:00Z");
  return rows.map((cells) => Object.fromEntries(rows[0].map((name, index) => [name, value(cells[index])])));
}

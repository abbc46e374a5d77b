// Forms: what was typed stays until the write has succeeded, and a problem is shown as the API wrote it.

import { copyOf, find, findAll } from "./elements.js";
import { get, pathOf, readHistory, send } from "./api.js";
import { fieldDay, writeDay } from "./days.js";
import { differences } from "./differences.js";
import { redraw } from "./guard.js";
import { sayEntry, sayWriter } from "./history.js";
import { sayMentor } from "./names.js";
import { metadataOf } from "./storage.js";
import { reasonOf, reasonsByWords, sayReason } from "./pauses.js";
import { countEnded, remember, sayWrite } from "./undo.js";
import { go } from "./view.js";

export const SO_ALREADY = "it is so already, so nothing was changed.";
export const LOST = "No answer came: the change may have been made, or not. Trying again is safe.";
// The code of the problem that a second try meets, if the first one was made.
const REPEATED = { POST: "already_exists", DELETE: "not_found" };

/** Let the page know what to say of a write. Without a text, the page is only drawn anew. */
export const announce = (text) => document.dispatchEvent(new CustomEvent("written", { detail: text }));

/**
 * Have a form act when it is submitted, and show the problem that it meets. If `act()` has only checked what the form
 * asks for, it returns `{apply, text, lines}`: the button then calls `apply` (null: there is nothing to do), and `text`
 * and `lines` say what that would do.
 */
export function onSubmit(form, act) {
  const button = find(".submit", form);
  const word = button.textContent;
  let isTyped = false; // anything, since it was submitted
  let checked = null; // what the button applies
  const show = (apply, text = "", lines = []) => {
    if (apply || checked) rename(button, apply ? "Apply" : word); // else it keeps its word, such as Try again
    checked = apply;
    showLines(find(".result", form), text, lines);
  };
  form.addEventListener("input", () => {
    isTyped = true;
    show(null);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const title = find("#panel-title").textContent;
    const applied = checked;
    button.disabled = true;
    isTyped = false;
    showLines(find("[role=alert]", form), "");
    for (const input of findAll("[aria-invalid]", form)) refuse(input, "");
    try {
      const { apply = null, text, lines } = (await (applied ?? act)()) ?? {};
      if (applied && !isTyped) form.reset();
      if (!isTyped) show(apply, text, lines);
    } catch (problem) {
      if (applied && problem.status === 0) problem.message = LOST;
      else if (applied) show(null); // it is not as it was checked
      showProblem(form, problem, title);
      if (problem.status === 412) announce(); // so that the page shows what a colleague has changed
    }
    button.disabled = false;
    if (isTyped) return;
    (find("[aria-invalid]", form) ?? button).focus();
    find("[role=alert] > :not(:empty)", form)?.scrollIntoView({ block: "nearest" }); // it may be far above the button
  });
}

/** Give a button another word; a second click was meant for the first one. */
const rename = (button, word) => redraw(() => (button.textContent = word));

/** Show what a problem says: at the fields that it names, and above them; if the form is gone, on the page. */
function showProblem(form, { message, errors = {}, lines = [] }, title) {
  const texts = Object.entries(errors).map(([name, messages]) => [name, messages.join(" ")]);
  if (!form.checkVisibility())
    return announce([`${title}: ${message}`, ...lines, ...texts.map((each) => each.join(": "))].join(" "));
  const isField = ([name]) => name in form.elements;
  for (const [name, text] of texts.filter(isField)) refuse(form.elements[name], text);
  const others = texts.filter((each) => !isField(each)).map((each) => each.join(": "));
  const isSaid = !others.length && find("[aria-invalid]", form); // at the field
  showLines(find("[role=alert]", form), isSaid ? "" : message, [...lines, ...others]);
}

/** Say at a field what is wrong with it; an empty text: nothing. */
function refuse(input, text) {
  input.ariaInvalid = text ? "true" : null;
  find(".error", input.closest("p")).textContent = text;
}

/** Show a text and a list in an element that has a paragraph and a list. */
function showLines(element, text, lines = []) {
  find("p", element).textContent = text;
  find("ul", element).replaceChildren(...lines.map((line) => copyOf("item", { line })));
}

/**
 * Have each button in `root` that describes a write show its form, in the element below the buttons. A button that does
 * not name all of `states` is hidden. `complete(write)` returns the rest of the write.
 */
export function offer(root, states, complete) {
  for (const button of findAll("[data-fields]", root)) {
    const { dataset } = button;
    const title = button.textContent.replace("…", "");
    const fields = dataset.fields.split(" ");
    const write = { title, submit: title, ...dataset, fields, body: dataset.body && JSON.parse(dataset.body) };
    button.hidden = !states.every((state) => dataset.states.split(" ").includes(state));
    button.addEventListener("click", () => {
      if (find("#panel .submit:disabled")) return; // a write is on its way
      const form = showForm(button.parentElement.nextElementSibling, { ...write, ...complete(write) });
      if ("atOnce" in dataset) form.requestSubmit(); // there is nothing to type, and it can be taken back
    });
  }
}

/**
 * Show the form of a write and return it.
 *
 * `write` has its `title`, a `note` below it, `submit` (the word on its button), `method`, `path`, `body`, the names of
 * its `fields` and their `values`, and what is `said` of the mentor after success, of `mentorId` or of the one typed;
 * `seen`, what GET answered before, whose ETag is sent; and `newest`, the id of the newest entry of the mentor's
 * history that was read before that. A write that is checked first has `act(form)`, see onSubmit().
 */
export function showForm(place, write) {
  const form = copyOf("write-form", write);
  for (const input of findAll("input", form))
    if (!write.fields.includes(input.name)) input.closest("p").remove();
  showValues(form, write.values);
  const suggested = [...reasonsByWords().keys()].map((words) => copyOf("option", { reason: words, words }));
  find("#reasons").replaceChildren(...suggested);
  find("[type=button]", form).addEventListener("click", () => {
    redraw(() => form.remove());
    announce();
  });
  form.addEventListener("input", () => (write.wasLost = false)); // what is sent then is another write
  onSubmit(form, () => (write.act ?? submit)(form, write));
  const others = findAll(".write", place.closest("#panel"));
  const show = () => {
    for (const other of others) other.remove();
    place.replaceChildren(form);
  };
  if (others.length) redraw(show);
  else show();
  find("input, .submit", form).focus();
  return form;
}

const isReason = (input) => input.name.endsWith("reason");

/** Show values in the fields, a reason as words; what was typed into one stays. */
function showValues(form, values) {
  for (const input of findAll("input", form)) {
    const value = values?.[input.name] ?? "";
    const isTyped = input.value !== input.defaultValue;
    const words = (isReason(input) && sayReason(value)) || value;
    input.defaultValue = input.type === "date" && value ? fieldDay(value) : words;
    if (!isTyped) input.value = input.defaultValue;
  }
}

async function submit(form, write) {
  const { notes, ...fields } = typedIn(form);
  let answer = {}; // a lost one stays so
  try {
    const body = write.body && { ...write.body, ...fields, metadata: metadataOf(notes) };
    answer = await send(write.method, write.path + queryOf(write, form), { body, etag: write.seen?.etag });
  } catch (problem) {
    const isRepeat = write.wasLost && problem.code && problem.code === REPEATED[write.method];
    if (!isRepeat) throw await explain(form, write, problem);
  }
  if (fields.mentor_id && form.checkVisibility()) go({ mentor: fields.mentor_id }); // who is new
  redraw(() => form.remove());
  for (const button of findAll("#panel [data-fields]")) button.disabled = true; // until the panel is drawn anew
  const mentor = write.mentorId ?? fields.mentor_id;
  if (answer.isReplayed) return announce(`${sayMentor(mentor)}: ${SO_ALREADY}`);
  const start = fields.pause_start_date ?? fields.start_date;
  const words = `${write.said.replace("{from}", start ? writeDay(start) : "now on")}.`;
  await announceWritten({ mentor, words, entries: [answer.entry].filter(Boolean) }, write.body);
}

/** Return the query of a deletion: that it erases the history, or who deletes. */
function queryOf({ method, query }, form) {
  if (query || form.elements.erase?.checked) return "?erase=true";
  const { initiated_by: name } = metadataOf() ?? {};
  return method === "DELETE" && name ? `?${new URLSearchParams({ initiated_by: name })}` : "";
}

/** Announce a write, and offer to undo it; of one whose `body` brings mentors back say if it ended more pauses. */
export async function announceWritten(write, body) {
  const ended = body?.status === "active" ? await countEnded(write).catch(() => 0) : 0;
  const isMore = ended > write.entries.length;
  const done = { ...write, words: isMore ? `${write.words} ${ended} pauses ended.` : write.words };
  remember(done);
  announce(sayWrite(done));
}

/** Return the fields that were changed, a reason as in use. */
export function typedIn(form) {
  const changed = findAll("input", form).filter((input) => input.value.trim() !== input.defaultValue);
  const valueOf = (input) => {
    const text = input.value.trim();
    return (isReason(input) ? reasonOf(text) : text) || null;
  };
  return Object.fromEntries(changed.map((input) => [input.name, valueOf(input)]));
}

/** Return the problem of a write with what to say of it, and with what is there now where that is in its way. */
async function explain(form, write, problem) {
  const button = find(".submit", form);
  // After a 503 only a deletion counts as lost: that the mentor is gone is true, whoever did it.
  if (problem.status === 0 || (problem.status === 503 && write.method === "DELETE")) write.wasLost = true;
  if (problem.status === 0) {
    rename(button, "Try again");
    problem.message = LOST;
  } else if (problem.status === 412 && !write.seen.etag) { // it erases the history of a former mentor
    problem.message = "Not done: somebody has added this mentor again.";
  } else if (problem.status === 412) {
    const { seen: { data: before }, newest: known } = write;
    const { data: [newest] } = await readHistory({ mentor_id: write.mentorId }, 1);
    write.seen = await get(write.path);
    write.newest = newest?.history_entry_id;
    rename(button, "Send it all the same");
    const isNew = write.newest !== known;
    const who = isNew ? `${sayWriter(newest)}, changed this` : "A pause has begun or ended by its dates";
    problem.message = `${who} since you opened it. Your change was not made.`;
    const changes = differences(before, write.seen.data);
    problem.lines = changes.length || !isNew ? changes : [sayEntry(newest)];
    if (write.values) showValues(form, write.seen.data);
  } else {
    const [other] = problem.detail.match(/^pause-rec-\d+/) ?? []; // that it contradicts
    if (other) problem.lines = differences({}, (await get(pathOf("pause-records", other))).data);
  }
  return problem;
}

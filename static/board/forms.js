// A form that writes: it is sent with the ETag of what the reader saw, and keeps what was typed until it has succeeded.

import { copyOf, find, findAll, make } from "./elements.js";
import { get, send } from "./api.js";
import { writeInstant } from "./days.js";

const LOST = "No answer came: the change may have been made, or not. Trying again is safe.";
const STALE = "Somebody changed this since you opened it. Your change was not made; what you typed is still here.";
const NOTE = ["notes", "initiated_by"]; // the fields that are metadata
const WORDS = {
  status: "status",
  pause_start_date: "paused from",
  start_date: "from",
  expected_return_date: "expected back",
  end_date: "ends",
  pause_reason: "reason",
  reason: "reason",
};

/**
 * Show the form of a write and return it.
 *
 * `write` has its `title`, `submit` (the word on its button), `method`, `path`, `body`, its `fields` with their values,
 * and `done(form)`, called after success; `seen`, what GET answered before; and `repeated`, the code of the problem
 * that a second try meets where the first one has succeeded unnoticed.
 */
export function showForm(place, write) {
  const form = copyOf("write-form", write);
  for (const input of findAll("input", form)) {
    if (input.name in write.fields) input.value = write.fields[input.name];
    else input.closest("p").remove();
  }
  find("[type=button]", form).addEventListener("click", write.cancelled ?? (() => form.remove()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, write);
  });
  for (const other of findAll(".write", place.closest("#panel"))) other.remove();
  place.replaceChildren(form);
  find("input, .primary", form).focus();
  return form;
}

async function submit(form, write) {
  const button = find(".primary", form);
  button.disabled = true;
  try {
    await send(write.method, write.path, { body: bodyOf(form, write), etag: write.seen?.etag }).catch((problem) => {
      if (!write.wasLost || problem.code !== write.repeated) throw problem;
    });
    form.remove();
    await write.done(form);
  } catch (problem) {
    button.disabled = false;
    await explain(form, write, problem).catch(() => tell(form, LOST));
    (find("[aria-invalid]", form) ?? button).focus();
  }
}

/** Return what the write always sends, with the fields that were changed; the note is metadata. */
function bodyOf(form, { method, body, fields }) {
  if (method === "DELETE") return undefined;
  const typed = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  const changed = typed.filter(([name, value]) => !NOTE.includes(name) && value !== fields[name]);
  const note = typed.filter(([name, value]) => NOTE.includes(name) && value);
  const metadata = note.length > 0 && { metadata: Object.fromEntries(note) };
  if (metadata.metadata?.initiated_by) localStorage.setItem("name", metadata.metadata.initiated_by);
  return { ...body, ...Object.fromEntries(changed.map(([name, value]) => [name, value || null])), ...metadata };
}

/** Say why a write has failed, and what is there now where somebody else has changed it. */
async function explain(form, write, problem) {
  const button = find(".primary", form);
  if (problem.status === 0) {
    [write.wasLost, button.textContent] = [true, "Try again"];
    tell(form, LOST);
  } else if (problem.status === 412) {
    const before = write.seen.data;
    write.seen = await get(write.path);
    button.textContent = "Send it all the same";
    tell(form, STALE, differences(before, write.seen.data));
  } else {
    const [record] = (problem.status === 409 && problem.message.match(/^pause-rec-\d+/)) || [];
    tell(form, problem.message, record ? differences({}, (await get(`pause-records/${record}`)).data) : []);
    for (const [name, messages] of Object.entries(problem.errors ?? {})) mark(form, name, messages);
  }
}

function mark(form, name, messages) {
  form.elements[name]?.setAttribute("aria-invalid", "true");
  if (form.elements[name]) find(`#${name}-hint`, form).textContent = messages.join(" ");
}

function tell(form, text, lines = []) {
  for (const input of findAll("[aria-invalid]", form)) input.removeAttribute("aria-invalid");
  const list = make("ul", {}, lines.map((line) => make("li", {}, line)));
  find("[role=alert]", form).replaceChildren(make("p", {}, text), list);
}

/** Say in lines what differs: `expected back: 1 May 2026 → 8 May 2026`. */
export function differences(before, after) {
  const shown = (value) => (/^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? writeInstant(value) : value || "nothing");
  const changed = Object.keys(WORDS).filter((name) => name in after && (before[name] ?? "") !== (after[name] ?? ""));
  const old = (name) => (name in before ? `${shown(before[name])} → ` : "");
  return changed.map((name) => `${WORDS[name]}: ${old(name)}${shown(after[name])}`);
}

// The board: it reads what the address asks to see, draws it, and stays current.

import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { Problem, addressOf, send } from "./api.js";
import { fieldDay, writeDay } from "./days.js";
import { pauseAt } from "./pauses.js";
import { hasText, read } from "./reading.js";
import { go, link, state, viewNow } from "./view.js";
import { drawTimeline } from "./timeline.js";
import { drawTable, sortPauses } from "./table.js";
import { drawMentor } from "./mentor.js";
import { drawChosen } from "./chosen.js";
import { drawFiles } from "./files.js";
import { LOST, announce, showForm } from "./forms.js";
import { readAddress } from "./person.js";
import { chooseView, drawView, readView } from "./views.js";
import { getToken, setToken } from "./storage.js";

const [POLL, SLOW_POLL] = [20_000, 300_000]; // milliseconds; the latter is for what the service reads slowly

const ADD = {
  method: "POST", path: "mentor-statuses", submit: "Add", fields: ["mentor_id", "notes", "initiated_by"], body: {},
  repeated: "already_exists", done: (form) => go({ mentor: form.elements.mentor_id.value.trim() }),
};

const reasons = new Set(); // that were seen so far
let isTokenKnown = false; // what it may do, the classes of the page say
let drawn = ""; // what is drawn, as text
let opened = ""; // in the panel
let timer = 0;
let round = 0; // of reading: what an older one brings is too late

/** Read, and draw what has changed; when something goes wrong, say so, and keep what is drawn. */
async function refresh() {
  clearTimeout(timer);
  const own = ++round;
  const asked = viewNow();
  drawLinks(asked);
  let poll = POLL;
  try {
    if (!isTokenKnown) {
      const [{ allow }] = await Promise.all([send("OPTIONS", "pause-records/any"), readAddress()]);
      for (const [name, method] of [["may-read", "GET"], ["may-write", "PUT"]])
        document.body.classList.toggle(name, allow?.includes(method) ?? method === "GET");
      isTokenKnown = allow !== null; // a proxy may have answered
    }
    const panel = drawPanel();
    const answers = await (asked.view ? readView(asked) : read(asked));
    const view = viewNow(); // by the clock of these answers: midnight may have passed
    if (own !== round || view.view !== asked.view) return;
    (view.view ? drawView : draw)(view, answers);
    const [active, paused] = answers.totals ?? [1, 0];
    document.body.dataset.face = active + paused > 0 || view.as_of ? "ready" : "empty";
    if (["week", "trend"].includes(view.view)) poll = SLOW_POLL;
    const time = new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    fill(document, { freshness: `Up to date: ${time}`, trouble: "" });
    await panel;
  } catch (problem) {
    if (own === round || !(problem instanceof Problem)) showProblem(problem);
  }
  if (own === round && !document.hidden) timer = setTimeout(refresh, poll);
}

/** Draw the answers, if they are not what is drawn already. */
function draw(view, { records, mentors, totals, note }) {
  const [active, paused, overdue, due, ...others] = totals;
  const counts = [active, paused, overdue, due - overdue, ...others];
  const pauses = choose(view, records.map((record) => pauseAt(record, view)), mentors);
  const text = JSON.stringify([link({}), fieldDay(view.at), counts, pauses, note]);
  if (text === drawn) return;
  const isInRow = document.activeElement?.closest(".actions, .choose");
  const element = isInRow ? find("tr:focus-within a") : document.activeElement;
  const [focused, section] = [element?.getAttribute("href"), element?.closest("section")];
  for (const { reason } of [...pauses, view]) if (reason) reasons.add(reason);
  for (const [index, element] of findAll("#counts data").entries())
    Object.assign(element, { value: counts[index], textContent: counts[index].toLocaleString() });
  drawTable(find("table"), pauses, view);
  const rows = Map.groupBy(pauses, (pause) => pause.mentor_id);
  drawTimeline(find(".picture"), rows, view);
  const mentorsShown = countOf(rows.size, "mentor");
  drawControls(view, note ? `${mentorsShown} (${note})` : mentorsShown);
  const isLost = focused && document.activeElement === document.body; // what had the focus was drawn anew
  if (isLost) findAll("a", section ?? document).find((each) => each.getAttribute("href") === focused)?.focus();
  drawn = text;
}

/** Return the pauses to show, sorted, with the mentors to show who have none here. */
function choose({ show, reason, q, sort }, pauses, mentors) {
  const others = new Map(mentors.map((each) => [each.mentor_id, { ...each, words: each.status, urgency: Infinity }]));
  const hidden = show === "due" ? ["cancelled", "overdue"] : ["cancelled"];
  const isAsked = (pause) => !hidden.includes(pause.phase) && (show !== "active" || others.has(pause.mentor_id));
  const shown = pauses.filter(hasText(q)).filter(isAsked);
  for (const pause of shown) others.delete(pause.mentor_id);
  return sortPauses(reason ? shown : [...shown, ...others.values()], sort);
}

/** Draw what says what is shown, and what changes it. */
function drawControls(view, caption) {
  document.body.dataset.show = view.show;
  const fields = find("#filters").elements;
  const options = () => [...reasons].sort().map((reason) => copyOf("option", { reason }));
  fields.reason.replaceChildren(fields.reason.options[0], ...options());
  find("#reasons").replaceChildren(...options());
  for (const field of findAll("#filters :is(input, select)"))
    if (field.name !== "q" || field !== document.activeElement)
      field[field.type === "checkbox" ? "checked" : "value"] = view[field.name];
  const [show, now] = [view.show && fields.show.selectedOptions[0]?.text, view.as_of ? writeDay(view.at) : "today"];
  const filters = [show, view.reason, view.q && `“${view.q}”`, view.as_of && `as of ${now}`];
  const expected = view.expected && "if all come back when expected";
  const window = [view.window, ...filters, expected].filter(Boolean).join(", ");
  fill(document, { window, caption, results: `${caption}, ${window}`, now });
  find("#earlier").dataset.change = `from=${view.earlier}`;
  find("#later").dataset.change = `from=${view.later}`;
  drawLinks(view);
}

function drawLinks(view) {
  for (const each of findAll("[data-change]")) {
    const changes = Object.fromEntries(new URLSearchParams(each.dataset.change));
    each.href = link(changes);
    each.ariaCurrent = Object.entries(changes).every(([name, value]) => view[name] === value) ? "true" : null;
  }
  chooseView(view);
}

/** Open the panel with what the address names, or close it; what could not be read is tried again. */
async function drawPanel() {
  const [panel, place, { mentor, panel: name, change }] = [find("#panel"), find("#panel .content"), state()];
  const wanted = document.body.matches(".may-read") ? mentor + name : "";
  if (!wanted) panel.close();
  if (wanted === opened && !find(".failure", place)) return;
  opened = wanted;
  if (!wanted) return;
  const title = mentor || find(`[data-change="panel=${name}"]`)?.textContent;
  if (find("#panel-title").textContent !== title) {
    place.replaceChildren();
    fill(document, { title, said: "" });
  }
  if (!panel.open) panel.showModal();
  if (name === "files") drawFiles(place);
  else if (name === "chosen") drawChosen(place);
  else if (name === "add") showForm(place, ADD);
  else {
    const fail = (problem) => copyOf(problem.status === 404 ? "gone" : "failure", { message: problem.message, mentor });
    const page = await drawMentor(mentor).catch(fail);
    if (opened !== wanted) return; // somebody has closed the panel, or opened another one
    place.replaceChildren(page);
  }
  if (name !== "add") find("#panel-title").focus();
  if (!change || find(".failure", place)) return;
  find(`#${change} [data-filled]:not([hidden])`, place)?.click();
  find("[name=end_date], [name=expected_return_date]", place)?.focus();
  history.replaceState(null, "", link({ mentor })); // the form is opened once
}

/** After the panel was closed: the focus goes back to the mentor, and the address says so. */
function leavePanel() {
  const links = findAll(`[href="${link({ mentor: opened })}"]:not([data-change])`);
  links.find((each) => each.checkVisibility())?.focus();
  opened = "";
  fill(document, { said: "" });
  go({});
}

/** After a write: draw what it has changed, say so, and offer its undo. */
async function showWritten({ detail: { text, undo } }) {
  opened = "";
  await refresh();
  fill(document, { said: text, isFinal: !undo });
  for (const button of findAll(".said button"))
    button.onclick = () => {
      fill(document, { isFinal: true });
      undo().then(() => announce("It is as it was before."), (problem) => announceProblem(problem, undo));
    };
}

/** Say what an undo met. Where the answer was lost, it is offered again. */
function announceProblem({ status, message, lines = [] }, undo) {
  if (isPassing(status)) announce(status ? message : LOST, undo);
  else announce([message, ...lines].join(" "));
}

function showProblem(problem) {
  if (!(problem instanceof Problem)) throw problem; // a fault of this page
  if (problem.status === 401) return askForToken(problem.message);
  if (problem.status === 403) document.body.dataset.face = "forbidden";
  fill(document, { trouble: `${problem.message}${isPassing(problem.status) ? " It is tried again by itself." : ""}` });
}

const isPassing = (status) => [0, 503].includes(status);

function askForToken(reason) {
  fill(document, { refused: getToken() && reason });
  if (!find("#token").open) find("#token").showModal();
}

/** Read as the token says that was typed; the form closes its dialog. */
function useToken({ target }) {
  setToken(target.elements.token.value);
  target.reset();
  isTokenKnown = false;
  refresh();
}

/** Take what the filters say into the address; a letter that is typed is no step back. */
function filter({ target }) {
  if (!target.validity.valid) return; // of a date half is typed
  const hash = link({ expected: "", ...Object.fromEntries(new FormData(find("#filters"))) });
  if (target.name === "q") history.replaceState(null, "", hash);
  else location.hash = hash;
  clearTimeout(timer);
  [timer, round] = [setTimeout(refresh, 200), round + 1];
}

window.addEventListener("hashchange", refresh);
window.addEventListener("online", refresh);
document.addEventListener("written", showWritten);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
for (const type of ["input", "change"]) find("#filters").addEventListener(type, filter);
find("#filters").addEventListener("submit", (event) => {
  event.preventDefault();
  find(".rows li:only-child .mentor")?.click();
});
find("#fold").addEventListener("click", ({ target }) => (target.ariaExpanded = String(target.ariaExpanded !== "true")));
find("#panel").addEventListener("close", leavePanel);
find("#token form").addEventListener("submit", useToken);
find("#forbidden button").addEventListener("click", () => askForToken(""));
fill(document, { example: `curl ${addressOf("mentor-statuses")} -d '{"mentor_id": "mentor-001"}'` });
drawControls(viewNow(), "The same as a table");
refresh();

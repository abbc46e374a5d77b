// The board: it reads what the address asks to see, draws it, and stays current.

import { copyOf, find, findAll } from "./elements.js";
import { addressOf, findMentors, get, getToken, hasText, send } from "./api.js";
import { fieldDay, writeDay } from "./days.js";
import { pauseAt } from "./pauses.js";
import { go, link, state, viewNow } from "./view.js";
import { drawTimeline } from "./timeline.js";
import { drawTable, sortPauses } from "./table.js";
import { drawMentor } from "./mentor.js";
import { drawFiles } from "./files.js";
import { announce, showForm } from "./forms.js";

const POLL = 20_000; // milliseconds
const MOST = 1000; // pauses, and mentors, that are shown
const EVERYWHEN = ["overdue", "due", "scheduled"]; // not only in the window, so that as many are seen as are counted

const ADD = { method: "POST", path: "mentor-statuses", fields: ["mentor_id"], repeated: "already_exists" };

const reasons = new Set(); // that were seen so far
let drawn = ""; // what is drawn, as text
let opened = ""; // in the panel
let timer = 0;
let round = 0; // of reading: what an older one brings is too late

/** Read, and draw what has changed; when something goes wrong, say so, and keep what is drawn. */
async function refresh() {
  clearTimeout(timer);
  const own = ++round;
  try {
    const { allow } = drawn ? {} : await send("OPTIONS", "pause-records/any");
    if (allow) document.body.classList.toggle("may-write", allow.includes("PUT"));
    const answers = await ask(viewNow());
    if (own !== round) return;
    draw(viewNow(), ...answers); // by the clock of these answers: midnight may have passed
    find("#trouble").textContent = "";
    const time = new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    find("#freshness").textContent = `Up to date: ${time}`;
    await drawPanel();
  } catch (problem) {
    showProblem(problem);
  }
  if (own === round && !document.hidden) timer = setTimeout(refresh, POLL);
}

/** Ask for the pauses in the window, the mentors to show although they have none, and the counts. */
function ask(view) {
  const asOf = { as_of: view.as_of, expected: view.expected };
  const window = EVERYWHEN.includes(view.show) ? {} : { from: fieldDay(view.from), to: fieldDay(view.to) };
  const phase = { active: {}, due: { due_within_days: 7 } }[view.show] ?? { phase: view.show };
  const filters = { ...window, ...phase, ...asOf, reason: view.reason, sort: "expected_return_date", limit: MOST };
  const named = view.show === "active" || (view.q && !view.show && !view.reason);
  return Promise.all([
    get("pause-records", filters),
    named ? findMentors(view.q, { ...asOf, status: view.show }, MOST) : [],
    ...findAll("#counts b").map(({ dataset: { list, ...filter } }) => get(list, { ...filter, ...asOf, limit: 1 })),
  ]);
}

/** Draw the answers, if they are not what is drawn already. */
function draw(view, listed, mentors, ...counted) {
  const [active, paused, overdue, due, scheduled] = counted.map(({ data }) => data.pagination.total);
  const counts = [active, paused, overdue, due - overdue, scheduled];
  const pauses = choose(view, listed.data.data.map((record) => pauseAt(record, view)), mentors);
  document.body.dataset.face = active + paused > 0 || view.as_of ? "ready" : "empty";
  const text = JSON.stringify([location.hash, fieldDay(view.at), counts, pauses]);
  if (text === drawn) return;
  drawn = text;
  const focused = document.activeElement?.getAttribute("href");
  for (const { reason } of [...pauses, view]) if (reason) reasons.add(reason);
  for (const [index, element] of findAll("#counts b").entries()) drawCount(element, counts[index]);
  drawControls(view);
  drawTable(find("table"), pauses, view.sort);
  const rows = Map.groupBy(pauses, (pause) => pause.mentor_id);
  drawTimeline(find(".picture"), rows, view);
  const isCut = listed.data.pagination.total > MOST || mentors.length === MOST;
  const more = isCut ? "; there are more: choose a shorter time, a reason, or a longer part of an id" : "";
  find("#caption").textContent = `${rows.size.toLocaleString()} ${rows.size === 1 ? "mentor" : "mentors"}${more}`;
  find("#results").textContent = `${find("#caption").textContent}, ${find("#window").textContent}`;
  const isLost = focused && document.activeElement === document.body; // what had the focus was drawn anew
  if (isLost) findAll("main a").find((each) => each.getAttribute("href") === focused)?.focus();
}

/** Return the pauses to show, sorted, with the mentors to show who have none here. */
function choose({ show, reason, q, sort }, pauses, mentors) {
  const others = new Map(mentors.map((each) => [each.mentor_id, { ...each, words: each.status, urgency: Infinity }]));
  const hidden = show === "due" ? ["cancelled", "overdue"] : ["cancelled"];
  const isAsked = (pause) => !hidden.includes(pause.phase) && (show !== "active" || others.has(pause.mentor_id));
  const shown = pauses.filter((pause) => hasText(pause, q) && isAsked(pause));
  for (const pause of shown) others.delete(pause.mentor_id);
  return sortPauses(reason ? shown : [...shown, ...others.values()], sort);
}

function drawCount(element, count) {
  [element.textContent, element.className] = [count.toLocaleString(), count > 0 ? "some" : ""];
}

function drawControls(view) {
  const fields = find("#filters").elements;
  const options = () => [...reasons].sort().map((reason) => copyOf("option", { reason }));
  fields.reason.replaceChildren(fields.reason.options[0], ...options());
  find("#reasons").replaceChildren(...options());
  for (const name of ["show", "reason", "as_of"]) fields[name].value = view[name];
  if (document.activeElement !== fields.q) fields.q.value = view.q;
  fields.expected.checked = view.expected;
  const asOf = view.as_of && `as of ${writeDay(view.at)}${view.expected && ", if all come back when expected"}`;
  const filters = [view.show && fields.show.selectedOptions[0]?.text, view.reason, view.q && `“${view.q}”`, asOf];
  find("#window").textContent = [view.window, ...filters].filter(Boolean).join(", ");
  find("#now-word").textContent = view.as_of ? writeDay(view.at) : "today";
  find("#earlier").dataset.change = `from=${view.earlier}`;
  find("#later").dataset.change = `from=${view.later}`;
  for (const each of findAll("[data-change]")) {
    const changes = Object.fromEntries(new URLSearchParams(each.dataset.change));
    each.href = link(changes);
    each.ariaCurrent = Object.entries(changes).every(([name, value]) => view[name] === value) ? "true" : null;
  }
}

/** Open the panel with what the address names, or close it. */
async function drawPanel() {
  const [panel, place, { mentor, panel: name }] = [find("#panel"), find("#panel .content"), state()];
  const [last, wanted] = [opened, mentor + name];
  const done = (form) => go({ panel: "", mentor: form.elements.mentor_id.value.trim() });
  if (!wanted) panel.close();
  if (!wanted || wanted === last) return;
  opened = wanted;
  find("#panel-title bdi").textContent = mentor || find(`[data-change="panel=${name}"]`)?.textContent;
  if (last) place.replaceChildren();
  if (!panel.open) panel.showModal();
  if (name === "files") drawFiles(place);
  else if (name === "add") showForm(place, { ...ADD, submit: "Add", done });
  else await drawMentor(mentor).catch(failPanel).then((page) => opened === wanted && place.replaceChildren(page));
  if (name !== "add") find("#panel-title").focus();
}

function failPanel(problem) {
  if (problem.status === 404) return copyOf("failure", problem);
  opened = ""; // so that it is tried again
  throw problem;
}

/** After the panel was closed: the focus goes back to the mentor, and the address says so. */
function leavePanel() {
  findAll(".mentor").find((each) => each.title === opened)?.focus();
  [opened, find("#said output").textContent] = ["", ""];
  go({ mentor: "", panel: "" });
}

/** After a write: draw what it has changed, say so, and offer its undo. */
async function showWritten({ detail: { text, undo } }) {
  opened = "";
  await refresh();
  const [said, button] = [find("#said"), find("#said button")];
  (find("dialog[open]") ?? document.body).append(said); // what is behind an open dialog cannot be reached
  find("output", said).textContent = text;
  button.hidden = !undo;
  button.onclick = () => undo().then(() => announce("It is as it was before."), (problem) => announce(problem.message));
}

function showProblem(problem) {
  if (problem.status === undefined) throw problem; // a fault of this page
  if (!drawn) find("#freshness").textContent = "";
  if (problem.status === 401) return askForToken(problem.message);
  if (problem.status === 403) document.body.dataset.face = "forbidden";
  const isPassing = problem.status === 0 || problem.status === 503;
  const text = `${problem.message}${isPassing ? " It is tried again by itself." : ""}`;
  find(problem.status === 403 ? "#forbidden p" : "#trouble").textContent = text;
}

function askForToken(reason) {
  find("#token [role=alert]").textContent = getToken() ? reason : "";
  if (!find("#token").open) find("#token").showModal();
}

function useToken({ target }) {
  sessionStorage.setItem("token", target.elements.token.value);
  target.reset();
  find("#token").close();
  drawn = "";
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

const prevented = (act) => (event) => (event.preventDefault(), act(event));
window.addEventListener("hashchange", refresh);
window.addEventListener("online", refresh);
document.addEventListener("written", showWritten);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
for (const type of ["input", "change"]) find("#filters").addEventListener(type, filter);
find("#filters").addEventListener("submit", prevented(() => find(".rows li:only-child .mentor")?.click()));
find("#panel").addEventListener("close", leavePanel);
find("#panel .close").addEventListener("click", () => find("#panel").close());
find("#token form").addEventListener("submit", prevented(useToken));
find("#forbidden button").addEventListener("click", () => askForToken(""));
find(".skip").addEventListener("click", prevented(() => find("#table").focus()));
find("#empty pre").textContent = `curl ${addressOf("mentor-statuses")} -d '{"mentor_id": "mentor-001"}'`;
drawControls(viewNow());
refresh();

// The board: it reads what the address asks to see, draws it, and stays current.

import { find, findAll, make } from "./elements.js";
import { findMentors, get, getToken, send, setToken } from "./api.js";
import { fieldDay, monthLater, nameWindow, write } from "./days.js";
import { phaseOf } from "./pauses.js";
import { DEFAULTS, FILTERS, go, link, state, viewOf } from "./state.js";
import { drawTimeline } from "./timeline.js";
import { drawTable, sortPauses } from "./table.js";
import { drawMentor } from "./mentor.js";
import { drawFiles } from "./files.js";
import { showForm } from "./forms.js";

const POLL = 20_000; // milliseconds
const MOST = 1000; // pauses, and mentors, that are shown
const EVERYWHEN = ["overdue", "due", "scheduled"]; // not only in the window, so that as many are seen as are counted
const TITLES = { add: "Add a mentor", files: "Tables and calendar" };

const reasons = new Set(); // that were seen so far
let mayWrite = null;
let drawn = ""; // the address and the ETags of what is drawn
let opened = ""; // in the panel
let timer = 0;
let round = 0; // of reading: what an older one brings is too late

function read(view) {
  const asOf = { as_of: view.as_of, expected: view.expected };
  const count = (path, filter) => get(path, { ...filter, ...asOf, limit: 1 });
  const window = EVERYWHEN.includes(view.show) ? {} : { from: fieldDay(view.from), to: fieldDay(view.to) };
  const phase = { active: {}, due: { due_within_days: 7 } }[view.show] ?? { phase: view.show };
  const filters = { ...window, ...phase, ...asOf, reason: view.reason, sort: "expected_return_date", limit: MOST };
  return Promise.all([
    get("pause-records", filters),
    view.show === "active" ? get("mentor-statuses", { status: "active", ...asOf, limit: MOST }) : null,
    view.q && !view.reason && ["", "active"].includes(view.show) ? findMentors(view.q, asOf) : [],
    count("mentor-statuses", { status: "active" }),
    count("mentor-statuses", { status: "paused" }),
    count("pause-records", { phase: "overdue" }),
    count("pause-records", { due_within_days: 7 }),
    count("pause-records", { phase: "scheduled" }),
  ]);
}

/** Read, and draw what has changed; when something goes wrong, say so, and keep what is drawn. */
async function refresh() {
  clearTimeout(timer);
  const [address, own] = [location.hash, ++round];
  try {
    mayWrite ??= (await send("OPTIONS", "pause-records/any")).allow.includes("PUT");
    const answers = await read(viewOf(state()));
    if (own !== round) return;
    const view = viewOf(state()); // by the clock of these answers: midnight may have passed
    const key = JSON.stringify([address, fieldDay(view.at), answers.map((answer) => answer?.etag ?? answer)]);
    if (key !== drawn) draw(view, ...answers);
    drawn = key;
    showFace("ready");
    const time = new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    find("#freshness").textContent = `Up to date: ${time}`;
    await drawPanel();
  } catch (problem) {
    showProblem(problem);
  }
  if (own === round && !document.hidden) timer = setTimeout(refresh, POLL);
}

const totalOf = (answer) => answer?.data.pagination.total ?? 0;

function draw(view, listed, mentors, found, ...counted) {
  const [active, paused, overdue, due, scheduled] = counted.map(totalOf);
  const focused = document.activeElement?.getAttribute("href");
  for (const { reason } of listed.data.data) if (reason) reasons.add(reason);
  const counts = [active, paused, overdue, due - overdue, scheduled];
  for (const [index, each] of findAll("#counts b").entries()) {
    each.textContent = counts[index].toLocaleString();
    each.className = counts[index] ? "some" : "";
  }
  drawControls(view);
  const pauses = pausesOf(view, listed.data.data, mentors?.data.data ?? [], found);
  const rows = Map.groupBy(pauses, (pause) => pause.mentor_id);
  for (const [mentorId, own] of rows) rows.set(mentorId, own.filter((pause) => pause.start_date));
  drawTable(find("table"), pauses, view, link);
  drawTimeline(find(".picture"), rows, view, link);
  const isCut = Math.max(totalOf(listed), totalOf(mentors)) > MOST || found.length === 50;
  const cut = isCut ? "; there are more: choose a shorter time, a reason, or a longer part of an id" : "";
  find("#caption").textContent = `${rows.size.toLocaleString()} ${rows.size === 1 ? "mentor" : "mentors"}${cut}`;
  find("#results").textContent = `${find("#caption").textContent}, ${find("#window").textContent}`;
  find("#nothing").hidden = rows.size > 0;
  const isEmpty = active + paused === 0 && !view.as_of;
  for (const each of findAll("main > :not(#forbidden)")) each.hidden = isEmpty !== (each.id === "empty");
  const isLost = focused && document.activeElement === document.body; // what had the focus was drawn anew
  if (isLost) findAll("main a").find((each) => each.getAttribute("href") === focused)?.focus();
}

/** Return the pauses to show, sorted; a mentor to show who has none here is `{mentor_id, status}`. */
function pausesOf(view, listed, mentors, found) {
  const isNamed = ({ mentor_id: id }) => id.toLowerCase().includes(view.q.toLowerCase());
  const isAsked = ({ status }) => view.show !== "active" || status === "active";
  const others = new Map([...mentors, ...found].filter(isNamed).filter(isAsked).map((each) => [each.mentor_id, each]));
  const isShown = (pause) => {
    const phase = phaseOf(pause, view);
    if (!phase || !isNamed(pause) || (view.show === "due" && phase === "overdue")) return false;
    return view.show !== "active" || others.has(pause.mentor_id);
  };
  const pauses = listed.filter(isShown);
  for (const pause of pauses) others.delete(pause.mentor_id);
  const without = [...others.values()].map(({ mentor_id, status }) => ({ mentor_id, status }));
  return sortPauses([...pauses, ...without], view);
}

function drawControls(view) {
  const fields = find("#filters").elements;
  if (view.reason) reasons.add(view.reason);
  const options = () => [...reasons].sort().map((reason) => make("option", {}, reason));
  fields.reason.replaceChildren(make("option", { value: "" }, "all reasons"), ...options());
  find("#reasons").replaceChildren(...options());
  for (const name of ["show", "reason", "as_of"]) fields[name].value = view[name];
  if (document.activeElement !== fields.q) fields.q.value = view.q;
  fields.expected.checked = view.expected;
  find(".reset").hidden = !FILTERS.some((name) => view[name]);
  const asked = [view.show && fields.show.selectedOptions[0]?.text, view.reason, view.q && `“${view.q}”`];
  const asOf = view.as_of && `as of ${write("day", view.at)}${view.expected && ", if all come back when expected"}`;
  find("#window").textContent = [nameWindow(view), ...asked, asOf].filter(Boolean).join(", ");
  find("#now-word").textContent = view.as_of ? write("day", view.at) : "today";
  find("#earlier").dataset.change = `from=${monthLater(view, -1)}`;
  find("#later").dataset.change = `from=${monthLater(view, 1)}`;
  for (const each of findAll("[data-change]")) {
    const changes = Object.fromEntries(new URLSearchParams(each.dataset.change));
    each.setAttribute("href", link(changes));
    each.ariaCurrent = Object.entries(changes).every(([name, value]) => view[name] === value) ? "true" : null;
  }
}

/** Open the panel with what the address names, or close it. */
async function drawPanel() {
  const [panel, content, { mentor, panel: name }] = [find("#panel"), find("#panel .content"), state()];
  const last = opened;
  if (last === mentor + name) return;
  opened = mentor + name;
  if (!opened) {
    panel.close();
    findAll(".mentor").find((each) => each.title === last)?.focus();
    return;
  }
  find("#panel-title bdi").textContent = mentor || TITLES[name] || "";
  if (last) content.replaceChildren();
  if (!panel.open) panel.showModal();
  if (name === "files") drawFiles(content, mayWrite, changed);
  else if (name === "add") showForm(content, newMentor());
  else await drawMentor(content, mentor, { view: viewOf(DEFAULTS), mayWrite, changed }).catch(failPanel);
  if (name !== "add") find("#panel-title").focus();
}

function failPanel(problem) {
  if (problem.status !== 404) {
    opened = ""; // so that it is tried again
    throw problem;
  }
  find("#panel .content").replaceChildren(make("p", { role: "alert" }, problem.message));
}

const newMentor = () => ({
  title: "They are active until you pause them.",
  submit: "Add",
  method: "POST",
  path: "mentor-statuses",
  fields: { mentor_id: "" },
  repeated: "already_exists",
  cancelled: closePanel,
  done: (form) => go({ panel: "", mentor: form.elements.mentor_id.value.trim() }),
});

const closePanel = () => go({ mentor: "", panel: "" });

/** After a write: draw what it has changed, say so, and offer its undo. */
async function changed(text, undo) {
  opened = "";
  await refresh();
  const [said, button] = [find("#said"), find("#said button")];
  (find("dialog[open]") ?? document.body).append(said); // what is behind an open dialog cannot be reached
  find("output", said).textContent = text;
  button.hidden = !undo;
  button.onclick = () => undo().then(() => changed("It is as it was before."), showProblem);
}

function showFace(name) {
  document.body.className = name;
  find("#forbidden").hidden = name !== "forbidden";
  find("#trouble").hidden = name !== "trouble";
  for (const each of findAll("[data-writes]")) each.hidden = !mayWrite;
}

function showProblem(problem) {
  if (problem.status === undefined) throw problem; // a fault of this page
  if (problem.status === 401) return askForToken(problem.message);
  showFace(problem.status === 403 ? "forbidden" : "trouble");
  find("#forbidden p").textContent = problem.message;
  if (!drawn) find("#freshness").textContent = "";
  const isPassing = problem.status === 0 || problem.status === 503;
  find("#trouble").textContent = `${problem.message}${isPassing ? " It is tried again by itself." : ""}`;
}

function askForToken(reason) {
  find("#token [role=alert]").textContent = getToken() ? reason : "";
  if (!find("#token").open) find("#token").showModal();
}

function useToken(event) {
  setToken(event.target.elements.token.value);
  event.target.reset();
  find("#token").close();
  [mayWrite, drawn] = [null, ""];
  refresh();
}

function filter({ type, target }) {
  if ((type === "input") !== (target.name === "q") || !target.validity.valid) return; // of a date half is typed
  const hash = link({ [target.name]: target.type === "checkbox" && !target.checked ? "" : target.value });
  if (type === "change") location.hash = hash;
  else history.replaceState(null, "", hash); // not a step back for each letter
  clearTimeout(timer);
  [timer, round] = [setTimeout(refresh, 200), round + 1];
}

/** Open the mentor that is left, where there is just one. */
function openOnly() {
  const mentors = findAll(".mentor");
  if (mentors.length === 1) mentors[0].click();
}

const prevented = (act) => (event) => (event.preventDefault(), act?.(event));
window.addEventListener("hashchange", refresh);
window.addEventListener("online", refresh);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
for (const type of ["input", "change"]) find("#filters").addEventListener(type, filter);
find("#filters").addEventListener("submit", prevented(openOnly));
find("#panel").addEventListener("cancel", prevented(closePanel));
find("#panel .close").addEventListener("click", closePanel);
find("#token").addEventListener("cancel", prevented());
find("#token form").addEventListener("submit", prevented(useToken));
find("#forbidden button").addEventListener("click", () => askForToken(""));
find(".skip").addEventListener("click", prevented(() => find("#table").focus()));
const address = new URL("api/v1/mentor-statuses", document.baseURI);
find("#empty pre").textContent = `curl ${address} -d '{"mentor_id": "mentor-001"}'`;
drawControls(viewOf(state()));
refresh();

// The board: what it shows is the part of the address behind the #; it reads the API, draws, and stays current.

import { find, findAll, make } from "./elements.js";
import { Problem, Unreachable, findMentors, get, getToken, readRights, setToken } from "./api.js";
import { fieldDay, monthLater, nameWindow, now, windowOf, write } from "./days.js";
import { phaseOf } from "./pauses.js";
import { drawTimeline } from "./timeline.js";
import { drawTable, sortPauses } from "./table.js";
import { drawMentor } from "./mentor.js";
import { drawFiles } from "./files.js";
import { showForm } from "./forms.js";

const POLL = 20_000; // milliseconds
const MOST = 1000; // pauses, and mentors, that are shown
const EVERYWHEN = ["overdue", "due", "scheduled"]; // not only in the window, so that as many are seen as are counted
const FILTERS = ["show", "reason", "q", "as_of", "expected"];
const TITLES = { add: "Add a mentor", files: "Tables and calendar" };

const reasons = new Set(); // that were seen so far
let rights = null;
let drawn = ""; // the address and the ETags of what is drawn
let current = null; // when what is drawn was last known to be so
let opened = ""; // in the panel
let timer = 0;

const state = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/** Return the address of this page with some of its state changed; what is empty is the default. */
function link(changes) {
  const all = Object.entries({ ...state(), ...changes });
  return `#${new URLSearchParams(all.filter(([, value]) => value))}`;
}

const go = (changes) => (location.hash = link(changes));

/** Return what is to be seen: the filters, the instant it is about, and the window of time. */
function viewOf({ show = "", reason = "", q = "", sort = "", as_of: asOf = "", expected = "", span = "", from = "" }) {
  const at = Date.parse(asOf) || now();
  const window = windowOf(span === "month" || span === "year" ? span : "quarter", from, at);
  return { show, reason, q, sort, as_of: asOf, expected, at, ...window };
}

function read(view) {
  const asOf = Object.fromEntries(Object.entries({ as_of: view.as_of, expected: view.expected }).filter(([, value]) => value));
  const count = (path, filter) => get(path, { ...filter, ...asOf, limit: 1 });
  const window = EVERYWHEN.includes(view.show) ? {} : { from: fieldDay(view.from), to: fieldDay(view.to) };
  const phase = { active: {}, due: { due_within_days: 7 } }[view.show] ?? { phase: view.show };
  const filters = { ...window, ...phase, ...asOf, reason: view.reason, sort: "expected_return_date", limit: MOST };
  return Promise.all([
    get("pause-records", filters),
    count("mentor-statuses", { status: "active" }),
    count("mentor-statuses", { status: "paused" }),
    count("pause-records", { phase: "overdue" }),
    count("pause-records", { due_within_days: 7 }),
    count("pause-records", { phase: "scheduled" }),
    view.show === "active" ? get("mentor-statuses", { status: "active", ...asOf, limit: MOST }) : null,
    view.q ? findMentors(view.q, asOf) : [],
  ]);
}

/** Read, and draw what has changed; when something goes wrong, say so, and keep what is drawn. */
async function refresh() {
  clearTimeout(timer);
  const address = location.hash;
  try {
    rights ??= await readRights();
    const view = viewOf(state());
    const answers = await read(view);
    if (address !== location.hash) return;
    current = new Date();
    const key = JSON.stringify([address, fieldDay(now()), answers.map((answer) => answer?.etag ?? answer)]);
    if (key !== drawn) draw(view, answers);
    drawn = key;
    showFace("ready");
    await drawPanel();
  } catch (problem) {
    showProblem(problem);
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, POLL);
}

function draw(view, [listed, ...others]) {
  const total = (answer) => answer?.data.pagination.total ?? 0;
  const [mentors, found] = others.splice(5);
  const [active, paused, overdue, due, scheduled] = others.map(total);
  const focused = document.activeElement?.getAttribute("href");
  for (const { reason } of listed.data.data) if (reason) reasons.add(reason);
  drawCounts([active, paused, overdue, due - overdue, scheduled], view);
  drawControls(view);
  const pauses = pausesOf(view, listed.data.data, mentors?.data.data ?? [], found);
  const rows = Map.groupBy(pauses, (pause) => pause.mentor_id);
  for (const [mentorId, own] of rows) rows.set(mentorId, own.filter((pause) => pause.start_date));
  drawTable(find("table"), pauses, view, link);
  drawTimeline(find(".picture"), rows, view, link);
  const cut = Math.max(total(listed), total(mentors)) > MOST ? `; only the first ${MOST.toLocaleString()} are read` : "";
  find("#caption").textContent = `${rows.size.toLocaleString()} ${rows.size === 1 ? "mentor" : "mentors"}${cut}`;
  find("#nothing").hidden = rows.size > 0;
  const isEmpty = active + paused === 0 && !view.as_of;
  for (const each of findAll("main > :not(#empty, #forbidden)")) each.hidden = isEmpty;
  find("#empty").hidden = !isEmpty;
  if (focused && document.activeElement === document.body) findAll("main a").find((a) => a.getAttribute("href") === focused)?.focus();
}

/** Return the pauses to show, sorted; a mentor to show who has none here is `{mentor_id}` alone. */
function pausesOf(view, listed, mentors, found) {
  const isNamed = ({ mentor_id: id }) => id.toLowerCase().includes(view.q.toLowerCase());
  const active = view.show === "active" && new Set(mentors.map((mentor) => mentor.mentor_id));
  const isShown = (pause) => {
    const phase = phaseOf(pause, view);
    return phase && !(view.show === "due" && phase === "overdue") && (!active || active.has(pause.mentor_id));
  };
  const pauses = listed.filter((pause) => isNamed(pause) && isShown(pause));
  const seen = new Set(pauses.map((pause) => pause.mentor_id));
  const others = [...mentors, ...found].filter((mentor) => isNamed(mentor) && !seen.has(mentor.mentor_id) && seen.add(mentor.mentor_id));
  return sortPauses([...pauses, ...others.map(({ mentor_id: id }) => ({ mentor_id: id }))], view.sort, view);
}

function drawCounts(counts, view) {
  for (const [index, each] of findAll("#counts a").entries()) {
    const isShown = view.show === each.dataset.show;
    find("b", each).textContent = counts[index].toLocaleString();
    each.setAttribute("href", link({ show: isShown ? "" : each.dataset.show }));
    each.ariaCurrent = isShown ? "true" : null;
  }
}

function drawControls(view) {
  const fields = find("#filters").elements;
  const options = () => [...reasons].sort().map((reason) => make("option", {}, reason));
  if (view.reason) reasons.add(view.reason);
  fields.reason.replaceChildren(make("option", { value: "" }, "all reasons"), ...options());
  find("#reasons").replaceChildren(...options());
  for (const name of ["show", "reason", "as_of"]) fields[name].value = view[name];
  if (document.activeElement !== fields.q) fields.q.value = view.q;
  fields.expected.checked = view.expected;
  find(".reset").hidden = !FILTERS.some((name) => view[name]);
  find("#window").textContent = nameWindow(view);
  find("#now-word").textContent = view.as_of ? write("day", view.at) : "today";
  find("#earlier").dataset.change = `from=${monthLater(view, -1)}`;
  find("#later").dataset.change = `from=${monthLater(view, 1)}`;
  for (const each of findAll("[data-change]")) {
    const changes = Object.fromEntries(new URLSearchParams(each.dataset.change));
    each.setAttribute("href", link(changes));
    if ("span" in changes) each.ariaCurrent = (changes.span || "quarter") === view.span ? "true" : null;
  }
}

/** Open the panel with what the address names, or close it. */
async function drawPanel() {
  const [panel, { mentor = "", panel: name = "" }] = [find("#panel"), state()];
  if (opened === mentor + name) return;
  const last = opened;
  opened = mentor + name;
  if (!opened) {
    panel.close();
    findAll(".mentor").find((each) => each.title === last)?.focus();
    return;
  }
  const content = find(".content", panel);
  find("#panel-title bdi").textContent = mentor || TITLES[name] || "";
  if (last !== opened) content.replaceChildren();
  if (!panel.open) panel.showModal();
  if (name === "files") drawFiles(content, rights, changed);
  else if (name === "add") showForm(content, newMentor());
  else await drawMentor(content, mentor, { rights, view: viewOf({}), changed }).catch((problem) => failPanel(content, problem));
}

function failPanel(content, problem) {
  if (problem.status === 401) throw problem;
  content.replaceChildren(make("p", { role: "alert" }, problem.message));
}

const newMentor = () => ({
  title: "They are active until you pause them.",
  submit: "Add",
  method: "POST",
  path: "mentor-statuses",
  values: { mentor_id: "" },
  repeated: "already_exists",
  cancelled: closePanel,
  done: (form) => {
    const mentor = form.elements.mentor_id.value.trim();
    say(`${mentor} is added.`);
    go({ panel: "", mentor });
  },
});

const closePanel = () => go({ mentor: "", panel: "" });

/** After a write: draw what it has changed, say so, and offer its undo. */
async function changed(text, undo) {
  opened = "";
  await refresh();
  say(text, undo);
}

function say(text, undo) {
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
  for (const each of findAll("[data-needs]")) each.hidden = !rights?.[each.dataset.needs];
  if (current) find("#freshness").textContent = `Up to date at ${current.toLocaleTimeString([], { timeStyle: "short" })}`;
}

function showProblem(problem) {
  if (!(problem instanceof Problem || problem instanceof Unreachable)) throw problem;
  if (problem.status === 401) return askForToken(problem.message);
  showFace(problem.status === 403 ? "forbidden" : "trouble");
  find("#forbidden p").textContent = problem.message;
  const isPassing = problem instanceof Unreachable || problem.status === 503;
  find("#trouble").textContent = `${problem.message}${isPassing ? " It is tried again by itself." : ""}`;
}

function askForToken(reason) {
  find("#token [role=alert]").textContent = getToken() ? reason : "";
  if (!find("#token").open) find("#token").showModal();
}

function useToken(event) {
  event.preventDefault();
  setToken(event.target.elements.token.value);
  event.target.reset();
  find("#token").close();
  [rights, drawn] = [null, ""];
  refresh();
}

function filter({ type, target }) {
  if ((type === "input") !== (target.name === "q") || !target.validity.valid) return; // half a year is typed
  const hash = link({ [target.name]: target.type === "checkbox" && !target.checked ? "" : target.value });
  if (type === "change") {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash || "#"); // not a step of the history for each letter
  clearTimeout(timer);
  timer = setTimeout(refresh, 200);
}

const prevented = (act) => (event) => (event.preventDefault(), act?.());
window.addEventListener("hashchange", refresh);
window.addEventListener("online", refresh);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
for (const type of ["input", "change"]) find("#filters").addEventListener(type, filter);
find("#filters").addEventListener("submit", prevented());
find("#panel").addEventListener("cancel", prevented(closePanel));
find("#panel .close").addEventListener("click", closePanel);
find(".skip").addEventListener("click", prevented(() => find("#table").focus()));
find("[data-token]").addEventListener("click", () => askForToken(""));
find("#token").addEventListener("cancel", prevented());
find("#token form").addEventListener("submit", useToken);
find("#empty pre").textContent = `curl ${new URL("api/v1/mentor-statuses", document.baseURI)} -d '{"mentor_id": "mentor-001"}'`;
drawControls(viewOf(state()));
refresh();

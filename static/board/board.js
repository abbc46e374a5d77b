// The board: it reads what the address asks to see, draws it, and stays current.

import { copyOf, fill, find, findAll } from "./elements.js";
import { Problem, addressOf, send } from "./api.js";
import { fieldDay, zone } from "./days.js";
import { go, link, search, searched, state, viewNow } from "./view.js";
import * as away from "./away.js";
import * as changes from "./changes.js";
import * as trend from "./trend.js";
import * as week from "./week.js";
import { drawMentor } from "./mentor.js";
import { drawChosen } from "./chosen.js";
import { drawFiles } from "./files.js";
import { showForm } from "./forms.js";
import { redraw } from "./guard.js";
import { forgetNames, hasNames, sayMentor } from "./names.js";
import { sayReason } from "./pauses.js";
import { readService } from "./person.js";
import { keepPlace } from "./place.js";
import { drawUndos, forgetSaid, say, sayWritten } from "./said.js";
import { getName, getToken, setName, setToken } from "./storage.js";

const VIEWS = { "": away, changes, trend, week }; // each reads what it shows, and draws it
const [POLL, SLOW_POLL] = [20_000, 300_000]; // milliseconds; the latter is for what the service reads slowly

let isTokenKnown = false; // if true, the classes of the body say what the token may do
let drawn = ""; // what is drawn, as text
let drawnFor = ""; // the address, and what is searched, for which it is drawn
const readings = {}; // by view: what was read of it last, `{view, answers, time}`
let opener = document; // the section from which the panel was opened
let opened = null; // what is in the panel: `{mentor, name}`, one of them empty
let timer = 0;
let round = 0; // raised by each refresh, and by a letter in the search: what was read before is too late

/** Read, and draw what has changed; when something goes wrong, say so, and keep what is drawn. */
async function refresh() {
  clearTimeout(timer);
  const thisRound = ++round;
  let poll = POLL;
  try {
    if (!isTokenKnown) await readService(); // before anything is drawn: days are those of its time zone
    if (thisRound !== round) return;
    fill(document, { zone });
    const asked = viewNow();
    drawAddress(asked);
    if (!asked.mentor && !asked.panel) closePanel();
    if (!isTokenKnown) {
      const { allow } = await send("OPTIONS", "pause-records/any");
      if (thisRound !== round) return; // the token may be another one by now
      for (const [name, method] of [["may-read", "GET"], ["may-write", "PUT"]])
        document.body.classList.toggle(name, allow?.includes(method) ?? method === "GET");
      isTokenKnown = allow !== null; // a proxy may have answered
      fill(document, { hasToken: getToken() !== null }); // then the token's name counts
    }
    const panel = drawPanel();
    const answers = await VIEWS[asked.view].read(asked);
    const view = viewNow(); // by the clock of these answers: midnight may have passed
    if (thisRound !== round || view.view !== asked.view) return;
    await drawView(view, answers);
    if (thisRound !== round) return;
    drawAddress(view); // the options of the filter may be new
    const [active, paused] = answers.counts ?? [1, 0];
    document.body.dataset.face = active + paused > 0 || view.as_of ? "ready" : "empty";
    if (["week", "trend"].includes(view.view)) poll = SLOW_POLL;
    const time = new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    readings[view.view] = { view, answers, time };
    fill(document, { freshness: `As of ${time}`, trouble: "" });
    await panel;
  } catch (problem) {
    if (thisRound === round || !(problem instanceof Problem)) await showProblem(problem);
  }
  if (thisRound === round && !document.hidden) timer = setTimeout(refresh, poll);
}

/**
 * Draw what a view shows, if it is not drawn already, and while no row of it says what was done to it. The row that had
 * the focus, or "Show more", has it again; in the same view the rows in the window stay where they are.
 */
async function drawView(view, answers) {
  const asked = JSON.stringify([link({}), view.q]);
  const text = JSON.stringify([asked, fieldDay(view.at), answers]);
  const isSame = () => text === drawn && !find("main .said-of-row");
  const mayStay = () => isSame() || (find("main .done") && drawnFor === asked);
  if (mayStay()) return;
  const thisRound = round;
  const show = await VIEWS[view.view].draw(answers, view);
  if (thisRound !== round || mayStay()) return;
  const { activeElement: active } = document;
  const line = active?.closest("main :is(tr, li, p)");
  const focused = line && (active.getAttribute("href") ?? find("a", line)?.getAttribute("href"));
  const section = line?.closest("main > section");
  fill(document, { results: find("h1").textContent });
  const stay = drawnFor === asked && keepPlace();
  redraw(show);
  if (stay) stay();
  if (focused && document.activeElement === document.body) { // what had the focus was drawn anew
    const links = findAll("a", section);
    const same = links.find((each) => each.getAttribute("href") === focused);
    const box = active.matches(".choose") && same ? find(".choose", same.closest("tr")) : null;
    (box ?? same ?? links.find((each) => each.matches(".more")))?.focus({ preventScroll: true });
  }
  drawn = text;
  drawnFor = asked;
}

/** Draw what follows from the address alone: the links, the filters, and which view is chosen. */
function drawAddress(view) {
  find("#earlier").dataset.change = `from=${view.earlier}`;
  find("#later").dataset.change = `from=${view.later}`;
  for (const each of findAll("[data-change]")) {
    const changes = Object.fromEntries(new URLSearchParams(each.dataset.change));
    each.href = link(changes);
    each.ariaCurrent = Object.entries(changes).every(([name, value]) => view[name] === value) ? "true" : null;
  }
  for (const heading of findAll("[data-sort]")) {
    const { sort } = heading.dataset;
    heading.href = link({ sort: view.sort === sort ? `-${sort}` : sort });
  }
  const { reason } = find("#filters").elements;
  const isThere = [...reason.options].some((option) => option.value === view.reason);
  if (!isThere) reason.append(copyOf("option", { reason: view.reason, words: sayReason(view.reason) }));
  for (const field of findAll("#filters :is(input, select)"))
    if (field.validity.valid || field !== document.activeElement) // else a date is half typed
      field[field.type === "checkbox" ? "checked" : "value"] = { ...state(), q: searched() }[field.name];
  if (document.body.dataset.view === view.view) return;
  document.body.dataset.view = view.view;
  drawn = "";
  say(""); // it spoke of the view before
  fill(document, { freshness: "Loading…" }); // what is there of this view may be old
  find("#view").replaceChildren();
  const heading = find("#views [aria-current]").textContent;
  [find("h1").textContent, document.title] = [heading, `${heading} – Mentor board`];
}

/** Open the panel with what the address names, or draw what has changed in it, but for an open form; or close it. */
async function drawPanel() {
  const { mentor, panel: name, change } = state();
  const panel = find("#panel");
  const content = find(".content", panel);
  const [mayRead, mayWrite] = [".may-read", ".may-write"].map((each) => document.body.matches(each));
  const button = (name === "files" || mayWrite) && find(`[data-change="panel=${name}"]`);
  const title = mayRead && (mentor ? sayMentor(mentor) : button?.textContent);
  if (!title) return closePanel();
  if (opened?.mentor !== mentor || opened.name !== name) content.replaceChildren();
  opened = { mentor, name };
  fill(document, { title });
  if (!panel.open) {
    opener = document.activeElement?.closest("section") ?? document;
    panel.showModal();
  }
  if (name && content.firstElementChild) return; // it is as it was when it was looked at
  if (name === "add") return showForm(content, {
    method: "POST", path: "mentor-statuses", submit: "Add", fields: ["mentor_id", "notes"], body: {}, said: "is added",
  });
  const thisRound = round;
  const fail = ({ status, message }) => status !== 404 && content.firstElementChild
    || copyOf(status === 404 ? "gone" : "failure", { message, mentor: sayMentor(mentor) });
  const page = await ({ chosen: drawChosen, files: drawFiles }[name] ?? drawMentor)(mentor).catch(fail);
  if (thisRound !== round) return; // it is closed, or is read anew
  const form = find(".write", content);
  if (form) return drawAround(form, content.firstElementChild, page);
  if (!page.isEqualNode(content.firstElementChild)) redraw(() => content.replaceChildren(page));
  if (document.activeElement === document.body) find("#panel-title").focus({ preventScroll: true });
  if (!mentor || !change || !mayWrite || find(".failure", content)) return;
  find(`#${change} [data-filled]:not([hidden])`, content)?.click();
  find("[name=end_date], [name=expected_return_date]", content)?.focus();
  history.replaceState(null, "", link({ mentor })); // the form is opened once
}

/** Draw a page of the panel as it is now, around a form in it that stays where it is, as it was typed. */
function drawAround(form, shown, page) {
  const without = shown.cloneNode(true);
  find(".write", without).remove();
  if (shown !== page && !page.isEqualNode(without)) redraw(() => drawSiblings(form, shown, page));
}

/** Draw the children of an element as they are in `fresh`, but those that lead to a form: that is not moved. */
function drawSiblings(form, old, fresh) {
  const [children, others] = [old, fresh].map((each) => [...each.children]);
  const kept = children.find((child) => child.contains(form));
  const index = kept.id ? others.findIndex(({ id }) => id === kept.id) : children.indexOf(kept);
  if (!others[index]) return; // it is the form, or its pause is shown no more
  drawSiblings(form, kept, others[index]);
  for (const child of children) if (child !== kept) child.remove();
  kept.before(...others.slice(0, index));
  kept.after(...others.slice(index + 1));
}

/** Close the panel. If what opened it was drawn anew, the focus goes to a link to the mentor, there if possible. */
function closePanel() {
  if (!opened) return;
  const { mentor } = opened;
  opened = null;
  redraw(() => find("#panel").close());
  fill(document, { title: "" });
  if (document.activeElement?.closest("header, main")) return;
  const links = mentor ? [opener, document].flatMap((place) => findAll(`[href="${link({ mentor })}"]`, place)) : [];
  const places = [...links, find("#table"), find("#view")];
  places.find((each) => each.checkVisibility())?.focus({ preventScroll: true });
}

async function showProblem(problem) {
  if (!(problem instanceof Problem)) throw problem; // a fault of this page
  const last = readings[state().view];
  fill(document, { freshness: last ? `As of ${last.time}` : "Nothing could be read yet." });
  if (last && !drawn) await drawView(last.view, last.answers);
  if (problem.status === 401) return askForToken(problem.message);
  if (problem.status === 403) {
    document.body.dataset.face = "forbidden";
    isTokenKnown = false;
  }
  const trouble = `${problem.message}${isPassing(problem.status) ? " The page tries again by itself." : ""}`;
  if (find("#trouble").textContent !== trouble) fill(document, { trouble }); // each change is read out
}

const isPassing = (status) => [0, 503].includes(status);

function askForToken(reason) {
  fill(document, { refused: getToken() && reason });
  if (!find("#token").open) find("#token").showModal();
}

/** Read as the token says that was typed; the form closes its dialog. */
function useToken({ target }) {
  setToken(target.elements.token.value);
  forgetSaid();
  target.reset();
  isTokenKnown = false;
  refresh();
}

/** Take what the filters say into the address, but not what is searched by names; a letter is no step back. */
function filter({ target }) {
  const { name, type, value, checked, validity } = target;
  const changes = { [name]: type === "checkbox" && !checked ? "" : value };
  const before = name === "q" ? searched() : state()[name];
  if (!validity.valid || before === changes[name]) return; // of a date half is typed, or it was left
  if (name !== "q") return go(changes);
  if (hasNames()) search(value);
  history.replaceState(null, "", link({ q: hasNames() ? "" : value }));
  drawAddress(viewNow());
  clearTimeout(timer);
  timer = setTimeout(refresh, 200);
  round += 1;
}

/** Draw the page with the names that there are; what was searched before goes. */
function useNames() {
  document.body.classList.toggle("has-names", hasNames());
  find("#filters [name=q]").placeholder = hasNames() ? "name or id" : "any part of an id";
  search(null);
  drawn = "";
  refresh();
}

document.addEventListener("names", () => {
  say(""); // what is said may have a name that is forgotten
  useNames();
});
window.addEventListener("hashchange", refresh);
window.addEventListener("online", refresh);
document.addEventListener("written", ({ detail }) => sayWritten(detail, refresh));
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
for (const type of ["input", "change"]) find("#filters").addEventListener(type, filter);
find("#filters").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [address, text] = [location.hash, searched()];
  await refresh(); // what is drawn may be of fewer letters
  const only = find(".rows li:only-child .mentor");
  const mentor = new URLSearchParams(only?.hash.slice(1)).get("mentor");
  if (mentor && location.hash === address && searched() === text && only.hash === link({ mentor })) only.click();
});
find("#search-ids").addEventListener("click", () => {
  search(searched(), true);
  refresh();
});
find(".skip").addEventListener("click", () => find("#table").focus());
find("#fold").addEventListener("click", ({ target }) => (target.ariaExpanded = String(target.ariaExpanded !== "true")));
// The address closes the panel. The event "close" comes a frame late: by then it may have been opened again.
find("#panel .close").addEventListener("click", () => go({}));
find("#panel").addEventListener("cancel", (event) => {
  if (event.target.type === "file") return; // of the choice of a file
  event.preventDefault();
  go({});
});
// The link of a row has the filters of when the row was drawn: it gets the present ones.
find("main").addEventListener("click", ({ target }) => {
  if (target.closest("[data-change*='q=']")) {
    const isOfAddress = searched() === state().q;
    search(null);
    if (!isOfAddress) refresh(); // the address may stay as it is
  }
  const row = target.closest("a[href^='#']");
  const { mentor, change = "" } = Object.fromEntries(new URLSearchParams(row?.hash.slice(1)));
  if (mentor) row.href = link({ mentor, change });
});
find("#token form").addEventListener("submit", useToken);
find("#token .forget").addEventListener("click", forgetNames);
find("#forbidden button").addEventListener("click", () => askForToken(""));
for (const field of findAll(".writer input")) // in the head, and in the panel
  field.addEventListener("input", () => fill(document, { writer: setName(field.value) }));
window.addEventListener("storage", () => fill(document, { writer: getName() })); // another tab has another name
fill(document, { writer: getName(), example: `curl ${addressOf("mentor-statuses")} -d '{"mentor_id": "mentor-001"}'` });
drawUndos();
useNames();

// What is read when: when the address asks for something else, after each write, and every 20 seconds.

import { readAddress, viewNow } from "./address.js";
import { Problem, send } from "./api.js";
import { isClockKnown, isClockWrong, now } from "./days.js";
import { TICKED, isPanelKey, isRowKey, isTableKey } from "./keys.js";
import { holdRows, openList, shownKeys, updateList } from "./list.js";
import { discardDraft, draw, forgetOutcomes, isTyped, model, shownList, shownName } from "./model.js";
import { READINGS, readMentor, readReasons } from "./readings.js";
import { withSearch } from "./search.js";
import { getSeen, getToken, setSeen } from "./storage.js";
import { readTruth, settle } from "./truth.js";

const [POLL, SLOW_POLL] = [20_000, 300_000]; // milliseconds; the latter is for the forecast
const TYPING = 200; // milliseconds after a letter of the search, in which another one may come
const ANY_RECORD = "pause-records/any"; // its OPTIONS say what the token may do, whether there is such a record or not

let areRightsRead = false; // the model says what the token may do
let areReasonsRead = false;
let wish = null; // somebody has asked for the list in the order of now ("order"), or also for a page more ("page")
let timer = 0; // until the next reading
let newestReading = 0; // its number: an answer to an earlier one comes too late

/**
 * Read what the address asks to see, and draw it. If something goes wrong, say so, and keep what is drawn. A poll
 * leaves the panel as it is, unless its mentor has changed.
 */
export async function refresh({ isPoll = false } = {}) {
  clearTimeout(timer);
  const thisReading = ++newestReading;
  const isLate = () => thisReading !== newestReading;
  const isFirst = !isClockKnown();
  try {
    model.view = withSearch(viewNow()); // anew: by the clock of the service
    const name = shownName(); // somebody may go on to another view before the answer is there
    const isPanelKept = isPoll && isPanelRead() && !model.panel.isUnknown && !model.stale.has(model.view.mentor);
    const [list, panel, allowed] = await Promise.all([
      readView(name), isPanelKept ? null : readPanel(), areRightsRead ? null : readRights(),
    ]);
    if (isLate()) return;
    if (isFirst && isClockWrong()) return refresh(); // another instant was asked for than that of the service
    if (allowed) takeRights(allowed);
    await take(name, list, panel, isLate);
    if (isLate()) return;
    [model.trouble, model.whyToken] = ["", null];
    if (model.view.isToday) model.stale.clear(); // of another day, nothing was read of them
    if (!areReasonsRead) {
      draw(); // no row waits for the reasons, which the forms offer
      await readReasons();
      areReasonsRead = true;
      if (isLate()) return;
    }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // a fault of this page
    if (isLate()) return;
    wish = null; // no later poll carries it out
    showTrouble(problem);
  }
  draw();
  const poll = shownName() === "forecast" && !model.trouble ? SLOW_POLL : POLL;
  if (!document.hidden) timer = setTimeout(refresh, poll, { isPoll: true });
}

/** Show the list as it is now: in the order of now, without what is gone. */
export async function showWaiting() {
  const scrollBack = keepPlace();
  wish ??= "order";
  await refresh();
  scrollBack();
}

/** Show the list in the order in which it was read last, at once: on paper nothing waits. */
export function showAsRead() {
  const list = shownList();
  if (list) model.lists[shownName()] = holdTyped({ ...list, shown: list.newest }, list);
  draw();
}

/** Return a function that scrolls so far that the first row in the window is where it is now. */
function keepPlace() {
  const measureRows = () => [...document.querySelectorAll("main [data-key]")].map((row) =>
    [row.dataset.key, row.getBoundingClientRect().top]);
  const seen = measureRows().filter(([, top]) => top >= 0);
  return () => {
    const tops = new Map(measureRows());
    const [key, top] = seen.find(([each]) => tops.has(each)) ?? [];
    if (key && scrollY) scrollBy(0, tops.get(key) - top); // at the top of the page, what is new comes into sight
  };
}

export function showMore() {
  wish = "page";
  return refresh();
}

/** Take what the address, or the search, asks for now; read it. A list of the same question keeps its order. */
export function follow() {
  if (model.view && readAddress().view !== model.view.view) model.seen = getSeen();
  const view = withSearch(viewNow());
  const before = model.view ?? view;
  if (view.as_of !== before.as_of) {
    model.lists = {}; // rows of another day must offer no writes
    newestReading += 1; // and those that are on their way come too late
  }
  leave(view, before);
  model.view = view;
  if (view.question !== before.question) wish = null;
  draw();
  clearTimeout(timer);
  timer = setTimeout(refresh, view.q === before.q ? 0 : TYPING);
}

export function useToken() {
  areRightsRead = false;
  areReasonsRead = false;
  return refresh();
}

export const pollIfSeen = () => (document.hidden ? clearTimeout(timer) : refresh({ isPoll: true }));

/** Say whether the panel has been read: that of the mentor, and as of the day, that are asked for now. */
export function isPanelRead() {
  const { mentor, as_of, expected } = model.view;
  return model.panel?.id === mentor && model.panel.as_of === as_of && model.panel.expected === expected;
}

/** Return the methods that the token may use. Without one, a service that answers is open to everyone. */
async function readRights() {
  return getToken() ? await send("OPTIONS", ANY_RECORD) : { allow: "GET, PUT" };
}

function takeRights({ allow }) {
  model.mayRead = allow?.includes("GET") ?? true;
  model.mayWrite = allow?.includes("PUT") ?? false;
  areRightsRead = allow !== null; // else a proxy has answered: the next reading asks again
}

/**
 * Read what the view shows; return it as a list, which keeps its order unless another one is wanted. `rowsRead` are the
 * rows of the answer: the list may have some that are gone.
 */
async function readView(name) {
  const { view } = model;
  const shown = model.lists[name]?.question === view.question ? model.lists[name] : null;
  const before = wish ? null : shown; // the list whose order is kept
  const readAt = now();
  const pages = (shown?.pages ?? 1) + (wish === "page" ? 1 : 0);
  const answer = await READINGS[name](view, before, pages);
  const facts = { readAt, rowsRead: answer.rows };
  if (before) return { ...updateList(before, answer), ...facts, isNew: false };
  const list = { ...openList(answer, view.question), ...facts, isNew: true };
  return shown ? holdTyped(list, shown) : list;
}

/** Have the rows with a form into which something was typed stay where they stood in the list before. */
const holdTyped = (list, before) => holdRows(list, before, shownKeys(before).filter(isTyped));

/** Take what was read into the model, with what is true of outcomes, forms and ticks by now. */
async function take(name, list, panel, isLate) {
  const { isToday, mentor } = model.view;
  const ofPanel = panel?.mentor ? [panel.mentor, ...panel.pauses] : [];
  const truth = isToday ? await readTruth(list, [...list.rowsRead, ...ofPanel]) : null;
  // A poll has left the panel as it is. It is read after all if its mentor has changed.
  const isPanelOld = truth?.changed.has(mentor) && !panel && isPanelRead();
  const panelNow = isPanelOld ? await readPanel() : panel;
  if (isLate()) return;
  if (list.isNew) forgetDone([list, model.lists[name]]);
  model.lists[name] = list;
  model.panel = panelNow ?? model.panel;
  if (list.isNew && name === "changes") keepSeen(list);
  if (truth) settle(truth, list);
  wish = null;
  model.face = "ready";
}

/** Keep in this browser which entry of everybody's changes is the newest one that was shown. */
function keepSeen(list) {
  const { by, of } = model.view;
  const [newest = "0"] = shownKeys(list);
  if (!by && !of && BigInt(newest) > BigInt(getSeen())) setSeen(newest);
}

/** Forget what was done to the rows of a list that is opened, and of the one before: they show what is there. */
function forgetDone(lists) {
  const isListed = (key) => lists.some((list) => list?.rows.has(key));
  forgetOutcomes((key, { isDone }) => isDone && isTableKey(key) && isListed(key) && !isTyped(key));
}

/** Forget what was said in the panel and the tray, if they were left; close the forms there that nobody has used. */
function leave(view, before) {
  const isPanelLeft = view.mentor !== before.mentor;
  const isViewLeft = view.question !== before.question;
  const isLeft = (key) => (isPanelKey(key) ? isPanelLeft : isViewLeft);
  const isUnused = (key) => isRowKey(key) && !isTyped(key) && !model.pending.has(key);
  for (const key of model.drafts.keys()) if (isLeft(key) && isUnused(key)) discardDraft(key);
  // A refusal stays beside the form that was refused: what was typed there is sent by a second click.
  const isOver = (key, isDone) => (isPanelKey(key) ? isDone || !isTyped(key) : key === TICKED && isDone);
  forgetOutcomes((key, { isDone }) => isLeft(key) && isOver(key, isDone));
}

/** Read the panel's mentor; return null if there is none. */
async function readPanel() {
  const { mentor, as_of, expected } = model.view;
  return mentor ? readMentor(model.view).catch((problem) => {
    if (![404, 422].includes(problem.status)) throw problem;
    return { id: mentor, as_of, expected, isUnknown: true };
  }) : null;
}

function showTrouble({ status, message, hasNoAnswer }) {
  model.trouble = `${message}${hasNoAnswer || status === 503 ? " The page tries again by itself." : ""}`;
  if (status === 401) model.whyToken = getToken() ? message : "";
  if (status !== 403) return;
  model.face = "forbidden";
  areRightsRead = false;
}

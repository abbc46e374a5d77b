// The page in node with a real service: what it reads and writes goes there, and a colleague writes there, too. Nothing
// is drawn but what a test asks for. The service and the page have one clock, which a test moves.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dateOf, dayNumber, now } from "../../../static/board/read/days.js";
import { model, setDrawPage } from "../../../static/board/read/model.js";
import { follow, refresh } from "../../../static/board/read/refresh.js";
import { setName } from "../../../static/board/read/storage.js";
import { piecesOf } from "../page.mjs";

const { SERVICE, CLOCK } = process.env; // the address of the service, and the file of its clock
const send = fetch;
const machine = () => performance.timeOrigin + performance.now(); // page.mjs has set Date.now
let ahead = Number(readFileSync(CLOCK)) * 1000; // milliseconds, by which both are ahead of the clock of the machine

document.baseURI = SERVICE;
setName("Ada");
setTime();

/** Have both clocks go on by so many seconds: what is written from then on has another time than what was before. */
export function passTime(seconds) {
  ahead += seconds * 1000;
  setTime();
}

function setTime() {
  Date.now = () => Math.floor(machine() + ahead);
  writeFileSync(`${CLOCK}.new`, String(ahead / 1000));
  renameSync(`${CLOCK}.new`, CLOCK); // the service may read it at any time
}

const later = setTimeout;
globalThis.setTimeout = (act, delay, ...values) => delay < 20_000 && later(act, delay, ...values); // no poll

/** Return the day that is so many days after today, as in `2034-05-01`. */
export const day = (offset) => dateOf(dayNumber(now()) + offset);

/** Send a request that is none of the page, and return the answer. */
export async function request(method, path, body) {
  const init = { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await send(new URL(`api/v1/${path}`, document.baseURI), init);
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

let count = 0;

/** Add a mentor with some pauses; return their id, and those of the pauses. What is written then is later. */
export async function addMentor(...pauses) {
  count += 1;
  const id = `m${count}`;
  await request("POST", "mentor-statuses", { mentor_id: id });
  const ids = [id];
  for (const pause of pauses) {
    const record = await request("POST", "pause-records", { mentor_id: id, reason: "leave", ...pause });
    ids.push(record.pause_record_id);
  }
  passTime(60);
  return ids;
}

/** Return a list to which each request of the page is added: its method, path, headers and body. */
export function listen() {
  const requests = [];
  globalThis.fetch = (address, { method, headers, body, signal }) => {
    requests.push([method, String(address).split("/api/v1/")[1], headers, body]);
    return send(address, { method, headers, body, signal });
  };
  return requests;
}

/** Have the requests of the page wait for one another, each for `before(method)`, too; null: no longer. */
export function interrupt(before) {
  let last = Promise.resolve();
  globalThis.fetch = before ? (address, init) => {
    last = last.then(() => before(init.method));
    return last.then(() => send(address, init));
  } : send;
}

/** Go to an address, and read what it asks for. */
export async function go(address) {
  location.hash = address;
  follow();
  await refresh();
}

/** Forget what was done, typed and ticked. */
export function beginAnew() {
  for (const kept of [model.drafts, model.outcomes, model.ticked]) kept.clear();
}

/** Return as soon as the page has drawn what makes a condition true. */
export const until = (condition) => new Promise((resolve) => {
  const check = () => condition() && resolve();
  setDrawPage(check);
  check();
});
setDrawPage(() => {});

/** Call the listener of an event in a part of the page: the first one of which what follows says that it is right. */
function call(part, event, isRight = () => true) {
  const pieces = piecesOf(part);
  const isListener = (piece, index) => typeof piece === "function" && pieces[index - 1].endsWith(`@${event}=`);
  const markupAfter = (index) => pieces.slice(index + 1).filter((piece) => typeof piece === "string").join("");
  pieces.find((piece, index) => isListener(piece, index) && isRight(markupAfter(index)))({ preventDefault() {} });
}

/** Send the form that a part of the page has. */
export const submit = (part) => call(part, "submit");

/** Press the button of a text in a part of the page. */
export const press = (part, text) => call(part, "click", (markup) =>
  markup.slice(markup.indexOf(">") + 1, markup.indexOf("</button")).replaceAll(/<[^>]*>/g, "").trim() === text);

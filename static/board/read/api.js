// The public API, as any client uses it.

import { setClock } from "./days.js";
import { getToken } from "./storage.js";

const WORDS_BY_CODE = { // instead of the API's own, which speak of methods, paths and headers
  unauthorized: "This service does not know the token. Copy it again, whole, or ask who runs the service for one.",
  not_found: "It is not there any more: somebody has deleted it.",
  already_exists: "There is a mentor of this id already.",
  conflict: "Another pause of this mentor has the same start and the same reason.",
};

/**
 * Why something was not done: the `message` to show, and below it `lines`, if any. Of an answer it has the `status` and
 * the `code`, the `detail` as the API wrote it, and `errors` by field. If it `hasNoAnswer`, no answer of the service
 * came: a write may have been carried out, or not.
 */
export class Problem extends Error {
  constructor({ code, detail = "The service cannot be reached.", ...facts }) {
    super(WORDS_BY_CODE[code] ?? detail);
    Object.assign(this, { code, detail, ...facts });
  }
}

export const pathOf = (list, id) => `${list}/${encodeURIComponent(id)}`;

/** Return the address of a path of the API: beside the page, also behind a proxy that adds a path. */
export const urlOf = (path) => new URL(`api/v1/${path}`, document.baseURI);

const OTHER = "Something other than this service answered: a proxy, or a network that asks you to sign in.";
const MOST_ANSWERS = 200;
const PATIENCE = 60_000; // milliseconds: if nothing comes for so long, the request is given up
const lastAnswers = new Map(); // to GET, by token and address: the browser may not store them (no-store)

/** Send a request; return `{data, file, etag, allow, entry, isReplayed}`. `body` is JSON, or bytes with a `type`. */
export async function send(method, path, { body, etag, type } = {}) {
  const headers = { "Content-Type": type ?? "application/json" };
  if (getToken()) headers.Authorization = `Bearer ${getToken()}`;
  if (etag) headers["If-Match"] = etag;
  else if (method === "DELETE") headers["If-None-Match"] = "*"; // no ETag is known: the mentor must be deleted already
  const fail = () => { throw new Problem({ hasNoAnswer: true }) };
  const key = method === "GET" && `${getToken()} ${path}`;
  const before = lastAnswers.get(key);
  if (before) headers["If-None-Match"] = before.etag; // what has not changed costs a 304
  const init = { method, headers, body: type ? body : JSON.stringify(body), cache: "no-store" };
  const { response, file } = await fetchWhole(urlOf(path), init).catch(fail);
  setClock(response.headers.get("Date"));
  if (response.status === 304) return before;
  const data = file.type.includes("json") ? await new Response(file).json().catch(() => undefined) : undefined;
  if (!response.ok) throw new Problem(data ?? { hasNoAnswer: true }); // without data it is a proxy's own
  const isOurs = method === "OPTIONS" || data || file.type.includes("csv");
  if (!isOurs) throw new Problem({ hasNoAnswer: true, detail: OTHER });
  const answer = { data, file, etag: response.headers.get("ETag"), allow: response.headers.get("Allow") };
  answer.entry = response.headers.get("History-Entry"); // the id of what was written, unless that was a table
  answer.isReplayed = response.headers.get("Idempotent-Replayed") === "true"; // nothing was written
  if (lastAnswers.size > MOST_ANSWERS) lastAnswers.clear(); // what is asked for again comes whole once
  if (key && answer.etag) lastAnswers.set(key, answer);
  return answer;
}

/** Fetch a response with the whole of its body, a `file`. A slow one is waited for, as long as more of it comes. */
async function fetchWhole(url, init) {
  const hung = new AbortController();
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => hung.abort(), PATIENCE);
  };
  const transform = (chunk, controller) => {
    wait();
    controller.enqueue(chunk);
  };
  wait();
  try {
    const response = await fetch(url, { ...init, signal: hung.signal });
    const body = response.body?.pipeThrough(new TransformStream({ transform }));
    return { response, file: await new Response(body, { headers: response.headers }).blob() };
  } finally {
    clearTimeout(timer);
  }
}

/** Return a path with those of the parameters that have a value, or an empty `after`: it asks for the first page. */
const withQuery = (path, query = {}) =>
  `${path}?${new URLSearchParams(Object.entries(query).filter(([name, value]) => value || name === "after"))}`;

export const get = async (path, query) => (await send("GET", withQuery(path, query))).data;
export const getFile = async (path, query) => (await send("GET", withQuery(path, query))).file;

const MOST_IDS = 40; // in one request: with ids of 64 characters, encoded, its line is below 8,190 bytes

/** Return ids in groups that one request may ask for. */
export const groupsOf = (ids) => Object.values(Object.groupBy(ids, (_, index) => Math.floor(index / MOST_IDS)));

export const PAGE = 50; // entries of the history that one request reads

/** Read at least so many of the newest entries of the history, in whole pages, and return them as one page. */
export async function readHistory(filters, count) {
  const pages = [];
  do {
    const after = pages.at(-1)?.pagination.next ?? "";
    pages.push(await get("history", { ...filters, limit: Math.min(count, PAGE), after }));
  } while (pages.length * PAGE < count && pages.at(-1).pagination.next);
  return { ...pages.at(-1), data: pages.flatMap(({ data }) => data) };
}

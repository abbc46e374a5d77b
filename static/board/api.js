// The public API, as any client uses it.

import { setClock } from "./days.js";

const ROOT = "api/v1/"; // beside the page, also behind a proxy that adds a path
const RIGHTS = {
  add: ["POST", "mentor-statuses"],
  pause: ["PUT", "mentor-statuses/any"],
  record: ["POST", "pause-records"],
  change: ["PUT", "pause-records/any"],
  delete: ["DELETE", "pause-records/any"],
  upload: ["POST", "pause-records"],
};

/** An answer that is no success: `status`, `code`, the `message` as the API wrote it, and `errors` by field. */
export class Problem extends Error {
  constructor({ status, code, detail, errors = {} }) {
    super(detail);
    Object.assign(this, { status, code, errors });
  }
}

/** No answer of the service came: a write may have been carried out, or not. */
export class Unreachable extends Error {}

export const setToken = (token) => sessionStorage.setItem("token", token);
export const getToken = () => sessionStorage.getItem("token");
export const mentorPath = (mentorId) => `mentor-statuses/${encodeURIComponent(mentorId)}`;
export const recordPath = (recordId) => `pause-records/${recordId}`;

/** Send a request; return `{data, text, etag, allow}`. `body` is JSON, or text where `type` is given. */
export async function send(method, path, { body, etag, type } = {}) {
  const headers = { "Content-Type": type ?? "application/json" };
  if (getToken()) headers.Authorization = `Bearer ${getToken()}`;
  if (etag) headers["If-Match"] = etag;
  const sent = type ? body : body && JSON.stringify(body);
  try {
    // The browser adds If-None-Match of what it has: what has not changed costs a 304.
    const response = await fetch(ROOT + path, { method, headers, body: sent, cache: "no-cache" });
    return await read(response, await response.text());
  } catch (error) {
    throw error instanceof Problem ? error : new Unreachable("The service cannot be reached.");
  }
}

function read(response, text) {
  setClock(response.headers.get("Date"));
  const isJson = /json/.test(response.headers.get("Content-Type"));
  if (!response.ok) throw isJson ? new Problem(JSON.parse(text)) : new Unreachable();
  const [etag, allow] = ["ETag", "Allow"].map((name) => response.headers.get(name) ?? "");
  return { data: isJson ? JSON.parse(text) : null, text, etag, allow: allow.split(/, */) };
}

/** GET with the parameters that have a value. */
export const get = (path, query = {}) =>
  send("GET", `${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value || value === 0))}`);

/** Read what the reader may do: `Allow` of OPTIONS names the methods that their token may use. */
export async function readRights() {
  const isAllowed = async ([name, [method, path]]) => {
    const { allow } = await send("OPTIONS", path);
    return [name, allow.includes(method)];
  };
  return Object.fromEntries(await Promise.all(Object.entries(RIGHTS).map(isAllowed)));
}

/** Find mentors with a text in their id, whatever the case, in the order of ids: at most 50. */
export async function findMentors(text, asOf) {
  const found = [];
  for (let next = ""; next !== null && found.length < 50; ) {
    const { data } = await send("GET", `mentor-statuses?${new URLSearchParams({ ...asOf, limit: 1000, after: next })}`);
    found.push(...data.data.filter(({ mentor_id: id }) => id.toLowerCase().includes(text.toLowerCase())));
    next = data.pagination.next;
  }
  return found.slice(0, 50);
}

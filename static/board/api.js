// The public API, as any client uses it.

import { setClock } from "./days.js";

const ROOT = "api/v1/"; // beside the page, also behind a proxy that adds a path

/**
 * An answer that is no success: `status`, `code`, the `message` as the API wrote it, and `errors` by field. The status
 * is 0 where no answer of the service came: a write may have been carried out, or not.
 */
export class Problem extends Error {
  constructor({ status, code, detail, errors = {} }) {
    super(detail);
    Object.assign(this, { status, code, errors });
  }
}

const UNREACHABLE = { status: 0, detail: "The service cannot be reached." };

export const setToken = (token) => sessionStorage.setItem("token", token);
export const getToken = () => sessionStorage.getItem("token");
export const mentorPath = (mentorId) => `mentor-statuses/${encodeURIComponent(mentorId)}`;
export const recordPath = (recordId) => `pause-records/${recordId}`;

/** Send a request; return `{data, text, etag, allow}`. `body` is JSON, or text where `type` is given. */
export async function send(method, path, { body, etag, type } = {}) {
  const headers = { "Content-Type": type ?? "application/json" };
  if (getToken()) headers.Authorization = `Bearer ${getToken()}`;
  if (etag) headers["If-Match"] = etag;
  try {
    // The browser adds If-None-Match of what it has: what has not changed costs a 304.
    const init = { method, headers, body: type ? body : body && JSON.stringify(body), cache: "no-cache" };
    const response = await fetch(ROOT + path, init);
    return read(response, await response.text());
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(UNREACHABLE);
  }
}

function read(response, text) {
  setClock(response.headers.get("Date"));
  const data = /json/.test(response.headers.get("Content-Type")) ? JSON.parse(text) : null;
  if (!response.ok) throw new Problem(data ?? UNREACHABLE); // a proxy's own error
  const allow = response.headers.get("Allow") ?? "";
  return { data, text, etag: response.headers.get("ETag"), allow: allow.split(/, */) };
}

/** GET with those of the parameters that have a value, and `after`. */
export function get(path, query = {}) {
  const given = Object.entries(query).filter(([name, value]) => value || name === "after");
  return send("GET", `${path}?${new URLSearchParams(given)}`);
}

/** Find mentors with a text in their id, whatever the case, in the order of ids: at most 50. */
export async function findMentors(text, filters) {
  const found = [];
  for (let after = ""; after !== null && found.length < 50; ) {
    const { data } = await get("mentor-statuses", { ...filters, limit: 1000, after });
    found.push(...data.data.filter(({ mentor_id: id }) => id.toLowerCase().includes(text.toLowerCase())));
    after = data.pagination.next;
  }
  return found.slice(0, 50);
}

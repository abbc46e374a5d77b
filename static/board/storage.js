// What the browser keeps for this page. If its storage is blocked, the page keeps it until it is left.

function open(name) {
  try {
    return window[name] ?? {};
  } catch { // reading the property alone is refused
    return {};
  }
}

const [untilClosed, forGood] = [open("sessionStorage"), open("localStorage")];

export const getToken = () => untilClosed.token ?? null;
export const setToken = (token) => (untilClosed.token = token);
export const getName = () => forGood.name ?? null;
export const setName = (name) => (forGood.name = name);

const NAMES = `names of mentors at ${location.pathname}`; // other services may be at other paths of this host

/** Return the names of mentors, `[[id, name], …]`. */
export const getNames = () => JSON.parse(forGood[NAMES] ?? "[]");

/** Keep the names of mentors; return whether they are kept for good. */
export function setNames(names) {
  try {
    forGood[NAMES] = JSON.stringify(names);
    return forGood instanceof Storage;
  } catch { // it is full
    delete forGood[NAMES];
    return false;
  }
}

/** Return the metadata of a write that nobody types, or null: with a token the service knows who writes. */
export const signature = () => (getName() && !getToken() ? { initiated_by: getName() } : null);

/** Return what this tab has written, as setWrites() has kept it: also if the page was loaded again. */
export const getWrites = () => JSON.parse(untilClosed.writes ?? '{"undos": [], "own": []}');

export function setWrites(writes) {
  try {
    untilClosed.writes = JSON.stringify(writes);
  } catch { // the storage is full: they are lost when the page is loaded again
    delete untilClosed.writes;
  }
}

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
/** Return the name of who writes; empty: they go on without one; null: they were not asked yet. */
export const getName = () => forGood.name ?? null;
export const setName = (name) => keep(forGood, "name", name);

const NAMES = `names of mentors at ${location.pathname}`; // other services may be at other paths of this host

/** Return the names of mentors, `[[id, name], …]`. */
export const getNames = () => JSON.parse(forGood[NAMES] ?? "[]");

/** Keep the names of mentors; return whether they are kept for good. */
export const setNames = (names) => keep(forGood, NAMES, JSON.stringify(names)) !== "" && forGood instanceof Storage;

/** Return the metadata of a write, if it has any. With a token, the service knows who writes. */
export function metadataOf(notes) {
  const name = (!getToken() && getName()?.trim()) || undefined;
  return name || notes ? { initiated_by: name, notes } : undefined;
}

/** Return the undos of this tab, as setUndos() has kept them: also if the page was loaded again. */
export const getUndos = () => JSON.parse(untilClosed.undos ?? "[]");
export const setUndos = (undos) => keep(untilClosed, "undos", JSON.stringify(undos));

/** Return the forms that are open, as setDrafts() has kept them: `[[key, draft], …]`. */
export const getDrafts = () => JSON.parse(untilClosed.drafts ?? "[]");
export const setDrafts = (drafts) => keep(untilClosed, "drafts", JSON.stringify(drafts));

/** Keep a text, and return what is kept: nothing, if the storage is full. */
function keep(storage, name, text) {
  try {
    storage[name] = text;
  } catch { // it is full
    delete storage[name];
  }
  return storage[name] ?? "";
}

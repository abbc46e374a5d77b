// What the browser keeps for this page. If its storage is blocked, the page keeps it until it is left.

function open(name) {
  try {
    return window[name] ?? {};
  } catch { // reading the property alone is refused
    return {};
  }
}

const [untilClosed, forGood] = [open("sessionStorage"), open("localStorage")];

/** Return the name under which something is kept: other services may be at other paths of this host. */
const here = (name) => `${name} at ${location.pathname}`;

const [TOKEN, NAME, SEEN, NAMES, WRITES] = ["token", "name", "seen", "names of mentors", "writes"].map(here);

export const getToken = () => untilClosed[TOKEN] ?? null;
export const setToken = (token) => keep(untilClosed, TOKEN, token);
/** Return the name of who writes; empty: they go on without one; null: they were not asked yet. */
export const getName = () => forGood[NAME] ?? null;
export const setName = (name) => keep(forGood, NAME, name);

/** Return the id of the newest entry of the history that What changed has shown in this browser; "0": none yet. */
export const getSeen = () => forGood[SEEN] ?? "0";
export const setSeen = (id) => keep(forGood, SEEN, id);

/** Return the names of mentors, `[[id, name], …]`. */
export const getNames = () => JSON.parse(forGood[NAMES] ?? "[]");

/** Keep the names of mentors; return whether they are kept for good, or the storage is full or blocked. */
export const setNames = (names) => keep(forGood, NAMES, JSON.stringify(names)) !== "" && forGood instanceof Storage;

/** Act if another tab changes the names, or empties the storage. */
export const followNames = (act) =>
  window.addEventListener("storage", ({ key }) => [NAMES, null].includes(key) && act());

/** Return the writes of this tab, as setWrites() has kept them: also if the page was loaded again. */
export const getWrites = () => JSON.parse(untilClosed[WRITES] ?? "[]");
export const setWrites = (writes) => keep(untilClosed, WRITES, JSON.stringify(writes));

/** Keep a text, and return what is kept: nothing, if the storage is full. */
function keep(storage, name, text) {
  try {
    storage[name] = text;
  } catch { // it is full
    delete storage[name];
  }
  return storage[name] ?? "";
}

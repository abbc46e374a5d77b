// What the browser keeps for this page. If its storage is blocked, the page keeps it until it is left.

const open = (name) => {
  try {
    return window[name] ?? memory();
  } catch { // reading the property alone is refused
    return memory();
  }
};

function memory() {
  const values = new Map();
  return { getItem: (name) => values.get(name) ?? null, setItem: (name, value) => values.set(name, value) };
}

const [untilClosed, forGood] = [open("sessionStorage"), open("localStorage")];

export const getToken = () => untilClosed.getItem("token");
export const setToken = (token) => untilClosed.setItem("token", token);
export const getName = () => forGood.getItem("name");
export const setName = (name) => forGood.setItem("name", name);

/** Return the metadata of a write that nobody types, or null: with a token the service knows who writes. */
export const signature = () => (getName() && !getToken() ? { initiated_by: getName() } : null);

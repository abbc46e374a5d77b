// Who writes. Without tokens the service does not know: "Your name" is asked for before the first write of a browser.

import { draw, model } from "./model.js";
import { getName, getToken, setName } from "./storage.js";

let answer = null; // takes whether the write that waits goes on

/** Return whether a write may go on: if nobody is known who writes, after asking for the name. */
export async function askForWriter() {
  if (getToken() || getName() !== null) return true;
  if (model.isNameAsked) return false; // for another write
  model.isNameAsked = true;
  draw();
  return new Promise((resolve) => (answer = resolve));
}

/** Take the name (empty: go on without one; null: do not write). */
export function giveName(name) {
  model.isNameAsked = false;
  if (name !== null) setName(name);
  draw();
  answer(name !== null);
}

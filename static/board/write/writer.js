// Who writes. Without tokens the service does not know: "Your name" is asked for before the first write of a browser.

import { draw, model } from "../read/model.js";
import { getName, getToken, setName } from "../read/storage.js";

let goOn = null; // resolves the write that waits: whether it goes on

/** Return whether a write may go on. If nobody is known who writes, ask for the name; the button says what for. */
export async function askForWriter(intent) {
  if (getToken() || getName() !== null) return true;
  if (model.intent) return false; // for another write
  model.intent = intent;
  draw();
  return new Promise((resolve) => (goOn = resolve));
}

/** Take the name (empty: go on without one; null: do not write). */
export function giveName(name) {
  model.intent = null;
  if (name !== null) setName(name);
  draw();
  goOn(name !== null);
}

/** Return the metadata of a write, if it has any. With a token, the service knows who writes. */
export function metadataOf(notes) {
  const name = (!getToken() && getName()?.trim()) || undefined;
  return name || notes ? { initiated_by: name, notes } : undefined;
}

// The search. While names are loaded, what is typed may be one: it is matched here, and stays out of the address.

import { followAddress, go, link, state } from "./address.js";
import { hasNames } from "./names.js";

let typed = null; // while names are loaded: what was typed, `{text, address}`, at which address of the page

/** Search for a text. */
export function search(text) {
  if (!hasNames()) return go({ q: text }, false); // a letter is no step back
  typed = { text, address: link({ q: "" }) };
  if (state().q) go({ q: "" }, false);
  else followAddress();
}

/**
 * Return a view with what is searched: `q`, as it was `typed`; and the `question`, which is another one if anything
 * else is to be read: the panel, and how much of the timeline is drawn, change nothing in it.
 */
export function searched(view) {
  if (typed?.address !== view.address || !hasNames()) typed = null; // somebody has gone elsewhere, or forgot the names
  const text = typed?.text ?? view.q;
  const question = JSON.stringify([text.trim(), hasNames(), view.address.replace(/&?rows=all/, "")]);
  return { ...view, q: text.trim(), typed: text, question };
}

// The search. While names are loaded, what is typed may be one: it is matched here, and stays out of the address.

import { followAddress, go, link, readAddress } from "./address.js";
import { hasNames } from "./names.js";

// Without names, what is searched for is `q` of the address. With names it is this: `{text, address}`, what was typed
// at which address of the page; or null.
let unsent = null;

/** Search for a text. */
export function search(text) {
  if (!hasNames()) return go({ q: text }, false); // a letter is no step back
  unsent = { text, address: link({ q: "" }) };
  if (readAddress().q) go({ q: "" }, false);
  else followAddress();
}

/**
 * Return a view with what is searched: `q`, as it was `typed`; and the `question`, which is another one if anything
 * else is to be read: the panel, and how much of the timeline is drawn, change nothing in it.
 */
export function searched(view) {
  if (unsent?.address !== view.address || !hasNames()) unsent = null; // somebody went elsewhere, or forgot the names
  const text = unsent?.text ?? view.q;
  const question = JSON.stringify([text.trim(), hasNames(), view.address.replace(/&?rows=all/, "")]);
  return { ...view, q: text.trim(), typed: text, question };
}

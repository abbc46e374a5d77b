// The search. While names are loaded, what is typed may be one: it is matched here, and stays out of the address.

import { followAddress, go, link, state } from "./address.js";
import { hasNames } from "./names.js";

// What searched() adds to the view while names are loaded: `{text, isSent, address}`, at which address it was typed.
let typed = null;

/** Search for a text. With `isSent`, the service looks for it in all ids, also while names are loaded. */
export function search(text, isSent = false) {
  if (!hasNames()) return go({ q: text }, false); // a letter is no step back
  typed = { text, isSent, address: link({ q: "" }) };
  if (state().q) go({ q: "" }, false);
  else followAddress();
}

/**
 * Return a view with what is searched: `q`, as it was `typed`, and whether the service looks for it (`isSent`); and the
 * `question`, which is another one if anything else is to be read: the panel, and how much of the timeline is drawn,
 * change nothing in it.
 */
export function searched(view) {
  const isLost = !hasNames() && typed && !typed.isSent; // the names were forgotten: it may be one, so it is not sent
  if (typed?.address !== view.address || isLost) typed = null; // or somebody has gone elsewhere
  const text = typed?.text ?? view.q;
  const [q, isSent] = [text.trim(), typed?.isSent ?? !hasNames()];
  const question = JSON.stringify([q, isSent, view.address.replace(/&?rows=all/, "")]);
  return { ...view, q, typed: text, isSent, question };
}

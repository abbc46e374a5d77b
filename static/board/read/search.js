// The search. While names are loaded, what is typed may be one: it is matched here, and stays out of the address.

import { followAddress, go, link, readAddress } from "./address.js";
import { model } from "./model.js";
import { hasNames } from "./names.js";

// Without names, the search is `q` of the address. With names, it is this: `{text, place}`, what was typed, and where
// the page was then; or null. It ends when the page is elsewhere.
let nameSearch = null;

/** Return where the page is: its address, whatever the day. */
const placeNow = () => link({ q: "", as_of: "", expected: "" });

/** Search for a text, on the day that is shown. */
export function search(text) {
  if (!hasNames()) return go({ q: text }, false); // a letter is no step back
  nameSearch = { text, place: placeNow() };
  if (readAddress().q) go({ q: "" }, false); // it is of before the names were loaded
  else followAddress();
}

/**
 * End a search of names if the page is elsewhere by now. Return a view with the search: `q`, and the text as it was
 * `typed`; and with its `question`, a text: as long as that is the same, the same list is asked for. (Neither the panel
 * nor the timeline in place of the list changes it.)
 */
export function withSearch(view) {
  if (nameSearch?.place !== placeNow() || !hasNames()) nameSearch = null; // the reader went on, or forgot the names
  const text = nameSearch?.text ?? view.q;
  const seen = view.when === "seen" && model.seen;
  const question = JSON.stringify([text.trim(), hasNames(), seen, view.address.replace(/&?layout=timeline/, "")]);
  return { ...view, q: text.trim(), typed: text, question };
}

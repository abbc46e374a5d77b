// The model of the page: all that it shows follows from this one object. Who changes it calls draw().

import { getDrafts, setDrafts } from "./storage.js";

export const model = {
  face: "loading", // or "ready", "empty" (no mentor yet), "forbidden" (the token may read no pauses)
  mentorUrl: null, // the address of a mentor's page outside of this service, with {mentor_id} in it
  mayRead: false,
  mayWrite: false,
  view: null, // what is asked for: viewNow() in address.js, and searched() in search.js
  lists: {}, // by view: the list that is shown, see list.js
  trouble: "", // why nothing could be read
  whyToken: null, // why a token is asked for, in words; null: none is
  isNameAsked: false, // "Your name" is asked for, before the first write of this browser
  panel: null, // what the panel has read of a mentor: `{id, as_of, mentor, pauses, history}`, or that they are unknown
  chosen: new Map(), // the rows that are ticked, as they were then, by their keys
  isTrayWhole: false, // the tray names all of the ticked rows
  unread: new Set(), // mentors who were changed, until they are read again: their next write needs their new ETag
  written: new Map(), // when this tab has written about a mentor last (milliseconds), by the mentors
  pending: new Map(), // what is on its way, by the key of what it changes: see saving.js
  // What came of the last write, by the same keys: `{isDone, words}`, and `detail` to draw beside the words. If this
  // tab has done it, also the `undo` that takes it back, or the undo of the write of several rows that it was `partOf`.
  // If it was not done, `lines` that say why, and whether it `isLost`: no answer came, and it may have been made.
  // `asRead` is for forgetAtReading() in others.js.
  outcomes: new Map(),
  drafts: new Map(getDrafts()), // the forms that are open, `{write, values}`, by the same keys
  upload: null, // the table that was checked, before it is applied: see tables.js
  said: "", // what was done last, for a screen reader
};

let drawPage = null;

/** Have `draw()` draw the page by a function. */
export const drawBy = (drawIt) => (drawPage = drawIt);

/** Draw the page as the model is now. */
export const draw = () => drawPage();

/** Say whether writes are offered: not to a token that may only read, and not on another day. */
export const canWrite = () => model.mayWrite && model.view.isToday;

/** Return the name of what is shown: a view, or what a search has found. */
export const shownName = () => (model.view.q ? "found" : model.view.view);

/** Return the list that is shown, if it was read already. */
export const shownList = () => model.lists[shownName()];

/** Say whether the list that is shown answers what was asked for before. */
export const isShownListOld = () => shownList()?.question !== model.view.question;

/** Open a form, or keep what was typed into it; that is kept until it is sent or discarded, also over a reload. */
export function keepDraft(key, draft) {
  model.drafts.set(key, draft);
  setDrafts(listTyped());
}

/** Return the forms into which something was typed, `[[key, draft], …]`. */
export const listTyped = () => [...model.drafts].filter(([, { values }]) => Object.keys(values).length);

/** Close a form, and forget what was typed into it. */
export function discardDraft(key) {
  model.drafts.delete(key);
  setDrafts(listTyped());
}

/** Forget what was read, ticked, typed and done: another token may be somebody else's. */
export function forgetAll() {
  for (const kept of [model.chosen, model.outcomes, model.drafts, model.unread]) kept.clear();
  setDrafts([]);
  Object.assign(model, { isTrayWhole: false, lists: {}, panel: null, upload: null, mayRead: false, mayWrite: false });
}

/** Say what was done, to a screen reader. */
export const say = (words) => (model.said = words);

// The model of the page: all that it shows follows from this one object. Who changes it calls draw().

export const model = {
  face: "loading", // of the whole page; or "ready", "empty" (no mentor yet), "forbidden" (the token reads no pauses)
  mentorUrl: null, // the address of a mentor's page outside of this service, with {mentor_id} in it
  mayRead: false,
  mayWrite: false,
  view: null, // what is asked for: viewNow() in address.js, and withSearch() in search.js
  lists: {}, // by shownName(): the list that was read last, see list.js
  rowsDrawn: 0, // how many rows of a table are drawn so far: see drawPage()
  trouble: "", // why nothing could be read
  whyToken: null, // why a token is asked for, in words, or ""; null: none is asked for
  isNameAsked: false, // "Your name" is asked for, before the first write of this browser
  panel: null, // what was read of the mentor in the panel: see readMentor(); `isUnknown`: there is none
  ticked: new Map(), // the rows that are ticked, as they were then, by their keys
  areAllNamed: false, // the tray names all ticked rows, not the first ones alone
  unread: new Set(), // mentors who were changed, until they are read again: their next write needs their new ETag
  written: new Map(), // when this tab has written about a mentor last (milliseconds), by the mentors
  pending: new Map(), // what is on its way, by the key of what it changes: see saving.js
  // What came of the last write, by the same keys:
  // - `isDone`, and `words` that say what was done, or why not;
  // - `isRefused`: it was done by somebody else, while this tab had tried something;
  // - `detail`: what is drawn beside the words;
  // - `undo`: the write of this tab (see undo.js) that its Undo takes back;
  // - `partOf`: in the place of `undo`, the write of several rows of which this row was one: the tray has its Undo;
  // - `mentors`, of an Undo: whom it was about;
  // - `lines` (not done): why, in detail;
  // - `isLost` (not done): no answer came, so the write may have been made;
  // - `rowAfterWrite`: see forgetAtReading() in forgetting.js.
  outcomes: new Map(),
  drafts: new Map(), // the forms that are open, `{write, values}`, by the same keys
  upload: null, // the table that was checked, before it is applied: see tables.js
  announced: "", // what was done last, for a screen reader
};

let drawPage = null;

/** Set what draw() calls. (This module cannot import it: the page imports the model.) */
export const setDrawPage = (drawThePage) => (drawPage = drawThePage);

/** Draw the page as the model is now. */
export const draw = () => drawPage();

/** Say whether writes are offered: not to a token that may only read, and not on another day. */
export const canWrite = () => model.mayWrite && model.view.isToday;

/** Return the name of what is shown: a view, or "found", what a search has found. */
export const shownName = () => (model.view.q ? "found" : model.view.view);

/** Return the list that is shown; undefined until it was read. */
export const shownList = () => model.lists[shownName()];

/**
 * Return how many pauses of a mentor are in force, at least 1, as the panel or the list that is shown has counted them;
 * undefined: it has not. Of nobody (several mentors) it is 1.
 */
export function togetherOf(mentor) {
  if (!mentor) return 1;
  const { together } = (mentor === model.view.mentor && model.panel?.id === mentor ? model.panel : shownList()) ?? {};
  return together && (together.get(mentor) ?? 1);
}

/** Say whether no list answers what is asked for now: an older one, if any, is shown until then. */
export const isAnswerMissing = () => shownList()?.question !== model.view.question;

/** Open the form of a write at a key, with what was typed into an earlier one. */
export const openForm = (key, write) => keepDraft(key, { values: {}, ...model.drafts.get(key), write });

/** Keep what was typed into a form until it is sent or discarded. */
export const keepDraft = (key, draft) => model.drafts.set(key, draft);

/** Say whether something was typed into the form at a key. */
export const isTyped = (key) => Object.values(model.drafts.get(key).values).some((value) => value !== undefined);

/** Close a form, and forget what was typed into it. */
export const discardDraft = (key) => model.drafts.delete(key);

/** Forget what was read, ticked, typed and done: another token may be somebody else's. */
export function forgetAll() {
  for (const kept of [model.ticked, model.outcomes, model.drafts, model.unread]) kept.clear();
  Object.assign(model, { areAllNamed: false, lists: {}, panel: null, upload: null, mayRead: false, mayWrite: false });
}

/** Have a screen reader say something. */
export const announce = (words) => (model.announced = words);

// The model of the page: all that it shows follows from this one object. Who changes it calls draw().

import { now } from "./days.js";
import { getNames, getSeen, getWrites, setWrites } from "./storage.js";

export const model = {
  face: "loading", // of the whole page; or "ready", "forbidden" (the token reads no pauses)
  mayRead: false,
  mayWrite: false,
  view: null, // what is asked for: viewNow() in address.js, and withSearch() in search.js
  lists: {}, // by shownName(): the list that was read last, see list.js
  trouble: "", // why nothing could be read
  whyToken: null, // why a token is asked for, in words, or ""; null: none is asked for
  intent: null, // what goes on as soon as "Your name" is given, such as `bring ada back`
  panel: null, // what was read of the mentor in the panel: see readMentor(); `isUnknown`: there is none
  dayAsked: "", // on which the panel says whether the mentor is available
  tags: new Map(), // of mentors: `tag`, their ETag as it was read last (null: there is no such mentor), and `at`, when
  readAt: 0, // when the list was asked for that was taken last, in milliseconds
  ticked: new Map(), // the rows that are ticked, as they were read last, by their keys. One that nothing
  // fits any more is `leftOut`, one that was `refused` counts: both say why
  areAllNamed: false, // the tray names all ticked rows, not the first ones alone
  stale: new Set(), // mentors who were changed here: until they are read again, their ETag is not known
  pending: new Map(), // what is on its way, by the key of what it changes: see saving.js
  // What came of the last write, by the same keys; settle() in read/truth.js ends it when it is no longer so:
  // - `isDone`, and `words` that say what was done, or why not;
  // - `mentors`: whom it is about, at a key that is no row's; of what was done, those of whom it is still so;
  // - `entries`: the ids of the entries of the history that it says.
  // What was done:
  // - `isByOthers`: somebody else has done it; `isNote`: it was a note alone;
  // - `write`: the write of this tab (see undo.js) that its Undo takes back; if it `isByOthers`, the one before it;
  // - `writeOfAll`: that of several rows of which this one was one: the tray has its Undo, and `write` is this part;
  // - `detail`: what is drawn beside the words;
  // - `added`, of Add mentors: the text, which comes back after an Undo.
  // What was not done:
  // - `lines`: why, in detail;
  // - `isUnanswered`: it may have been done, by the button `label`;
  // - `refused`, of several: why, by mentor, and the `request` that can be repeated without them.
  outcomes: new Map(),
  // The forms that are open, by the same keys: the `write`, the `values` that were typed, and the `rows` that they are
  // about, as they were when the form was opened: so a write overwrites nobody. If it no longer fits,
  // it has the row that it `fitted`, and there may be an `otherForm`, see otherFormOf().
  drafts: new Map(),
  writes: getWrites(), // what this tab has written, the oldest first: see remember()
  // The ids of the entries of the history that this tab has written.
  ownEntries: new Set(getWrites().flatMap(({ entries }) => entries)),
  seen: getSeen(), // the id of the newest entry that What changed had shown when it was opened
  unfolded: new Set(), // the keys of the actions in What changed of which each entry is shown
  writers: new Set(), // who has written the changes that were read
  names: new Map(getNames()), // of mentors, by their ids: see names.js
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

/** Open the form of a write of some rows; one that was left open is about the rows as they were then. */
export function openForm(key, write, rows) {
  const before = isTyped(key) ? model.drafts.get(key) : { values: {}, rows };
  model.drafts.set(key, { values: before.values, rows: before.rows, write });
}

/** Keep what was typed into a form until it is sent or discarded. */
export const keepDraft = (key, draft) => model.drafts.set(key, { ...model.drafts.get(key), ...draft });

/** Say whether something was typed into the form at a key. */
export const isTyped = (key) => Object.values(model.drafts.get(key)?.values ?? {}).some((value) => value !== undefined);

/** Close a form, and forget what was typed into it. */
export const discardDraft = (key) => model.drafts.delete(key);

/** End the outcomes that are over. */
export function forgetOutcomes(isOver) {
  for (const [key, outcome] of model.outcomes) if (isOver(key, outcome)) model.outcomes.delete(key);
}

/**
 * Remember a write of this tab, and return it: `{id, at, mentors, words, label, entries, isUndone}`; null if it has no
 * entry that can be taken back. `label` is that of the button that does so. `entries` are the ids of its entries of the
 * history that can still be taken back; if all of them were, it `isUndone`. The undo of an entry of somebody else has
 * the words that are `said` of it, too.
 */
export function remember({ mentors, words, entries, label = "Undo" }) {
  if (!entries.length) return null;
  const write = { id: entries[0], at: now(), mentors, words, label, entries };
  model.writes.push(write);
  setWrites(model.writes);
  return write;
}

/** Forget what was read, ticked and done: another token may be somebody else's. What was typed stays: it may not be. */
export function forgetAll() {
  const { tags, ticked, outcomes, stale, ownEntries, writers } = model;
  for (const kept of [tags, ticked, outcomes, stale, ownEntries, writers]) kept.clear();
  setWrites([]);
  Object.assign(model, { areAllNamed: false, lists: {}, panel: null, upload: null, mayRead: false, mayWrite: false });
  model.writes = [];
}

/** Have a screen reader say something. */
export const announce = (words) => (model.announced = words);

// A write on its way: one request, and the reading after it. What came of it stands where it was asked for.

import { Problem } from "../read/api.js";
import { now } from "../read/days.js";
import { TICKED, isRowKey, isUndoKey, keyOfUndo, mentorOf } from "../read/keys.js";
import { announce, discardDraft, draw, forgetOutcomes, isTyped, keepDraft, model, remember } from "../read/model.js";
import { mentorsOf } from "../read/pauses.js";
import { refresh } from "../read/refresh.js";
import { sayRefused } from "../read/words.js";
import { sendWrite } from "./sending.js";
import { forgetTicks, untickDone } from "./ticked.js";
import { takeBack, undoOfPart } from "./undo.js";
import { askForWriter } from "./writer.js";
import { WRITES, otherFormOf, sayIntent, sayWrite } from "./writes.js";

const [SHOWN_AFTER, LONG] = [300, 10_000]; // milliseconds

const LOST = "No answer came: the change may have been made, or not. Trying again is safe.";

const sayAgain = (label) => `To make your change on top of it, press “${label}” again.`;

const NO_LONGER_FITS = "Your change no longer fits: “Cancel” closes the form.";

const AS_BEFORE = "it is so already: nothing was changed now";

/** Return what the button of a write that is on its way says, or undefined: nothing is on its way there. */
export function sayProgress(key) {
  if (!model.pending.has(key)) return undefined;
  const { label, since, isWrite } = model.pending.get(key);
  const time = Date.now() - since;
  if (time >= LONG) return "No answer yet";
  if (time >= SHOWN_AFTER) return isWrite ? "Saving…" : "Loading…";
  return label;
}

/** Say whether nothing can be written at a key now. */
export const isDisabled = (key) => model.pending.has(key) || model.stale.has(mentorOf(key));

/**
 * Act for a key, at most once at a time: its controls are disabled until `act()` has returned the outcome, which stands
 * at the key from then on, or has raised a Problem. `label` is what the button says. Before a write (`isWrite`) a name
 * is asked for, if none is known: its button says the `intent`. After it everything is read again. The `form` that it
 * sends is closed by then. `mentors` are those whom it is about, if that is known.
 */
export async function carryOut(key, label, act, { isWrite = true, form, intent, mentors = [] } = {}) {
  if (isDisabled(key)) return;
  if (isWrite && !(await askForWriter(intent ?? label.toLowerCase()))) return;
  const focusFallback = document.activeElement?.closest("[data-key], #strip, .content"); // if the button disappears
  const hideProgress = showProgress(key, { label, isWrite, mentors });
  try {
    if (isWrite && !navigator.onLine) throw new Problem({ detail: "Not sent: this device is offline." });
    const outcome = await act();
    if (form && model.drafts.get(key) === form) discardDraft(key); // else more was typed meanwhile
    if (outcome) model.outcomes.set(key, { isDone: true, entries: [], mentors, ...outcome });
    announce(outcome?.words ?? "");
    // Move the focus before the button disappears, unless it is elsewhere by now.
    if (isWrite && focusFallback?.contains(document.activeElement)) focusFallback.focus({ preventScroll: true });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setNotDone(key, problem, { label, isWrite, mentors });
  } finally {
    hideProgress();
    const row = form && document.activeElement?.closest("[data-key]"); // without its form it may have left the window
    (document.querySelector(`[data-outcome="${CSS.escape(key)}"]`) ?? row)?.scrollIntoView({ block: "nearest" });
  }
  if (isWrite) await refresh();
}

/** Disable the controls of a key, and have its button say how long it takes. Return a function that ends this. */
function showProgress(key, facts) {
  model.pending.set(key, { ...facts, since: Date.now() });
  model.outcomes.delete(key);
  announce(""); // so that the same words are read out once more
  draw();
  const timers = [SHOWN_AFTER, LONG].map((time) => setTimeout(draw, time));
  return () => {
    timers.forEach(clearTimeout);
    model.pending.delete(key);
    draw();
  };
}

/**
 * Have the outcome at a key say why something was not done. If a colleague has changed what it was about, the form
 * there goes on with what is there now. A write without an answer may have been made: the next reading shows that.
 */
function setNotDone(key, problem, { label, isWrite, mentors }) {
  const { hasNoAnswer, status, lines = [], errors = {}, entries = [], rows, stillFits, refused, request } = problem;
  const draft = model.drafts.get(key);
  const noLongerFits = stillFits === false && isTyped(key);
  const otherForm = noLongerFits ? otherFormOf(draft.rows[0], rows) : undefined;
  if (stillFits === false && !noLongerFits) discardDraft(key); // nothing was typed into it
  else if (rows && draft) {
    const fitted = noLongerFits ? draft.rows[0] : undefined;
    keepDraft(key, { rows: draft.rows.map((row) => rows.get(row.key) ?? row), fitted, otherForm });
  }
  const fieldLines = Object.entries(errors).map(([name, texts]) => sayRefused(name, texts));
  const next = stillFits ? sayAgain(label) : noLongerFits && !otherForm ? NO_LONGER_FITS : "";
  let words = `${problem.message} ${next}`.trim();
  if (fieldLines.length) words = "Not done:";
  if (hasNoAnswer && isWrite) words = LOST;
  model.outcomes.set(key, {
    isDone: false, isUnanswered: isWrite && (hasNoAnswer || status === 503),
    words, lines: [...lines, ...fieldLines], entries, label, mentors, refused, request,
  });
  announce([words, ...fieldLines].join(" "));
}

/**
 * Carry out a write for some rows together: all of them or none. `key` is where it was asked for, `label` what was
 * pressed there, and `form` the draft that was sent, if there is one.
 */
export const write = (key, name, rows, values = {}, { label = WRITES[name].label, form } = {}) =>
  carryOut(key, label, () => sendAndRecord(key, name, rows, values),
    { form, intent: sayIntent(name, rows), mentors: mentorsOf(rows) });

async function sendAndRecord(key, name, rows, values) {
  const words = sayWrite(name, rows, values);
  // What is said depends on how many pauses are in force: it is said of the list as it was.
  const wordsOf = new Map(rows.map((row) => [row.key, sayWrite(name, [row], values)]));
  const changed = await sendWrite(name, rows, values);
  if (key === TICKED) untickDone(rows);
  if (!changed.length) return { words: AS_BEFORE };
  const { isNote } = changed[0]; // of one row: a table has none
  const outcome = recordWrite(changed, words, isNote);
  if (key === TICKED) {
    for (const row of rows) {
      const own = entryIdsOf(changed.filter(({ mentor_id: id }) => id === row.mentor_id));
      if (!own.length) continue; // a colleague had done it before
      const [rowWords, writeOfAll] = [wordsOf.get(row.key), outcome.write];
      const part = undoOfPart(row.mentor_id, own, rowWords);
      model.outcomes.set(row.key, { isDone: true, words: rowWords, entries: own, write: part, writeOfAll });
    }
  }
  return { ...outcome, entries: entryIdsOf(changed), isNote, mentors: mentorsOf(changed) };
}

/** Record a write by the lines of what was changed, which are undone together, and return its outcome. */
export function recordWrite(changed, words, isNote = false) {
  const [mentors, entries] = [mentorsOf(changed), entryIdsOf(changed)];
  for (const id of entries) model.ownEntries.add(id); // a note alone has no Undo, but is one's own, too
  markStale(mentors);
  return { words, write: remember({ mentors, words, entries: isNote ? [] : entries }) };
}

const entryIdsOf = (changed) => changed.map(({ history_entry_id: id }) => id);

/** Have nothing else be written about mentors who were changed until they are read again, and untick them. */
function markStale(mentors) {
  for (const mentor of mentors) model.stale.add(mentor);
  forgetTicks([...model.ticked.keys()].filter((key) => model.stale.has(mentorOf(key))));
}

/** Take a write of this tab back. (There is no Redo of it: it can be done again in its place.) */
export const undoWrite = (write) => carryOutUndo(write, () => ({ words: "undone" }));

/** Undo an entry of the history, which is then a write of this tab, and can be taken back, too. */
export const undoEntry = (undo) => carryOutUndo(undo, (entries) => {
  const label = undo.label === "Restore" ? "Undo" : "Redo";
  return { words: undo.said, write: remember({ ...undo, label, entries }) };
});

/** Have the service undo entries of the history. Raise a Problem that says why, if any part of it was refused. */
const carryOutUndo = (undo, outcomeOf) => carryOut(keyOfUndo(undo), undo.label, async () => {
  const { refused, refusedMentors, entries } = await takeBack(undo);
  markStale(undo.mentors.filter((mentor) => !refusedMentors.includes(mentor)));
  const isPlace = (key) => !isRowKey(key) && !isUndoKey(key); // there, as in the tray, it is said that it was undone
  forgetOutcomes((key, { write, writeOfAll }) => !isPlace(key) && (writeOfAll ?? write)?.isUndone);
  const detail = entries.length ? "Undone in part:" : "Not undone:";
  if (refused.length) throw new Problem({ detail, lines: refused });
  return entries.length ? { ...outcomeOf(entries), entries } : { words: AS_BEFORE };
}, { mentors: undo.mentors });

// A write on its way: one request, and the reading after it. What came of it stands where it was asked for.

import { Problem } from "../read/api.js";
import { now } from "../read/days.js";
import { forgetAtWriting } from "../read/forgetting.js";
import { TICKED, keyOfUndo, mentorOf } from "../read/keys.js";
import { announce, discardDraft, draw, model } from "../read/model.js";
import { mentorsOf } from "../read/pauses.js";
import { refresh } from "../read/refresh.js";
import { sayRefused } from "../read/words.js";
import { sendOne, sendTogether } from "./sending.js";
import { untick } from "./ticked.js";
import { ownWrites, remember, takeBack } from "./undo.js";
import { askForWriter } from "./writer.js";
import { WRITES, sayWrite } from "./writes.js";

const [SHOWN_AFTER, LONG] = [300, 10_000]; // milliseconds

const LOST = "No answer came: the change may have been made, or not. Trying again is safe.";

const AS_BEFORE = "it is so already: nothing was changed now";

const unanswered = new Set(); // the keys and labels of writes that had no answer: see sendOne()

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
export const isDisabled = (key) => model.pending.has(key) || model.unread.has(mentorOf(key));

/**
 * Act for a key, at most once at a time: its controls are disabled until `act()` has returned the outcome, which stands
 * at the key from then on, or has raised a Problem. `label` is what the button says. Before a write (`isWrite`) a name
 * is asked for, if none is known, and after it everything is read again.
 */
export async function carryOut(key, label, act, { isWrite = true } = {}) {
  if (isDisabled(key)) return;
  if (isWrite && !(await askForWriter())) return;
  const draft = model.drafts.get(key);
  const focusFallback = document.activeElement?.closest("[data-key], #strip, .content"); // if the button disappears
  const hideProgress = showProgress(key, label, isWrite);
  try {
    if (isWrite && !navigator.onLine) throw new Problem({ detail: "Not sent: this device is offline." });
    const outcome = await act();
    unanswered.delete(`${key} ${label}`);
    if (model.drafts.get(key) === draft) discardDraft(key); // else more was typed meanwhile
    if (outcome) model.outcomes.set(key, { isDone: true, ...outcome });
    announce(outcome?.words ?? "");
    // Move the focus before the button disappears, unless it is elsewhere by now.
    if (isWrite && focusFallback?.contains(document.activeElement)) focusFallback.focus({ preventScroll: true });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.isLost || problem.status === 503) unanswered.add(`${key} ${label}`);
    setNotDone(key, problem, isWrite);
  } finally {
    hideProgress();
    document.querySelector(`[data-outcome="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
  }
  if (isWrite) await refresh();
}

/** Disable the controls of a key, and have its button say how long it takes. Return a function that ends this. */
function showProgress(key, label, isWrite) {
  model.pending.set(key, { label, isWrite, since: Date.now() });
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

/** Have the outcome at a key say why something was not done. */
function setNotDone(key, { isLost, message, lines = [], errors = {} }, isWrite) {
  const fieldLines = Object.entries(errors).map(([name, texts]) => sayRefused(name, texts));
  const why = fieldLines.length ? "Not done:" : message;
  const words = isLost && isWrite ? LOST : why;
  model.outcomes.set(key, { isDone: false, isLost, words, lines: [...lines, ...fieldLines] });
  announce([words, ...fieldLines].join(" "));
}

/** Carry out a write for some rows together: all of them or none. `key` is where it was asked for. */
export const write = (key, name, rows, values = {}, label = WRITES[name].label) => carryOut(key, label, async () => {
  const isRetry = unanswered.has(`${key} ${label}`);
  const words = sayWrite(name, rows, values);
  const wordsOf = new Map(rows.map((row) => [row.key, sayWrite(name, [row], values)])); // before the list changes
  const { isChanged, entries } = rows.length === 1 ? await sendOne(name, rows[0], values, { isRetry })
    : await sendTogether(name, rows, values);
  if (!isChanged) return { words: AS_BEFORE };
  const outcome = recordWrite(rows, entries, words);
  if (key === TICKED)
    for (const [row, said] of wordsOf) model.outcomes.set(row, { isDone: true, words: said, partOf: outcome.undo });
  return outcome;
});

/** Record a write of some rows, whose `entries` of the history are undone together, and return its outcome. */
export function recordWrite(rows, entries, words) {
  const mentors = mentorsOf(rows);
  noteWritten(mentors);
  return { words, undo: remember({ mentors, words, entries }) };
}

/** Record that mentors were changed: until they are read again, nothing else can be written about them. */
function noteWritten(mentors) {
  for (const mentor of mentors) {
    model.unread.add(mentor);
    model.written.set(mentor, now());
  }
  untick([...model.ticked.keys()].filter((key) => model.unread.has(mentorOf(key))));
  forgetAtWriting(mentors);
}

/**
 * Take a write back: one of this tab, or that of an entry of the history, which is then a write of this tab, and can be
 * taken back, too. Raise a Problem that says why, if any part of it was refused.
 */
export const undoWrite = (undo) => carryOut(keyOfUndo(undo), undo.label, async () => {
  const { mentors, row, said } = undo;
  const isOwn = ownWrites().includes(undo);
  const { refused, refusedMentors, isChangedLater, entries } = await takeBack(undo);
  noteWritten(mentors.filter((mentor) => !refusedMentors.includes(mentor)));
  const redo = isOwn ? null : remember({ ...undo, label: row ? "Undo" : "Redo", entries });
  if (refused.length) {
    const what = entries.length ? "Undone in part" : "Not undone";
    throw new Problem({ detail: `${what}${isChangedLater ? ", since it was changed later" : ""}:`, lines: refused });
  }
  if (!entries.length) return { mentors, words: AS_BEFORE };
  if (isOwn) return { mentors, words: "undone" }; // there is no Redo of what can be done again in its place
  if (!row) return { mentors, words: said, undo: redo };
  model.outcomes.set(row, { isDone: true, words: said, undo: redo });
  return { mentors, words: said };
});

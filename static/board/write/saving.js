// A write on its way: one request, and the reading after it. What came of it stands where it was asked for.

import { Problem } from "../read/api.js";
import { now } from "../read/days.js";
import { TICKED, isRowKey, keyOf, keyOfUndo, mentorOf } from "../read/keys.js";
import { announce, discardDraft, draw, forgetOutcomes, isTyped, keepDraft, model, remember } from "../read/model.js";
import { mentorsOf, tagOf } from "../read/pauses.js";
import { refresh } from "../read/refresh.js";
import { sayRefused } from "../read/words.js";
import { sendWrite } from "./sending.js";
import { untick } from "./ticked.js";
import { takeBack } from "./undo.js";
import { askForWriter } from "./writer.js";
import { WRITES, otherFormOf, sayIntent, sayWrite } from "./writes.js";

const [SHOWN_AFTER, LONG] = [300, 10_000]; // milliseconds

const LOST = "No answer came: the change may have been made, or not. Trying again is safe.";

const sayAgain = (label) => `To make your change on top of it, press “${label}” again.`;

const sayNoLonger = (otherForm) => `Your change no longer fits${otherForm ? "" : ": “Cancel” closes the form"}.`;

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
export const isDisabled = (key) => model.pending.has(key) || model.unread.has(mentorOf(key));

/**
 * Act for a key, at most once at a time: its controls are disabled until `act()` has returned the outcome, which stands
 * at the key from then on, or has raised a Problem. `label` is what the button says. Before a write (`isWrite`) a name
 * is asked for, if none is known: its button says the `intent`. After it everything is read again. The `form` that it
 * sends is closed by then.
 */
export async function carryOut(key, label, act, { isWrite = true, form, intent } = {}) {
  if (isDisabled(key)) return;
  if (isWrite && !(await askForWriter(intent ?? label.toLowerCase()))) return;
  const [before, at] = [model.outcomes.get(key), now()];
  const focusFallback = document.activeElement?.closest("[data-key], #strip, .content"); // if the button disappears
  const hideProgress = showProgress(key, label, isWrite);
  try {
    if (isWrite && !navigator.onLine) throw new Problem({ detail: "Not sent: this device is offline." });
    const outcome = await act();
    if (form && model.drafts.get(key) === form) discardDraft(key); // else more was typed meanwhile
    if (outcome) model.outcomes.set(key, { isDone: true, at, entries: [], ...outcome });
    announce(outcome?.words ?? "");
    // Move the focus before the button disappears, unless it is elsewhere by now.
    if (isWrite && focusFallback?.contains(document.activeElement)) focusFallback.focus({ preventScroll: true });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    setNotDone(key, label, problem, isWrite, before);
  } finally {
    hideProgress();
    const row = form && document.activeElement?.closest("[data-key]"); // without its form it may have left the window
    (document.querySelector(`[data-outcome="${CSS.escape(key)}"]`) ?? row)?.scrollIntoView({ block: "nearest" });
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

/**
 * Have the outcome at a key say why something was not done. If a colleague has changed what it was about, the form
 * there goes on with what is there now. A write without an answer may have been made, also by an earlier try.
 */
function setNotDone(key, label, problem, isWrite, before) {
  const { isLost, lines = [], errors = {}, rows, stillFits, lost } = problem;
  const draft = model.drafts.get(key);
  const noLongerFits = stillFits === false && draft !== undefined;
  const otherForm = noLongerFits && isTyped(key) ? otherFormOf(draft.rows[0], rows) : undefined;
  const next = stillFits ? sayAgain(label) : noLongerFits ? sayNoLonger(otherForm) : "";
  const message = `${problem.message} ${next}`.trim();
  const fieldLines = Object.entries(errors).map(([name, texts]) => sayRefused(name, texts));
  const words = isLost && isWrite ? LOST : fieldLines.length ? "Not done:" : message;
  const isSameTry = before?.lost && (!lost || lost.words === before.lost.words);
  const tag = rows && tagOf(rows.get(keyOf({ mentor_id: mentorOf(key) })) ?? {});
  const notDone = { words, lines: [...lines, ...fieldLines], lost: isSameTry ? before.lost : lost, tag };
  model.outcomes.set(key, { isDone: false, ...notDone });
  const { rows: then } = draft ?? {};
  if (rows && then) keepDraft(key, { rows: then.map((row) => rows.get(row.key) ?? row), noLongerFits, otherForm });
  announce([words, ...fieldLines].join(" "));
}

/**
 * Carry out a write for some rows together: all of them or none. `key` is where it was asked for, `label` what was
 * pressed there, and `form` the draft that was sent, if there is one.
 */
export const write = (key, name, rows, values = {}, { label = WRITES[name].label, form } = {}) =>
  carryOut(key, label, () => sendAndRecord(key, name, rows, values, form), { form, intent: sayIntent(name, rows) });

async function sendAndRecord(key, name, rows, values, form) {
  const words = sayWrite(name, rows, values);
  const wordsOf = new Map(rows.map((row) => [row.key, sayWrite(name, [row], values)])); // before the list changes
  const at = now();
  const changed = await sendWrite(name, rows, values).catch((problem) => {
    const parts = rows.map((row) => ({ row, fields: WRITES[name].body?.(row, values) }));
    const mayBeMade = problem.isLost || problem.status === 503;
    throw mayBeMade ? Object.assign(problem, { lost: { at, words, parts, isForm: Boolean(form) } }) : problem;
  });
  if (!changed.length) return { words: AS_BEFORE };
  const entries = changed.map(({ history_entry_id: id }) => id);
  const { undo } = recordWrite(changed, changed[0].isNote ? [] : entries, words);
  if (key === TICKED) {
    untick([...model.ticked.keys()]); // also what a colleague has ended meanwhile
    for (const row of rows) {
      const own = changed.filter(({ mentor_id: id }) => id === row.mentor_id).map(({ history_entry_id: id }) => id);
      const outcome = { isDone: true, at, words: wordsOf.get(row.key), entries: own, partOf: undo };
      if (own.length) model.outcomes.set(row.key, outcome); // else a colleague had done it before
    }
  }
  return { words, undo, entries, isNote: changed[0].isNote };
}

/** Record a write of some rows, whose `entries` of the history are undone together, and return its outcome. */
export function recordWrite(rows, entries, words) {
  const mentors = mentorsOf(rows);
  markUnread(mentors);
  return { words, undo: remember({ mentors, words, entries }) };
}

/** Have nothing else be written about mentors who were changed until they are read again. */
function markUnread(mentors) {
  for (const mentor of mentors) model.unread.add(mentor);
  untick([...model.ticked.keys()].filter((key) => model.unread.has(mentorOf(key))));
}

/**
 * Take a write back: one of this tab, or that of an entry of the history, which is then a write of this tab, and can be
 * taken back, too. Raise a Problem that says why, if any part of it was refused.
 */
export const undoWrite = (undo) => carryOut(keyOfUndo(undo), undo.label, async () => {
  const { mentors, row, said } = undo;
  const isOwn = model.writes.includes(undo);
  const { refused, refusedMentors, entries } = await takeBack(undo);
  markUnread(mentors.filter((mentor) => !refusedMentors.includes(mentor)));
  const redo = isOwn ? null : remember({ ...undo, label: row ? "Undo" : "Redo", entries });
  forgetOutcomes((key, outcome) => isRowKey(key) && (outcome.undo ?? outcome.partOf)?.isUndone);
  const detail = entries.length ? "Undone in part:" : "Not undone:";
  if (refused.length) throw new Problem({ detail, lines: refused });
  const about = { entries, mentor: isOwn ? undefined : mentors[0] };
  if (!entries.length) return { ...about, words: AS_BEFORE };
  if (isOwn) return { ...about, words: "undone" }; // there is no Redo of what can be done again in its place
  if (row) model.outcomes.set(row, { ...about, isDone: true, at: now(), words: said, undo: redo });
  return { ...about, words: said, undo: row ? undefined : redo };
});

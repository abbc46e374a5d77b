// Rows of the table, or of "This week", that are chosen, and what can be done with them together.

import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { Problem } from "./api.js";
import { entriesOf, mentorsOf, uploadLines } from "./csv.js";
import { SO_ALREADY, announce, announceWritten, offer, typedIn } from "./forms.js";
import { sayMentor } from "./names.js";
import { keyOf, prepare } from "./together.js";
import { go } from "./view.js";

const MOST_CHOSEN = 1000; // rows that are changed together
const [bar, all] = [find("#choice"), find("#all")];

let shown = new Map(); // what the rows show, by their keys
const chosen = new Set(); // the keys of those that are chosen
let last = ""; // the key of the row that was clicked last

/** Offer in a place to choose of these pauses, whose rows are there; what was chosen stays chosen. */
export function offerChoice(place, pauses) {
  shown = new Map(pauses.filter(({ status }) => status !== "deleted").map((pause) => [keyOf(pause), pause]));
  if (bar.parentElement !== place) place.prepend(bar);
  choose(chosen.difference(shown), false); // a Map counts as the set of its keys
}

/** Choose rows, or let them go, and say how many are chosen. */
function choose(keys, isChosen) {
  for (const key of keys)
    if (!isChosen) chosen.delete(key);
    // The rows of the other view may still be there.
    else if (chosen.size < MOST_CHOSEN && shown.has(key)) chosen.add(key);
  for (const box of findAll(".choose")) box.checked = chosen.has(box.value);
  const [count, most] = [chosen.size, Math.min(shown.size, MOST_CHOSEN)];
  fill(bar, { count: count ? `${count.toLocaleString()} chosen` : "", isNothing: !count });
  bar.hidden = !most;
  Object.assign(all, { checked: count > 0 && count === most, indeterminate: count > 0 && count < most });
}

/** Choose the row that was clicked, and with Shift all from the one that was clicked before. */
function chooseClicked({ target, shiftKey }) {
  if (!target.matches(".choose")) return;
  const keys = [...shown.keys()];
  const [from, to] = [shiftKey && shown.has(last) ? last : target.value, target.value].map((key) => keys.indexOf(key));
  choose(keys.slice(Math.min(from, to), Math.max(from, to) + 1), target.checked);
  last = target.value;
}

/**
 * Return a page of what can be done with all that is chosen. After a refusal it goes on with the rows that are still
 * there, as they are now.
 */
export async function drawChosen() {
  let pauses = [...chosen].map((key) => shown.get(key));
  let isRefused = false;
  const states = pauses.length ? pauses.map(({ phase, status }) => phase ?? status) : ["nothing"];
  const page = copyOf("chosen-view", { count: `${sayMentors(pauses)} chosen` });
  offer(page, states, (write) => ({
    submit: "Check",
    act: (form) => {
      if (isRefused) pauses = pauses.flatMap((pause) => shown.get(keyOf(pause)) ?? []);
      isRefused = false;
      if (!pauses.length) throw new Problem({ detail: "None of these rows is left. Close this and choose others." });
      return checkChange(pauses, page, { ...write, fields: typedIn(form) }, refuse);
    },
  }));
  const refuse = (problem) => {
    isRefused = problem.status === 412;
    if (isRefused) problem.message += " Check again, or close this and choose other rows.";
    throw problem;
  };
  return page;
}

const sayMentors = (lines) => countOf(new Set(mentorsOf(lines)).size, "mentor");

/**
 * Send the change as a dry run; return what applies it, null if it would change nothing, and what it would change.
 * `refuse(problem)` is called where a colleague was faster, and raises the problem.
 */
async function checkChange(pauses, page, { title, ...change }, refuse) {
  const prepared = await prepare(pauses, change).catch(refuse);
  const changing = await uploadLines(prepared, "?dry_run=true");
  const apply = async () => {
    const written = await uploadLines(prepared).catch(async (problem) => {
      if (problem.status === 412) await prepare(pauses, change).catch(refuse); // it says who has changed what
      throw problem;
    });
    choose(pauses.map(keyOf), false);
    if (page.checkVisibility()) go({}); // else somebody has gone elsewhere
    if (!written.length) return announce(`${title}: ${SO_ALREADY}`);
    const words = `${title}: done for ${sayMentors(written)}.`;
    await announceWritten({ words, entries: entriesOf(written) }, change.body);
  };
  const text = changing.length ? `This would change ${sayMentors(changing)}:` : "This would change nothing.";
  return { apply: changing.length ? apply : null, text, lines: prepared.changes };
}

find("main").addEventListener("click", chooseClicked);
all.addEventListener("change", ({ target }) => choose([...shown.keys()], target.checked));

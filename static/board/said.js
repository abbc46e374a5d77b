// What the page says of its writes, and the buttons that take them back.

import { PAGE, Problem, get, pathOf, readHistory } from "./api.js";
import { mentorsOf } from "./csv.js";
import { now } from "./days.js";
import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { LOST, announce } from "./forms.js";
import { rest, whereClicked } from "./guard.js";
import { sayEntry, sayEvent, sayStatus, sayWriter } from "./history.js";
import { listMentors, sayMentor } from "./names.js";
import { forgetUndos, listUndos, sayWrite, takeBack } from "./undo.js";

const WHY_NOT = { // by the code of an entry that no later one stands in the way of
  not_found: "it is too late, since the history no longer has what was done",
  stale: "it is too late, since a pause was deleted for good",
  conflict: "by now another pause has the same start and the same reason",
  unavailable: "the last change has a time that is still to come; ask who runs the service",
};

const unsaid = []; // texts that wait until what they speak of is drawn

/** After a write: draw what it has changed, say so, and offer its undo. Without a text, only draw the page anew. */
export async function sayWritten(text, refresh) {
  const announced = { text };
  unsaid.push(announced);
  await refresh();
  if (unsaid.at(-1) !== announced) return; // a later one is said with it
  const texts = unsaid.splice(0).map((each) => each.text).filter(Boolean);
  if (!texts.length) return;
  say(texts.join(" "));
}

/** Say a text in the place of the one before. */
export function say(text) {
  fill(document, { said: text });
  drawUndos();
}

/** Draw a button for each undo: that of what is said beside the text, and the others in a list. */
export function drawUndos() {
  const undos = listUndos();
  const { textContent: said } = find(".said output");
  const [newest] = undos.filter((each, index) => index === 0 && said.startsWith(sayWrite(each)));
  const others = undos.filter((each) => each !== newest);
  document.body.dataset.clicked = whereClicked();
  for (const place of findAll(".said")) {
    const [button, dismiss, details] = [".undo", ".dismiss", "details"].map((each) => find(each, place));
    [button.hidden, dismiss.hidden, details.hidden] = [!newest, !said, !others.length];
    button.onclick = () => undo(newest);
    dismiss.onclick = () => say("");
    find("summary", details).textContent = `${countOf(others.length, newest ? "earlier change" : "change")} to undo`;
    find("ul", details).replaceChildren(...others.map((each) => {
      const item = copyOf("undo", { label: `Undo: ${sayWrite(each)}` });
      find("button", item).onclick = () => undo(each);
      return item;
    }));
    findAll(".undo, li button", place).forEach(rest);
  }
}

/** Undo a write, and say what became of it. If no answer came, it can be tried again. */
async function undo(write) {
  for (const row of findAll(".done")) row.classList.remove("done"); // it may not be so any more
  const result = takeBack(write);
  drawUndos();
  announce(await result.then((outcomes) => sayUndone(outcomes, write), (problem) => {
    if (!(problem instanceof Problem)) throw problem;
    return [problem.status === 0 ? LOST : problem.message, ...problem.lines].join(" ");
  }));
}

/** Say for whom a write is undone, of one mentor how they are now, and why it is not undone for others. */
async function sayUndone(outcomes, write) {
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  const [mentor, ...others] = new Set(mentorsOf(outcomes)).difference(new Set(mentorsOf(refused)));
  const newest = refused.length ? await readNewest(write) : [];
  const why = new Set(refused.map((outcome) => sayWhyNot(outcome, write, newest)));
  const reasons = why.size ? `Not undone: ${[...why].join("; ")}.` : "";
  if (!mentor) return reasons;
  const done = outcomes.some(({ outcome }) => outcome === "undone") ? "Undone" : "Nothing left to undo";
  const status = !others.length && await readStatus(mentor);
  if (status) return `${done}: ${sayMentor(mentor)} is ${status}. ${reasons}`.trim();
  return `${done} for ${listMentors([mentor, ...others])}. ${reasons}`.trim();
}

/** Read how a mentor is now, in words; nothing, if no answer comes. */
const readStatus = (mentor) => get(pathOf("mentor-statuses", mentor)).then(
  ({ data }) => sayStatus(data, now()),
  ({ status }) => status === 404 && "deleted",
);

/** Read the newest entries, among which are those that stand in the way, as a rule; none, if no answer comes. */
const readNewest = ({ mentor }) => readHistory({ mentor_id: mentor }, PAGE).then(({ data }) => data, () => []);

/** Say why an entry of a write is not taken back: who did what later, and what that changed, if it is in `newest`. */
function sayWhyNot({ mentor_id: id, code, later_entry: later }, write, newest) {
  const mentor = sayMentor(id ?? write.mentor) ?? "some of them";
  if (!later) return `${mentor}: ${WHY_NOT[code]}`;
  const isOwn = listUndos().some(({ entries }) => entries.includes(later.history_entry_id));
  if (isOwn) return `undo first what was done to ${mentor} later`;
  const entry = newest.find(({ history_entry_id: each }) => each === later.history_entry_id);
  return `${mentor}: ${sayWriter(later)}, ${entry ? sayEntry(entry) : sayEvent(later.event)}`;
}

/** Forget what was said and can be undone. */
export function forgetSaid() {
  forgetUndos();
  say("");
}

// What the page says of its writes, and the buttons that take them back.

import { Problem, get, pathOf } from "./api.js";
import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { LOST, announce } from "./forms.js";
import { rest, whereClicked } from "./guard.js";
import { sayStatus } from "./history.js";
import { listMentors, sayMentor } from "./names.js";
import { forgetUndos, listUndos, sayWrite, takeBack } from "./undo.js";
import { now } from "./days.js";

const unsaid = []; // texts that wait until what they speak of is drawn

/** After a write: draw what it has changed, say so, and offer its undo. Without a text, only draw the page anew. */
export async function sayWritten(text, refresh) {
  const announced = { text };
  unsaid.push(announced);
  await refresh();
  if (unsaid.at(-1) !== announced) return; // a later one is said with it
  const texts = unsaid.splice(0).map((each) => each.text).filter(Boolean);
  if (!texts.length) return;
  fill(document, { said: texts.join(" ") });
  drawUndos();
}

/** Draw a button for each undo; the newest stands beside the text. */
export function drawUndos() {
  const [newest, ...older] = listUndos();
  document.body.dataset.clicked = whereClicked();
  for (const place of findAll(".said")) {
    const [output, button, details] = ["output", "button", "details"].map((each) => find(each, place));
    button.hidden = !newest;
    const words = newest && sayWrite(newest);
    if (newest) button.textContent = output.textContent.startsWith(words) ? "Undo" : `Undo: ${words}`;
    button.onclick = () => undo(newest);
    details.hidden = !older.length;
    find("summary", details).textContent = countOf(older.length, "earlier change");
    find("ul", details).replaceChildren(...older.map((each) => {
      const item = copyOf("undo", { label: `Undo: ${sayWrite(each)}` });
      find("button", item).onclick = () => undo(each);
      return item;
    }));
    findAll("button:not([hidden])", place).forEach(rest);
  }
}

/** Undo a write, and say what became of it. If no answer came, it can be tried again. */
async function undo(write) {
  for (const row of findAll(".done")) row.classList.remove("done"); // it may not be so any more
  const result = takeBack(write);
  drawUndos();
  announce(await result.then(sayUndone, (problem) => {
    if (!(problem instanceof Problem)) throw problem;
    return [problem.status === 0 ? LOST : problem.message, ...problem.lines].join(" ");
  }));
}

/** Say for whom a write is undone, of one mentor how they are now, and why it is not undone for others. */
async function sayUndone({ done: [mentor, ...others], why }) {
  const reasons = why.length ? `Not undone: ${why.join("; ")}.` : "";
  if (!mentor) return reasons;
  if (others.length) return `Undone for ${listMentors([mentor, ...others])}. ${reasons}`.trim();
  const { data } = await get(pathOf("mentor-statuses", mentor));
  return `Undone: ${sayMentor(mentor)} is ${sayStatus(data, now())}. ${reasons}`.trim();
}

/** Forget what was said and can be undone. */
export function forgetSaid() {
  forgetUndos();
  fill(document, { said: "" });
  drawUndos();
}

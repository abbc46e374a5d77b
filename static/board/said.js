// What the page says of its writes, and the button that takes back each of them.

import { copyOf, countOf, fill, find, findAll } from "./elements.js";
import { LOST, announce } from "./forms.js";
import { showLate, whereClicked } from "./guard.js";
import { forgetUndos, listUndos, takeBack } from "./undo.js";

const unsaid = []; // announcements that wait until what they changed is drawn
const running = new Set(); // the undos that are being done
let latest = null; // the undo of what is said; the others are listed below it

/** After a write: draw what it has changed, say so, and offer its undo. Without a text, the page is only drawn anew. */
export async function sayWritten(announced, refresh) {
  unsaid.push(announced);
  await refresh();
  if (unsaid.at(-1) !== announced) return; // a later one is said with it
  const news = unsaid.splice(0).filter(({ text }) => text);
  if (!news.length) return;
  const fresh = news.map(({ undo }) => undo).filter(Boolean);
  const texts = news.map(({ text }) => text);
  if (fresh.length) latest = fresh.length === 1 ? fresh[0] : null;
  else if (latest) texts.unshift(latest.said); // nothing else was changed
  fill(document, { said: texts.join(" ") });
  drawUndos(fresh.length > 1);
}

/** Draw a button for each undo; with `isOpen` those that are listed are seen. */
export function drawUndos(isOpen = false) {
  const listed = listUndos().filter((undo) => undo !== latest && !running.has(undo));
  const isOffered = listUndos().includes(latest) && !running.has(latest);
  document.body.dataset.clicked = whereClicked();
  for (const place of findAll(".said")) {
    const [button, details] = [find("button", place), find("details", place)];
    button.hidden = !isOffered;
    button.onclick = () => undoIt(latest);
    details.hidden = !listed.length;
    details.open ||= isOpen;
    find("summary", details).textContent = countOf(listed.length, isOffered ? "earlier change" : "change");
    find("ul", details).replaceChildren(...listed.map((undo) => {
      const item = copyOf("undo", { said: undo.said, label: `Undo: ${undo.said}` });
      find("button", item).onclick = () => undoIt(undo);
      return item;
    }));
    findAll("button:not([hidden])", place).forEach(showLate);
  }
}

/** Undo a write, and say what became of it. If no answer came, its undo is offered again. */
async function undoIt(undo) {
  running.add(undo);
  if (latest === undo) latest = null;
  for (const row of findAll(".done")) row.classList.remove("done"); // it may not be so any more
  drawUndos();
  const said = await takeBack(undo).then((text) => ({ text }), ({ status, message, lines = [] }) =>
    ({ text: [status === 0 ? LOST : message, ...lines].join(" "), undo }));
  running.delete(undo);
  announce(said.text, said.undo);
}

/** Forget what was said and can be undone. */
export function forgetSaid() {
  forgetUndos();
  latest = null;
  fill(document, { said: "" });
  drawUndos();
}

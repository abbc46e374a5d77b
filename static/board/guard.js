// Clicks. What is drawn anew under the pointer takes none at first: it was meant for what stood there before.

import { find, findAll } from "./elements.js";

const PAUSE = 700; // milliseconds in which somebody may click a second time
const ROWS = "main :is(tr, li)";
const CONTROLS = "#panel :is(a, button)"; // in the panel each control stands for itself

let drawings = []; // of the last 700 ms: what stood where before each of them
let timer = 0;
let clickedAt = 0; // how far down the last click was

/** Draw by `draw()`. For 700 ms, a click or a tap then counts only on what stood at that place before, if anything. */
export function redraw(draw) {
  if (document.body.dataset.face === "loading") return draw(); // nothing did
  const parts = findAll(find("#panel").open ? CONTROLS : ROWS);
  drawings.push(parts.map((part) => ({ name: nameOf(part), box: part.getBoundingClientRect(), scrolled: scrollY })));
  draw();
  document.body.dataset.settling = "";
  clearTimeout(timer);
  timer = setTimeout(() => {
    drawings = [];
    delete document.body.dataset.settling;
  }, PAUSE);
}

/** Return what tells a row, or a control of the panel, from the others: the key of a row, if it has one. */
const nameOf = (part) => part.key ?? `${part.closest("li")?.id} ${part.textContent}`;

/** Have a button that has just appeared take no click and no key for 700 ms: the last one was not meant for it. */
export function rest(button) {
  button.disabled = true;
  setTimeout(() => (button.disabled = false), PAUSE);
}

/** Say whether the last click was in the upper or in the lower half of the window. */
export const whereClicked = () => (clickedAt < innerHeight / 2 ? "high" : "low");

document.addEventListener("click", (event) => {
  if (!event.detail) return; // by a key, or by the page
  clickedAt = event.clientY;
  const part = event.target.closest(`${ROWS}, ${CONTROLS}`);
  if (!part) return;
  const name = nameOf(part);
  const isHit = ({ box, scrolled }) => {
    const y = event.pageY - scrolled; // somebody may have scrolled since
    return box.left <= event.clientX && event.clientX <= box.right && box.top <= y && y <= box.bottom;
  };
  if (drawings.every((stood) => stood.some((other) => other.name === name && isHit(other)))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

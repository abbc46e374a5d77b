// Clicks. What is drawn anew under the pointer takes none at first: it was meant for what stood there before.

import { find, findAll } from "./elements.js";

const PAUSE = 700; // milliseconds in which somebody may click a second time
const ROWS = "main :is(tr, li)";
const CONTROLS = "#panel :is(a, button)"; // in the panel each control stands for itself

let drawings = []; // of the last 700 ms: what stood where before each of them
let timer = 0;
let clickedAt = 0; // how far down the last click was

/** Draw by `draw()`. For 700 ms, a click or a tap then counts only on what stood at that place before. */
export function redraw(draw) {
  const parts = findAll(find("#panel").open ? CONTROLS : ROWS);
  drawings.push(parts.map((part) => ({ name: nameOf(part), box: part.getBoundingClientRect() })));
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

/** Show a button that takes no click and no key for 700 ms; the last click was not meant for it. */
export function showLate(button) {
  button.disabled = true;
  button.hidden = false;
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
  const isHit = ({ left, right, top, bottom }) =>
    left <= event.clientX && event.clientX <= right && top <= event.clientY && event.clientY <= bottom;
  if (drawings.every((stood) => stood.some((other) => other.name === name && isHit(other.box)))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// Elements of the page: found, filled in, and copied from its templates. Text is only ever set as text.

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Fill in what `data-set="textContent:reason href:address --hue:hue"` names; what `values` do not have stays. */
export function fill(root, values) {
  for (const element of findAll("[data-set]", root))
    for (const [, target, name] of element.dataset.set.matchAll(/(\S+):(\S+)/g)) {
      if (values[name] === undefined) continue;
      if (target.startsWith("--")) element.style.setProperty(target, values[name]); // the policy forbids an attribute
      else element[target] = values[name] ?? "";
    }
  return root;
}

/** Write a number of things: `1 mentor`, `1,200 mentors`. */
export const countOf = (count, noun) => `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;

const PART = 50; // things that are drawn at one go, in some milliseconds

/** Draw things by `draw(thing)`, in parts, so that 500 rows do not hold up the page; return what was drawn. */
export async function drawInParts(things, draw) {
  const drawn = [];
  for (const thing of things) {
    drawn.push(draw(thing));
    if (drawn.length % PART === 0) await new Promise((goOn) => setTimeout(goOn));
  }
  return drawn;
}

/** Return a copy of a template, filled in once and for all. */
export function copyOf(name, values = {}) {
  const copy = fill(find(`#${name}`).content.cloneNode(true), values);
  for (const element of findAll("[data-set]", copy)) element.removeAttribute("data-set");
  return copy.firstElementChild;
}

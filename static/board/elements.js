// Elements of the page, found or copied from its templates. Text is only ever set as text.

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Copy a template; `data-set="text:reason href:address --hue:hue"` in it names the values to fill in. */
export function copyOf(name, values = {}) {
  const copy = find(`#${name}`).content.cloneNode(true);
  for (const element of findAll("[data-set]", copy))
    for (const [, target, key] of element.dataset.set.matchAll(/(\S+):(\S+)/g)) fill(element, target, values[key]);
  return copy.firstElementChild;
}

function fill(element, target, value) {
  if (target === "text") element.textContent = value ?? "";
  else if (target.startsWith("--")) element.style.setProperty(target, value); // the policy forbids a style attribute
  else if (value) element.setAttribute(target, value);
}

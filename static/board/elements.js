// Elements of the page. Text is only ever set as text.

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Make an element; a property `--name` is one of its style, and null or false leaves out a property or a child. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("--")) element.style.setProperty(name, value); // the policy forbids a style attribute
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false));
  return element;
}

/** Copy the template of this name, with text where it has `data-text`. */
export function copyOf(name, texts = {}) {
  const copy = find(`#${name}`).content.firstElementChild.cloneNode(true);
  for (const each of findAll("[data-text]", copy)) each.textContent = texts[each.dataset.text] ?? "";
  return copy;
}

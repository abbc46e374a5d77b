// The same facts as the picture, as a table that sorts.

import { copyOf, findAll } from "./elements.js";
import { writeInstant } from "./days.js";
import { hueOf } from "./pauses.js";
import { link } from "./view.js";

/** Sort pauses by one of their values, `-` before its name: descending; by mentor where they are equal. */
export function sortPauses(pauses, sort) {
  const [name, direction] = [sort.replace("-", ""), sort.startsWith("-") ? -1 : 1];
  const valueOf = (pause, key) => pause[key] ?? "\uffff"; // after every text
  const isAfter = (one, other, key) => valueOf(one, key) > valueOf(other, key);
  const compare = (one, other, key) => isAfter(one, other, key) - isAfter(other, one, key);
  return pauses.toSorted((one, other) => direction * compare(one, other, name) || compare(one, other, "mentor_id"));
}

/** Draw the table; a mentor without a pause here has no `start_date`. */
export function drawTable(table, pauses, sort) {
  for (const heading of findAll("[data-sort]", table)) {
    const name = heading.dataset.sort;
    heading.href = link({ sort: sort === name ? `-${name}` : name });
    heading.closest("th").ariaSort = { [name]: "ascending", [`-${name}`]: "descending" }[sort] ?? null;
  }
  table.tBodies[0].replaceChildren(...pauses.map(drawRow));
}

function drawRow(pause) {
  const { mentor_id: mentor, reason, start_date: start, end_date: end, back } = pause;
  return copyOf("line", {
    ...pause,
    address: link({ mentor }),
    reason: reason ?? "–",
    hue: start ? hueOf(reason) : null,
    from: start ? writeInstant(start) : "–",
    until: back ? writeInstant(back) : start ? "not known" : "–",
    kind: back && !end ? "expected" : "",
  });
}

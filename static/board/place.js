// What the reader looks at stays where it is when the rows of a view are drawn anew.

import { findAll } from "./elements.js";

/** Return what scrolls until the rows in the window are where they were, if there are rows above them. */
export function keepPlace() {
  const rows = measureRows();
  const first = rows.findIndex(({ top }) => top >= 0);
  if (first < 1) return null;
  const heights = new Map(rows.map(({ name, row }) => [name, getComputedStyle(row).height]));
  return () => {
    for (const { name, row } of measureRows()) // a row that is out of sight has its height from there
      row.style.setProperty("--row-height", heights.get(name) ?? "");
    const anew = measureRows();
    const places = new Map(anew.map(({ name }, index) => [name, index]));
    // A row that has moved among the others is not followed, but the first one that still stands beside one of them.
    const stays = ({ name }, index) => places.has(name)
      && [-1, 1].some((step) => anew[places.get(name) + step]?.name === rows[index + step]?.name);
    const same = rows.find((row, index) => index >= first && stays(row, index));
    if (same) scrollBy(0, anew[places.get(same.name)].top - same.top);
  };
}

/** Return the rows that are shown, each with a name and how far down it is: a pause may be in two sections. */
const measureRows = () => findAll("main :is(tbody tr, .rows li)").filter((row) => row.checkVisibility()).map((row) => ({
  row, top: row.getBoundingClientRect().top, name: `${row.closest("section").dataset.list} ${row.key}`,
}));

// This week: what a coordinator should know and do, section by section.

import { copyOf, find, findAll } from "./elements.js";
import { get } from "./api.js";
import { now } from "./days.js";
import { SOON, pauseAt } from "./pauses.js";
import { drawRow } from "./table.js";

/** Read the digest of today and the days after it, but for its instant, which is no news. */
export const read = async () => ({ ...(await get("digest", { days: SOON + 1 })).data, as_of: null });

/** Draw the sections that the page names; an empty one goes. */
export function draw(digest) {
  const page = copyOf("week");
  for (const section of findAll("section", page)) {
    const { total, data } = digest[section.dataset.list];
    if (!total) section.remove();
    find("h2", section).append(`: ${total.toLocaleString()}`);
    const rows = data.map((record) => drawRow(pauseAt(record, { at: now() }), "acts" in section.dataset));
    const table = copyOf("week-table");
    find("tbody", table).append(...rows);
    section.append(table);
    if (total > data.length) section.append(copyOf("cut", { count: data.length }));
  }
  find("#view").replaceChildren(page);
}

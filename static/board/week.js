// This week: what a coordinator should know and do, section by section.

import { copyOf, find } from "./elements.js";
import { get } from "./api.js";
import { now } from "./days.js";
import { SOON, pauseAt } from "./pauses.js";
import { drawRow } from "./table.js";

const TITLES = {
  overdue: "Overdue",
  due: `Expected back within ${SOON} days`,
  beginning: `Pauses that begin within ${SOON} days`,
  begun: `Pauses that began in the last ${SOON} days`,
  ended: `Pauses that ended in the last ${SOON} days`,
  undated: "Paused without a return date",
};
const PRESSING = ["overdue", "due", "undated"]; // where somebody has to do something

/** Read the digest but for its instant, which is no news. */
export const read = async () => ({ ...(await get("digest", { days: SOON })).data, as_of: null });

export function draw(digest) {
  const page = copyOf("week");
  for (const [name, title] of Object.entries(TITLES)) {
    const { total, data } = digest[name];
    const cut = total > data.length ? `The first ${data.length} of them are shown.` : "";
    const section = copyOf("week-section", { title: `${title}: ${total.toLocaleString()}`, cut });
    const toRow = (record) => drawRow(pauseAt(record, { at: now() }), PRESSING.includes(name));
    find("tbody", section).append(...data.map(toRow));
    if (total) page.append(section);
  }
  return page;
}

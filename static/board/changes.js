// What changed: the history of everybody, newest first, by day. A name leads to all that this colleague changed.

import { copyOf, find } from "./elements.js";
import { get } from "./api.js";
import { format, writeInstant, writeTime } from "./days.js";
import { sayEntry } from "./mentor.js";
import { addPerson } from "./person.js";
import { link } from "./view.js";

const LIMIT = 50; // lines of a page
const DAY = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

let known = []; // pages: while the first one is as it was, so are those after it

/** Read the newest page, and after a change also those that "Show more" has added. */
export async function read({ by, more }) {
  const readPage = async (after) => (await get("history", { changed_by: by, limit: LIMIT, after })).data;
  const first = await readPage("");
  const pages = first === known[0] ? [...known] : [first];
  while (pages.length <= Number(more) && pages.at(-1).pagination.next)
    pages.push(await readPage(pages.at(-1).pagination.next));
  known = pages;
  return pages.slice(0, Number(more) + 1);
}

export function draw(pages, { by, more }) {
  const [entries, { pagination, purged_before: purged }] = [pages.flatMap(({ data }) => data), pages.at(-1)];
  const page = copyOf("changes", {
    by, isOfAll: !by, all: link({ by: "", more: "" }), isAll: !pagination.next, more: link({ more: Number(more) + 1 }),
    purged: !pagination.next && purged ? `Entries before ${writeInstant(purged)} may have been deleted.` : "",
  });
  for (const [day, ofDay] of Map.groupBy(entries, ({ changed_at: at }) => DAY.format(new Date(at)))) {
    const section = copyOf("changes-day", { day });
    find("ol", section).append(...ofDay.map(drawEntry));
    find(".days", page).append(section);
  }
  return page;
}

function drawEntry(entry) {
  const { mentor_id: mentor, changed_at: at, changed_by: by, metadata } = entry;
  const theirs = by && { who: by, theirs: link({ by, more: "" }), only: `Only what ${by} changed` };
  const told = { at, time: writeTime(at), what: sayEntry(entry), notes: metadata?.notes };
  const line = copyOf("change", { mentor, address: link({ mentor }), ...told, ...theirs });
  addPerson(find(".whom", line), mentor);
  return line;
}

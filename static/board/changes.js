// What changed: the history of everybody, or of one mentor, by day. A name leads to all that this colleague changed.

import { copyOf, find } from "./elements.js";
import { get } from "./api.js";
import { format, writeTime } from "./days.js";
import { endOf, sayEntry } from "./mentor.js";
import { addPerson } from "./person.js";
import { link } from "./view.js";

const LIMIT = 50; // lines of a page
const DAY = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Read the newest page, and those that "Show more" has added. */
export async function read({ by, of, more }) {
  const pages = [];
  do {
    const after = pages.at(-1)?.pagination.next ?? "";
    pages.push((await get("history", { changed_by: by, mentor_id: of, limit: LIMIT, after })).data);
  } while (pages.length <= Number(more) && pages.at(-1).pagination.next);
  return pages;
}

export function draw(pages, { by, of, more }) {
  const page = copyOf("changes", {
    by, of, isByAll: !by, isOfAll: !of, isAll: !by && !of, all: link({ by: "", of: "", more: "" }),
    more: link({ more: Number(more) + 1 }), ...endOf(pages.at(-1)),
  });
  const entries = pages.flatMap(({ data }) => data);
  for (const [day, ofDay] of Map.groupBy(entries, ({ changed_at: at }) => DAY.format(new Date(at)))) {
    const section = copyOf("changes-day", { day });
    find("ol", section).append(...ofDay.map(drawEntry));
    find(".days", page).append(section);
  }
  return page;
}

function drawEntry(entry) {
  const { mentor_id: mentor, changed_at: at, changed_by: by, metadata } = entry;
  const theirs = by && { who: by, theirs: link({ by, more: "" }), only: `Only changes by ${by}` };
  const told = { at, time: writeTime(at), what: sayEntry(entry), notes: metadata?.notes };
  const line = copyOf("change", { mentor, address: link({ mentor }), ...told, ...theirs });
  addPerson(find(".whom", line), mentor);
  return line;
}

// What changed: the history of everybody, or of one mentor, by day. A name leads to all that this colleague changed.

import { copyOf, find } from "./elements.js";
import { PAGE, readHistory } from "./api.js";
import { format, writeTime } from "./days.js";
import { endOf, sayEntry } from "./history.js";
import { sayMentor } from "./names.js";
import { addPerson } from "./person.js";
import { link } from "./view.js";

const DAY = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Read the newest page, and those that "Show more" has added. */
export const read = ({ by, of, more }) => readHistory({ changed_by: by, mentor_id: of }, PAGE * (1 + Number(more)));

/** Draw the entries by day; return what shows them. */
export async function draw(history, { by, of, more }) {
  const page = copyOf("changes", {
    by, of: sayMentor(of), isByAll: !by, isOfAll: !of, isAll: !by && !of, all: link({ by: "", of: "", more: "" }),
    more: link({ more: Number(more) + 1 }), ...endOf(history),
  });
  const ofMentor = Map.groupBy(history.data, ({ mentor_id: mentor }) => mentor);
  const olderThan = (entry) => { // of one colleague alone, some may not be here
    const theirs = by ? [] : ofMentor.get(entry.mentor_id);
    return theirs.slice(theirs.indexOf(entry) + 1);
  };
  for (const [day, ofDay] of Map.groupBy(history.data, ({ changed_at: at }) => DAY.format(new Date(at)))) {
    const section = copyOf("changes-day", { day });
    find("ol", section).append(...ofDay.map((entry) => drawEntry(entry, olderThan(entry))));
    find(".days", page).append(section);
  }
  return () => find("#view").replaceChildren(page);
}

function drawEntry(entry, older) {
  const { mentor_id: mentor, changed_at: at, changed_by: by, metadata } = entry;
  const theirs = by && { who: by, theirs: link({ by, more: "" }), only: `Only changes by ${by}` };
  const told = { at, time: writeTime(at), what: sayEntry(entry, older), notes: metadata?.notes };
  const line = copyOf("change", { mentor: sayMentor(mentor), address: link({ mentor }), ...told, ...theirs });
  addPerson(find(".whom", line), mentor);
  return line;
}

// What changed: the history of everybody, or of one mentor, by day. A name leads to all that this colleague changed.

import { copyOf, find } from "./elements.js";
import { PAGE, readHistory } from "./api.js";
import { DAY, dayNumber, format, writeTime, zone } from "./days.js";
import { endOf, sayEntry, sayUndid } from "./history.js";
import { sayMentor } from "./names.js";
import { addPerson } from "./person.js";
import { link } from "./view.js";

const WHOLE_DATE = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Read the newest page, and those that "Show more" has added. */
export const read = ({ by, of, more }) => readHistory({ changed_by: by, mentor_id: of }, PAGE * (1 + Number(more)));

const idOf = (entryId) => `entry-${entryId}`;

/** Draw the entries by day; return what shows them. */
export async function draw(history, { by, of, more }) {
  const page = copyOf("changes", {
    by, zone, of: sayMentor(of), isByAll: !by, isOfAll: !of, isAll: !by && !of, all: link({ by: "", of: "", more: "" }),
    more: link({ more: Number(more) + 1 }), ...endOf(history),
  });
  const entries = new Map(history.data.map((entry) => [entry.history_entry_id, entry]));
  for (const [day, ofDay] of Map.groupBy(history.data, ({ changed_at: at }) => dayNumber(at))) {
    const section = copyOf("changes-day", { day: WHOLE_DATE.format(day * DAY) });
    find("ol", section).append(...ofDay.map((entry) => drawEntry(entry, entries.get(entry.undoes))));
    find(".days", page).append(section);
  }
  return () => find("#view").replaceChildren(page);
}

/** Draw an entry; that of an undo has a link to the one that it has undone, if that is in the list, too. */
function drawEntry(entry, undone) {
  const { history_entry_id: id, mentor_id: mentor, changed_at: at, changed_by: by, metadata } = entry;
  const theirs = by && { who: by, theirs: link({ by, more: "" }), only: `Only changes by ${by}` };
  const undid = { undid: sayUndid(entry, undone), undone: undone && link({}) };
  const told = { at, time: writeTime(at), what: sayEntry(entry), notes: metadata?.notes, ...undid };
  const line = copyOf("change", {
    id: idOf(id), mentor: sayMentor(mentor), address: link({ mentor }), ...told, ...theirs,
  });
  find(".undid", line).onclick = (event) => {
    event.preventDefault(); // the address says what is shown, and no place in it
    find(`#${idOf(entry.undoes)}`)?.focus();
  };
  addPerson(find(".whom", line), mentor);
  return line;
}

// This week: what a coordinator should know and do, section by section.

import { copyOf, find, findAll } from "./elements.js";
import { get } from "./api.js";
import { offerChoice } from "./chosen.js";
import { groupsOf } from "./csv.js";
import { now, writeDay } from "./days.js";
import { SOON, outlasts, pauseAt } from "./pauses.js";
import { drawRows, sortPauses } from "./table.js";

const MOST_OF_SECTION = 1000; // pauses of a section that somebody has to act on; of any other, the digest has 100

const toPause = (record) => pauseAt(record, { at: now() });
const readPauses = async (query) =>
  (await get("pause-records", { ...query, limit: MOST_OF_SECTION })).data.data.map(toPause);

/** Read the digest of today and the days after it, with all pauses that somebody has to act on. */
export async function read() {
  const [{ data: digest }, overdue, due, undated] = await Promise.all([
    get("digest", { days: SOON + 1 }),
    readPauses({ phase: "overdue", sort: "expected_return_date" }),
    readPauses({ due_within_days: SOON, sort: "-expected_return_date" }), // the overdue are in it, and come last
    readPauses({ phase: "undated", sort: "start_date" }),
  ]);
  const ending = sortPauses(due.filter(({ phase }) => phase !== "overdue"), "back");
  const returns = await leaveOutOutlasted(ending);
  return {
    ...digest,
    as_of: null, // it is no news
    overdue: { total: digest.overdue.total, data: overdue },
    due: { total: digest.due.total - ending.length + returns.length, data: returns },
    undated: { total: digest.undated.total, data: undated },
  };
}

/** Leave out each pause at whose end its mentor does not come back, since another one lasts longer. */
async function leaveOutOutlasted(pauses) {
  const groups = groupsOf([...new Set(pauses.map(({ mentor_id: mentor }) => mentor))]);
  const read = await Promise.all(groups.map((ids) => readPauses({ mentor_id: ids.join(), is_active: true })));
  const pausesOf = Map.groupBy(read.flat(), ({ mentor_id: mentor }) => mentor);
  return pauses.filter((pause) => !pausesOf.get(pause.mentor_id)?.some((other) => outlasts(other, pause)));
}

/** Draw the sections that the page names; an empty one goes. Return what shows them. */
export async function draw(digest) {
  const { purged_before: purged } = digest;
  const page = copyOf("week", { purged: purged && `Pauses that ended before ${writeDay(purged)} have been deleted.` });
  const choice = []; // the pauses that can be chosen
  for (const section of findAll("section", page)) {
    const { total, data } = digest[section.dataset.list];
    const canAct = "acts" in section.dataset;
    const pauses = data.map(toPause);
    if (canAct) choice.push(...pauses);
    if (!total) section.remove();
    find("h2", section).append(`: ${total.toLocaleString()}`);
    const table = copyOf("week-table");
    find("tbody", table).append(...await drawRows(pauses, canAct));
    section.append(table);
    if (total > data.length) section.append(copyOf("cut", { count: data.length.toLocaleString() }));
  }
  return () => {
    find("#view").replaceChildren(page);
    offerChoice(find("#view"), choice);
  };
}

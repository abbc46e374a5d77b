// What a row offers with one click, where somebody has to do something.

import { copyOf, find, findAll } from "./elements.js";
import { Problem } from "./api.js";
import { entriesOf, uploadLines } from "./csv.js";
import { writeDay } from "./days.js";
import { SO_ALREADY, announce, announceWritten } from "./forms.js";
import { sayMentor } from "./names.js";
import { postponed, prepare } from "./together.js";
import { sayWrite } from "./undo.js";
import { link } from "./view.js";

const BRING_BACK = { list: "mentor-statuses", body: { status: "active" } };
const LOOK_FIRST = "No answer came: the change may have been made, or not. Look at the pause before you try again.";
const STAYS = 4000; // milliseconds for which a row stays where it is, and says what was done

/** Draw the actions of a pause that is overdue, due or without a return date. */
export function drawActions(pause) {
  const { mentor_id: id, pause_record_id: record } = pause;
  const mentor = sayMentor(id);
  const form = { date: `Set a date… for ${mentor}`, form: link({ mentor: id, change: record }) };
  const actions = copyOf("row-actions", { back: `Bring back ${mentor}`, ...form });
  const [back, ...weeks] = findAll("button", actions);
  back.onclick = () => write(pause, BRING_BACK, "is back.", actions);
  for (const button of weeks) {
    const day = postponed(pause, button.dataset.weeks);
    button.title = `back on ${writeDay(day)}`;
    button.ariaLabel = `${button.textContent} for ${mentor}, ${button.title}`;
    const postpone = { list: "pause-records", fields: { back: day } };
    button.onclick = () => write(pause, postpone, `is expected back on ${writeDay(day)}.`, actions);
  }
  return actions;
}

/** Write, if the pause is still as the row shows it; say what was done, or why it was not. */
async function write(pause, change, words, actions) {
  if (actions.ariaBusy) return;
  actions.ariaBusy = "true";
  try {
    const written = await uploadLines(await prepare([pause], change));
    if (!written.length) return announce(`${sayMentor(pause.mentor_id)}: ${SO_ALREADY}`);
    const done = { mentor: pause.mentor_id, words, entries: entriesOf(written) };
    stay(actions, sayWrite(done));
    await announceWritten(done, change.body);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const lost = problem.status === 0 && `${sayMentor(pause.mentor_id)}: ${LOOK_FIRST}`;
    announce(lost || [problem.message, ...problem.lines].join(" "));
  } finally {
    actions.ariaBusy = null;
  }
}

/** Have a row say what was done in the place of its actions; nothing is drawn anew in the view before some seconds. */
function stay(actions, said) {
  const isFocused = actions.contains(document.activeElement);
  const done = copyOf("row-done", { said });
  if (isFocused) find("a", actions.closest("tr")).focus({ preventScroll: true });
  actions.replaceChildren(done);
  setTimeout(() => {
    if (!done.matches(".done")) return; // it was undone
    done.classList.remove("done");
    announce();
  }, STAYS);
}

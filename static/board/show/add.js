// The panel that adds mentors: one or several lines of an id and a name. The names stay in this browser.

import { html } from "../lit-html/lit-html.js";
import { live } from "../lit-html/directives/live.js";
import { keyOfPlace } from "../read/keys.js";
import { draw, keepDraft, model } from "../read/model.js";
import { addNames, parseMentors } from "../read/names.js";
import { mentorsOf } from "../read/pauses.js";
import { countOf, join } from "../read/words.js";
import { readRows, uploadTable } from "../write/csv.js";
import { carryOut, recordWrite } from "../write/saving.js";
import { drawOutcome, drawSubmit } from "./outcomes.js";
import { drawMentors } from "./person.js";

const KEY = keyOfPlace("add");
const MOST_LINKS = 20; // to those who were added

export function drawAdd() {
  const { write, added } = model.outcomes.get(KEY) ?? {};
  const text = model.drafts.get(KEY)?.values.text ?? (write?.isUndone ? added : "");
  const keep = (typed) => keepDraft(KEY, { values: { text: typed || undefined } });
  const type = ({ target }) => {
    keep(target.value);
    model.outcomes.delete(KEY);
    draw();
  };
  const submit = (event) => {
    event.preventDefault();
    keep(text); // also what an Undo has brought back
    carryOut(KEY, "Add", () => addMentors(text), { form: model.drafts.get(KEY) });
  };
  return html`
    <form class="write" @submit=${submit}>
      <label>Id and name, one mentor a line
        <textarea name="mentors" rows="6" autofocus required autocapitalize="none" autocorrect="off" spellcheck="false"
          placeholder="mentor-0101 Jane Doe" .value=${live(text)} @input=${type}></textarea></label>
      <p class="note">An id may have letters, digits and . _ ~ : @ - but no blanks. The name may be left out. The
        service gets the ids alone: the names stay in this browser. Each mentor is available until you pause them.</p>
      <p class="buttons">${drawSubmit(KEY, "Add")}</p>
      <div class="outcome">${drawOutcome(KEY)}</div>
    </form>`;
}

/** Add the mentors of a text, all of them or none, and keep their names here, and the text for after an Undo. */
async function addMentors(text) {
  const mentors = parseMentors(readRows(text), "added");
  const lines = mentors.map(([id]) => ({ mentor_id: id }));
  const added = await uploadTable({ list: "mentor-statuses", lines });
  addNames(mentors);
  const others = lines.length - added.length;
  const words = join(`${countOf(added.length, "mentor")} added`, others && `${countOf(others, "id")} known already`);
  const detail = drawMentors(mentorsOf(added), MOST_LINKS);
  return { ...recordWrite(added, words), detail, added: text };
}

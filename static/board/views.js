// The views beside the board: each reads what it shows from one address of the API, and draws it as a page.

import { find, findAll } from "./elements.js";
import { fieldDay } from "./days.js";
import { link } from "./view.js";
import * as changes from "./changes.js";
import * as trend from "./trend.js";
import * as week from "./week.js";

const VIEWS = { changes, trend, week };

let drawn = ""; // what is drawn, as text

/** Return what a view shows. */
export const readView = (view) => VIEWS[view.view].read(view);

/** Draw what a view shows, if it is not drawn already; what had the focus, or else "Show more", has it again. */
export function drawView(view, answer) {
  const text = JSON.stringify([link({}), fieldDay(view.at), answer]);
  if (text === drawn && find("#view").firstChild) return;
  const line = document.activeElement?.closest("#view :is(tr, li, p)");
  const focused = line && find("a", line)?.getAttribute("href");
  find("#view").replaceChildren(VIEWS[view.view].draw(answer, view));
  const links = focused ? findAll("#view a") : [];
  const same = links.find((each) => each.getAttribute("href") === focused);
  (same ?? links.find((each) => each.matches(".more")))?.focus({ preventScroll: true });
  find("#results").textContent = find("h1").textContent;
  drawn = text;
}

/** Show at once which view is chosen. */
export function chooseView({ view }) {
  if (document.body.dataset.view === view) return;
  document.body.dataset.view = view;
  find("#view").replaceChildren();
  const heading = find("#views [aria-current]").textContent;
  [find("h1").textContent, document.title] = [heading, `${heading} – Mentor board`];
}

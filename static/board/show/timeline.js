// The timeline: one row for each mentor, one bar for each pause. Positions are in percent of the window of time. The
// forecast has the same scale of time.

import { html, nothing } from "../lit-html/lit-html.js";
import { Directive, directive } from "../lit-html/directive.js";
import { guard } from "../lit-html/directives/guard.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { DAY, dayNumber, formatter, startOf, writeDay } from "../read/days.js";
import { model } from "../read/model.js";
import { sayMentor } from "../read/names.js";
import { sayReasonOrNone } from "../read/reasons.js";
import { sayDates } from "../read/words.js";
import { drawMentor } from "./person.js";

const SPANS = { month: "Month", quarter: "Quarter", year: "Year", all: "All dates" };
const LEGEND = { // the classes of bars and of what is in them
  current: "paused", overdue: "overdue", undated: "no return date", scheduled: "leaving later", ended: "ended",
  mark: "expected back", late: "since then", open: "no end yet",
};

const [DAY_OF_YEAR, SHORT_MONTH] = [formatter({ day: "numeric", month: "short" }), formatter({ month: "short" })];

/** Say whether a view of Pauses is the timeline. (Of all dates there is none.) */
export const hasTimeline = ({ layout, span }) => Boolean(layout) && span !== "all";

/** Draw the picture of pauses: their mentors in the order of the list. */
export function drawTimeline(pauses, view) {
  const mentors = [...Map.groupBy(pauses, ({ mentor_id: mentor }) => mentor)];
  const percentOf = (instant) => (100 * (instant - view.start)) / (view.end - view.start);
  return html`
    <section id="timeline" aria-labelledby="window">
      <h2 id="window">${view.title}</h2>
      <p class="legend" aria-hidden="true">
        ${Object.entries(LEGEND).map(([name, words]) => html`<span><i class="key ${name}"></i> ${words}</span> `)}
        <span><i class="key present"></i> ${view.isToday ? "today" : writeDay(view.at)}</span>
      </p>
      <div class="picture ${view.span}">
        <div class="lines" aria-hidden="true">
          ${drawTicks(view, percentOf)}<span class="now" ${properties({ "--from": percentOf(view.at) })}></span>
        </div>
        <ol class="rows">${repeat(mentors, ([mentor]) => mentor, ([mentor, ofMentor]) =>
          guard([...ofMentor, view.address, dayNumber(view.at), sayMentor(mentor)],
            () => drawBars(mentor, ofMentor, view, percentOf)))}</ol>
      </div>
    </section>`;
}

export const drawWindow = (view) => html`
  <nav class="window" aria-label="Time shown">
    <span class="choice">${Object.entries(SPANS).map(([span, words]) =>
      drawChoice(words, { span }, view.span === span))}</span>
    ${view.span === "all" ? nothing : html`<span>
      <a href=${link({ from: view.earlier })} aria-label="Earlier">‹</a>
      <a href=${link({ from: "" })} aria-current=${view.from ? nothing : "true"}>Today</a>
      <a href=${link({ from: view.later })} aria-label="Later">›</a></span>`}
  </nav>`;

/** Draw the choice between the list and the timeline, which is that of a quarter if all dates are listed. */
export function drawLayouts(view) {
  const span = view.span.replace("all", "quarter");
  return html`
    <nav class="window" aria-label="Shown as"><span class="choice">
      ${drawChoice("List", { layout: "" }, !hasTimeline(view))}
      ${drawChoice("Timeline", { layout: "timeline", span }, hasTimeline(view))}</span></nav>`;
}

const drawChoice = (words, changes, isChosen) =>
  html`<a href=${link(changes)} aria-current=${isChosen ? "true" : nothing}>${words}</a>`;

function drawBars(mentor, pauses, view, percentOf) {
  const lanes = []; // of bars that do not overlap
  for (const pause of pauses.toSorted((one, other) => one.start - other.start)) {
    const end = endOfBar(pause, view);
    const bar = { pause, end, from: percentOf(pause.start), to: percentOf(end) };
    const free = lanes.find((bars) => bars.at(-1).to <= bar.from);
    if (free) free.push(bar);
    else lanes.push([bar]);
  }
  const words = pauses.map((pause) => `${sayReasonOrNone(pause.reason)}, ${pause.words}`).join("; ");
  return html`
    <li>${drawMentor(mentor, link({ mentor }))} <span class="visually-hidden">${words}</span>
      <div class="track">${lanes.map((bars) => html`
        <div class="lane">${bars.map((bar, index) => drawBar(bar, index, bars, percentOf))}</div>`)}</div></li>`;
}

/** Return where a bar ends: that of an open pause at the expected return, or at the present if that has passed. */
const endOfBar = ({ start, end, back }, { at }) => (end < Infinity ? end : Math.max(Date.parse(back) || 0, start, at));

/**
 * Draw a bar; a label that it has no room for stands after it, or before the first one. It is for the mouse: to others
 * the mentor's link, in the same row, says the same.
 */
function drawBar({ pause, end, from, to }, index, bars, percentOf) {
  const roomBefore = index === 0 ? Math.min(from, 100) : 0; // in percent
  const roomAfter = Math.min(bars[index + 1]?.from ?? 100, 100) - Math.max(to, 0);
  const [reason, isOpen] = [sayReasonOrNone(pause.reason), pause.end === Infinity];
  // What is not in the window stands at its edge.
  const [early, late] = [to <= 0 && `← ${writeDay(end)}, `, from >= 100 && `, ${writeDay(pause.start)} →`];
  const text = [early, reason, pause.phase === "undated" && ", no return date", late].filter(Boolean).join("");
  const label = roomBefore > roomAfter && "label-before";
  const classes = ["pause", pause.phase, isOpen && "open", label].filter(Boolean).join(" ");
  const places = {
    "--from": from, "--to": to, "--room": Math.max(roomBefore, roomAfter),
    "--back": isOpen && pause.back ? percentOf(Date.parse(pause.back)) : undefined,
  };
  return html`<a class=${classes} aria-hidden="true" tabindex="-1" href=${link({ mentor: pause.mentor_id })}
    title=${`${reason}, ${pause.words}\n${sayDates(pause)}`} ${properties(places)}><i
    class="body"></i><i class="late"></i><i class="mark"></i><span dir="auto">${text}</span></a>`;
}

/** Draw the lines of the weeks or months of a window of time; `percentOf` says where an instant stands. */
export const drawTicks = (times, percentOf) => ticksOf(times).map(([instant, label]) =>
  html`<span class="tick" ${properties({ "--from": percentOf(instant) })}><b>${label}</b></span>`);

/** Return the lines of the scale as `[instant, label]`; those of the weeks of a quarter have no label. */
function ticksOf({ span, start, end }) {
  const [first, after] = [dayNumber(start), dayNumber(end)];
  const days = Array.from({ length: after - first }, (_, index) => new Date((first + index) * DAY));
  const ticks = (some, label) => some.map((day) => [startOf(day / DAY), label(day)]);
  const weeks = days.filter((day) => day.getUTCDay() === 1);
  if (span === "month") return ticks(weeks, DAY_OF_YEAR.format);
  const months = ticks(days.filter((day) => day.getUTCDate() === 1), SHORT_MONTH.format);
  return span === "year" ? months : [...months, ...ticks(weeks, () => "")];
}

/**
 * Set custom properties of style: `<div ${properties({ "--from": 10 })}>`; undefined removes one. (The policy of the
 * page forbids an attribute `style`.)
 */
export const properties = directive(class extends Directive {
  update({ element }, [values]) {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) element.style.removeProperty(name);
      else element.style.setProperty(name, value);
    }
    return nothing;
  }

  render() {
    return nothing;
  }
});

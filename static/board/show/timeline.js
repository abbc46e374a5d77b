// The timeline: one row for each mentor, one bar for each pause. Positions are in percent of the window of time.

import { html, nothing } from "../lit-html/lit-html.js";
import { guard } from "../lit-html/directives/guard.js";
import { repeat } from "../lit-html/directives/repeat.js";
import { link } from "../read/address.js";
import { dayNumber, writeDay } from "../read/days.js";
import { model } from "../read/model.js";
import { compareMentors, sayMentor } from "../read/names.js";
import { sayReasonOrNone } from "../read/reasons.js";
import { sayDates } from "../read/words.js";
import { drawMentor } from "./person.js";
import { drawNow, drawTicks, properties } from "./picture.js";

const FIRST = 25; // rows that are drawn, unless all are asked for
const SPANS = { month: "Month", quarter: "Quarter", year: "Year", all: "All dates" };

/** Draw the picture of pauses. */
export function drawTimeline(pauses, view) {
  const mentors = [...Map.groupBy(pauses, ({ mentor_id: mentor }) => mentor)]
    .toSorted(([one], [other]) => compareMentors(one, other));
  const percentOf = (instant) => (100 * (instant - view.start)) / (view.end - view.start);
  const drawn = mentors.slice(0, view.rows ? model.rowsDrawn : FIRST);
  return html`
    <section id="timeline" aria-labelledby="window">
      <h2 id="window">${view.title}</h2>
      <p class="legend" aria-hidden="true">
        <span><i class="key mark"></i> expected back</span> <span><i class="key late"></i> overdue</span>
        <span><i class="key open"></i> no end yet</span>
        <span><i class="key present"></i> ${view.isToday ? "today" : writeDay(view.at)}</span>
      </p>
      <div class="picture ${view.span}">
        <div class="lines" aria-hidden="true">${drawTicks(view, percentOf)}${drawNow(view.at, percentOf)}</div>
        <ol class="rows">${repeat(drawn, ([mentor]) => mentor, ([mentor, ofMentor]) =>
          guard([...ofMentor, view.address, dayNumber(view.at), sayMentor(mentor)],
            () => drawRow(mentor, ofMentor, view, percentOf)))}</ol>
      </div>
      ${mentors.length <= FIRST ? nothing : html`<p><a class="button more"
        href=${link({ rows: view.rows ? "" : "all" })}>
        ${view.rows ? `Show the first ${FIRST}` : `Show all ${mentors.length.toLocaleString()}`}</a></p>`}
    </section>`;
}

/** Draw the choice of the window of time. */
export const drawWindow = (view) => html`
  <nav class="window" aria-label="Time shown">
    <span class="choice">${Object.entries(SPANS).map(([span, words]) => html`<a href=${link({ span })}
      aria-current=${view.span === span ? "true" : nothing}>${words}</a>`)}</span>
    ${view.span === "all" ? nothing : html`<span>
      <a href=${link({ from: view.earlier })} aria-label="Earlier">‹</a>
      <a href=${link({ from: "" })} aria-current=${view.from ? nothing : "true"}>Today</a>
      <a href=${link({ from: view.later })} aria-label="Later">›</a></span>`}
  </nav>`;

function drawRow(mentor, pauses, view, percentOf) {
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
      <div class="track">${lanes.map((bars) => drawLane(bars, percentOf))}</div></li>`;
}

/** Return where a bar ends: that of an open pause at the expected return, or at the present if that has passed. */
const endOfBar = ({ start, end, back }, { at }) => (end < Infinity ? end : Math.max(Date.parse(back) || 0, start, at));

const drawLane = (bars, percentOf) =>
  html`<div class="lane">${bars.map((bar, index) => drawBar(bar, index, bars, percentOf))}</div>`;

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

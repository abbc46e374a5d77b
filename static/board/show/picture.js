// What the pictures share: the scale of time, and places in percent.

import { html, nothing } from "../lit-html/lit-html.js";
import { Directive, directive } from "../lit-html/directive.js";
import { DAY, dayNumber, formatter, startOf } from "../read/days.js";

const [DAY_OF_YEAR, SHORT_MONTH] = [formatter({ day: "numeric", month: "short" }), formatter({ month: "short" })];

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

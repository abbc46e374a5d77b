// Reads a calendar with ical.js from standard input; prints its properties and events as JSON. Days are whole days.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const valuesOf = (component) =>
  Object.fromEntries(component.getAllProperties().map((property) => [property.name, String(property.getFirstValue())]));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return { ...valuesOf(component), days: event.duration.toSeconds() / 86400, wholeDays: event.startDate.isDate };
});
console.log(JSON.stringify({ ...valuesOf(calendar), events }));

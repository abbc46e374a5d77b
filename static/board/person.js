// What the service says of itself: the time zone of its days, and where a mentor's page outside of it is (MENTOR_URL).

import { copyOf } from "./elements.js";
import { Problem, get } from "./api.js";
import { setZone } from "./days.js";
import { sayMentor } from "./names.js";

let template = null; // of the address, with {mentor_id} in it

/** Read both. Raise a Problem if this browser does not know the time zone: the page then shows no day at all. */
export async function readService() {
  const { data: { time_zone: zone, mentor_url: address } } = await get("../../");
  template = /^https?:/.test(address) ? address : null;
  try {
    setZone(zone);
  } catch {
    const detail = `This browser does not know the time zone of the service, ${zone}. Use a newer browser.`;
    throw new Problem({ status: 501, detail });
  }
}

/** Add a link to the mentor's page, if there is one. */
export function addPerson(place, mentor) {
  const address = template?.replace("{mentor_id}", encodeURIComponent(mentor));
  if (address) place.append(" ", copyOf("person", { name: `Page of ${sayMentor(mentor)}`, address }));
}

// From an id to the person: a mentor's page outside of this service, where the service knows its address (MENTOR_URL).

import { copyOf } from "./elements.js";
import { get } from "./api.js";
import { sayMentor } from "./names.js";

let template = null; // of the address, with {mentor_id} in it

/** Ask the service for the address. Behind a proxy something else may answer at its root: then there is none. */
export async function readAddress() {
  const { data } = await get("../../").catch(() => ({}));
  template = /^https?:/.test(data?.mentor_url) ? data.mentor_url : null;
}

/** Add a link to the mentor's page, if there is one. */
export function addPerson(place, mentor) {
  const address = template?.replace("{mentor_id}", encodeURIComponent(mentor));
  if (address) place.append(" ", copyOf("person", { name: `Page of ${sayMentor(mentor)}`, address }));
}

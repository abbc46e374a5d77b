// A mentor, wherever the page shows one: the name large, the id beside it small, and a link to their own page, if any.

import { html, nothing } from "../lit-html/lit-html.js";
import { link } from "../read/address.js";
import { nameOf, sayMentor } from "../read/names.js";

/** Draw a mentor as a link; each of the two words in its own direction. */
export function drawMentor(id, href) {
  const name = nameOf(id);
  const long = id.length > 40 ? "long" : ""; // it is set smaller
  return html`<span class="whom"><a class="mentor" href=${href} title=${sayMentor(id)}>${name
    ? html`<bdi class="name">${name}</bdi> <bdi class="id ${long}">${id}</bdi>`
    : html`<bdi class="name ${long}">${id}</bdi>`}</a>${drawLinkOut(id)}</span>`;
}

/** Draw the first ones of some mentors, and how many more there are. */
export const drawMentors = (ids, most = 3) => html`
  ${ids.slice(0, most).map((id) => drawMentor(id, link({ mentor: id })))}
  ${ids.length > most ? html`<span>and ${(ids.length - most).toLocaleString()} more</span>` : nothing}`;

/** Draw a link to the page of a mentor outside of this service (MENTOR_URL), if there is one. */
export function drawLinkOut(id) {
  const href = document.body.dataset.mentorUrl.replace("{mentor_id}", encodeURIComponent(id));
  return href ? html` <a class="person" target="_blank" rel="noopener" title="in a new tab" href=${href}><span
    class="visually-hidden">Page of ${sayMentor(id)}</span></a>` : nothing;
}

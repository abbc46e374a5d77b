// The keys by which the model knows a row, what is written there, what came of it, and the form that is open there.

/** Return what a row is known by: its pause record, or the mentor whom it is about. */
export const keyOf = ({ mentor_id: mentor, pause_record_id: record = "" }) => `${mentor} ${record}`;

/** Return the mentor whom a key is about. */
export const mentorOf = (key) => key.split(" ")[0];

/** Return the key of what is written in the panel about a row. (The row itself says what the next reading finds.) */
export const panelKeyOf = (row) => `${keyOf(row)} panel`;

export const isPanelKey = (key) => key.endsWith(" panel");

export const CHOSEN = "chosen"; // of what is written for all that is ticked
export const LINK = "link"; // of copying the address of the page

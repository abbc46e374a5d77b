// The keys by which the model knows a row, what is written there, what came of it, and the form that is open there.

/** Return what a row is known by: the mentor, a blank, and the pause record, if it is about one. */
export const keyOf = ({ mentor_id: mentor, pause_record_id: record = "" }) => `${mentor} ${record}`;

/** Return the mentor whom a key is about. */
export const mentorOf = (key) => key.split(" ")[0];

/** Return the key of what is written in the panel about a row: the row itself does not show what came of it. */
export const panelKeyOf = (row) => `${keyOf(row)} panel`;

/** Return the key of the row that a key is about. */
export const rowKeyOf = (key) => key.replace(/ panel$/, "");

export const isPanelKey = (key) => key.endsWith(" panel");

/** Return the key of a place that is about no row. (No id of a mentor begins with #.) */
export const keyOfPlace = (name) => `#${name}`;

export const TICKED = keyOfPlace("ticked"); // of what is written for all that is ticked

/** Return the key of the Undo of a write: `#undo 4711`; of any entry of the history, `#undo entry 4711`. */
export const keyOfUndo = ({ id }) => keyOfPlace(`undo ${id}`);

export const isUndoKey = (key) => key.startsWith("#undo ");

/** Say whether a key is that of a row, in a table or in the panel. */
export const isRowKey = (key) => !key.startsWith("#");

/** Say whether a key is that of a row of a table. */
export const isTableKey = (key) => isRowKey(key) && !isPanelKey(key);

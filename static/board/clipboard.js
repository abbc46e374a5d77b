// The clipboard of the computer.

export const LINK = "link"; // the key of what came of copying the address of the page

/** Copy a text; return whether that was done: a page without TLS may not. */
export const copy = async (text) => navigator.clipboard?.writeText(text).then(() => true, () => false);

// The clipboard of the computer.

/** Copy a text; return whether that was done: a page without TLS may not. */
export const copy = async (text) => navigator.clipboard?.writeText(text).then(() => true, () => false);

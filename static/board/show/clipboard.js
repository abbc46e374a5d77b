// The clipboard of the computer.

/** Copy a text; return whether that was done: a page without TLS may not, and a browser may refuse. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

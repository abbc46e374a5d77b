// Reasons: the API has any text, such as `certification_expiry`; the page writes it as words.

const reasonsInUse = new Set(); // those of the pauses that this page has read

export const noteReason = (reason) => reason && reasonsInUse.add(reason);

export const countReasons = () => reasonsInUse.size;

/** Forget which reasons are in use: another token may see none. */
export const forgetReasons = () => reasonsInUse.clear();

/** Write a reason as words: `Certification expiry` for `certification_expiry`; null for none, and for blanks. */
export function sayReason(reason) {
  const words = reason?.replaceAll(/[\s_-]+/g, " ").trim() || reason?.trim();
  return words ? words[0].toUpperCase() + words.slice(1) : null;
}

export const sayReasonOrNone = (reason) => sayReason(reason) ?? "no reason";

export const usedReasons = () => [...reasonsInUse].sort(compareReasons);

/** Compare two reasons by their words, then by themselves. */
export const compareReasons = (one, other) =>
  sayReason(one).localeCompare(sayReason(other)) || (one > other) - (one < other);

/** Return the reason that a text means: the `own` one, or one in use, if it is written so, else the text itself. */
export const reasonOf = (text, own) =>
  [own, ...usedReasons()].find((reason) => reason && sayReason(reason) === sayReason(text)) ?? text;

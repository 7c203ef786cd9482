/** Where a sentence ends: at a stop that belongs neither to an abbreviation nor to a number. */

/** @param text up to and without the space that follows the mark. */
export function endsSentence(text: string): boolean {
  if (!/[.!?…][\p{Pe}\p{Pf}"']*$/u.test(text)) return false;
  const word = /\S+$/.exec(text)?.[0].replace(/^[\p{Ps}\p{Pi}"']+/u, '') ?? '';
  if (ABBREVIATION.test(word)) return false;
  // "1." alone opens a list.
  return !(/^\d+\.$/.test(word) && text.trim() === word);
}

/** Initials but "I", dotted abbreviations such as "p.m.", and words that a name or number follows. */
const ABBREVIATION =
  /^(?:[A-HJ-Z]|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|St|Ave|Rd|Blvd|Sq|Mt|Ft|Sr|Jr|vs|approx|ext|tel|apt|Inc|Ltd|Co|Jan|Feb|Apr|Aug|Sept?|Oct|Nov|Dec)\.$/iu;

/** The longest brief, about 20 s of speech: the caller waits meanwhile. */
const BRIEF_LENGTH_LIMIT = 300;

/**
 * One sentence of the model's, fit to be read out to a person: no line breaks, no markup, not too
 * long. Undefined if nothing is left.
 */
export function briefSentence(text: string | undefined): string | undefined {
  const plain = (text ?? '').replace(/[\p{Cc}\p{Cf}<>{}|\s]+/gu, ' ').trim();
  if (plain.length <= BRIEF_LENGTH_LIMIT) return plain || undefined;
  const cut = plain.slice(0, BRIEF_LENGTH_LIMIT);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), BRIEF_LENGTH_LIMIT / 2)).toWellFormed()} …`;
}

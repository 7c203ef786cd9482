/** Letters and digits: what two spellings of the same words ("Hello," and "hello") have in common. */

export function countLetters(text: string): number {
  return text.match(LETTER)?.length ?? 0;
}

/** The text from the first word on that does not lie within its first `count` letters. */
export function afterLetters(text: string, count: number): string {
  let seen = 0;
  for (const { 0: word, index } of text.matchAll(/\S+\s*/g)) {
    seen += countLetters(word);
    if (seen > count) return text.slice(index);
  }
  return '';
}

const LETTER = /[\p{L}\p{N}]/gu;

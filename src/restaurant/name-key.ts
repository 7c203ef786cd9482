/** Letters that do not come apart into a letter and its accent. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
};

/**
 * A name as it is compared: lower case, no accents, letters only, one space between words.
 * `Zoë O’Brien-Løkke` is `zoe obrienlokke`. Empty when it holds no letter.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßøłđæœ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^\p{L}\s]/gu, '')
    .trim()
    .replace(/\s+/g, ' ');
}

/** The last word, and all words as one: `Mac Donald` is to be found as `MacDonald`. */
export function namesToCompare(key: string): string[] {
  const last = key.slice(key.lastIndexOf(' ') + 1);
  return [...new Set([key.replaceAll(' ', ''), last])];
}

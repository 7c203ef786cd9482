/** When each word of a text is spoken, worked out from the phones that a synthesiser printed. */
import type { Segment } from './flite.ts';
import { endsSentence } from './sentence-end.ts';
import type { Word } from './voice.ts';

/**
 * One entry for each word of the text, as it is written there ("7:30?", not "seven thirty").
 *
 * Phones are shared out among the words by the length of their spelling. Where the synthesiser
 * pauses as often as the text has a comma or a stop, each stretch between two pauses is shared out
 * by itself, so that errors do not add up: they stay below half a word.
 */
export function wordTimes(text: string, segments: readonly Segment[]): Word[] {
  const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const phrases = phrasesOf(words);
  const stretches = stretchesOf(segments);
  if (phrases.length === stretches.length) {
    return phrases.flatMap((phrase, i) => share(phrase, stretches[i]!));
  }
  return share(words, stretches.flat());
}

interface Span {
  startMs: number;
  endMs: number;
}

/** The words between two punctuation marks at which a reader pauses. */
function phrasesOf(words: readonly string[]): string[][] {
  const phrases: string[][] = [];
  let phrase: string[] = [];
  for (const word of words) {
    phrase.push(word);
    if (!endsSentence(phrase.join(' ')) && !/[,;:]["')]*$/.test(word)) continue;
    phrases.push(phrase);
    phrase = [];
  }
  if (phrase.length > 0) phrases.push(phrase);
  return phrases;
}

/** The phones between two silences. */
function stretchesOf(segments: readonly Segment[]): Span[][] {
  const stretches: Span[][] = [];
  let stretch: Span[] = [];
  let startMs = 0;
  for (const { phone, endMs } of segments) {
    if (phone !== 'pau') stretch.push({ startMs, endMs });
    else if (stretch.length > 0) {
      stretches.push(stretch);
      stretch = [];
    }
    startMs = endMs;
  }
  if (stretch.length > 0) stretches.push(stretch);
  return stretches;
}

function share(words: readonly string[], phones: readonly Span[]): Word[] {
  const total = words.reduce((sum, word) => sum + weight(word), 0);
  const last = phones.length - 1;
  if (last < 0) return [];
  let before = 0;
  return words.map((text) => {
    const from = Math.min(last, Math.round((before / total) * phones.length));
    before += weight(text);
    const to = Math.max(from, Math.round((before / total) * phones.length) - 1);
    return { text, startMs: phones[from]!.startMs, endMs: phones[Math.min(last, to)]!.endMs };
  });
}

/** About how many phones a word has: "sh", "ee" and "ll" are one, and "7" is read as "seven". */
function weight(word: string): number {
  const sounds = word
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/([^aeioul])e$/, '$1')
    .replace(/[aeiouy]+/g, 'a')
    .replace(/(\p{L})\1/gu, '$1')
    .replace(/[cstpgw]h|ck|ng|kn|wr/g, 'x');
  const digits = sounds.replace(/[^\p{N}]/gu, '').length;
  return Math.max(1, sounds.length + 2.5 * digits);
}

/** Sound in which every word can be told by its bytes: 300 ms of its number. */
import type { Clip } from '../../src/tts/clips.ts';
import type { Word } from '../../src/tts/voice.ts';

export const WORD_MS = 300;
const WORD_BYTES = WORD_MS * 8;

/** One sound for each word; the first has the number given. */
export function soundOf(text: string, firstNumber = 1): Uint8Array {
  const words = text.trim().split(/\s+/);
  const sound = new Uint8Array(words.length * WORD_BYTES);
  for (const at of words.keys()) {
    sound.fill(firstNumber + at, at * WORD_BYTES, (at + 1) * WORD_BYTES);
  }
  return sound;
}

export function wordsOf(text: string, fromMs = 0): Word[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word, at) => ({
      text: word,
      startMs: fromMs + at * WORD_MS,
      endMs: fromMs + (at + 1) * WORD_MS,
    }));
}

export function clipOf(text: string, firstNumber = 1): Clip {
  return { text, mulaw: soundOf(text, firstNumber), words: wordsOf(text) };
}

/** The numbers in this sound, runs of one number as one, as in "1 2 3". */
export function numbersIn(sound: Uint8Array): string {
  const numbers = [...sound].filter((value, at) => value !== sound[at - 1]);
  return numbers.join(' ');
}

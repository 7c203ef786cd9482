/**
 * Holds what the database says was said against what was. The agent's words are known from the sound
 * that was played; a word at the edge of a break or of an interruption may be there or not.
 */
import type { Said } from './chaos-caller.ts';
import { DIALOGUE } from './dialogue.ts';
import type { HeardWord } from './marked-speech.ts';

export interface TurnRecord {
  speaker: unknown;
  text: unknown;
}

/**
 * @param cuts places at which the agent broke off: breaks and interruptions
 * @returns what is wrong, in words; empty when it is whole
 */
export function historyFaults(
  turns: readonly TurnRecord[],
  heard: readonly HeardWord[],
  said: readonly Said[],
  cuts: number,
): string[] {
  const wordsOf = (speaker: string) =>
    turns
      .filter((turn) => turn.speaker === speaker)
      .flatMap(({ text }) =>
        String(text ?? '')
          .split(/\s+/)
          .filter(Boolean),
      );
  const written = wordsOf('agent');
  const all = heard.map(({ text }) => text);
  const replies = heard.filter(({ isReply }) => isReply).map(({ text }) => text);
  const missing = leftOver(replies, written);
  const invented = leftOver(written, all);
  return [
    ...(missing.length > cuts
      ? [`words that were heard are not written: ${missing.join(' ')}`]
      : []),
    ...(invented.length > cuts
      ? [`words that nobody heard are written: ${invented.join(' ')}`]
      : []),
    ...callerFaults(turns, said),
  ];
}

/** Each line that reached us whole is written, and none more often than it was said. */
function callerFaults(turns: readonly TurnRecord[], said: readonly Said[]): string[] {
  const texts = turns.filter(({ speaker }) => speaker === 'caller').map(({ text }) => text);
  return DIALOGUE.flatMap(({ id, text }) => {
    const times = said.filter(({ line }) => line === id);
    const written = texts.filter((each) => String(each ?? '').includes(text)).length;
    const isLost = written === 0 && times.some(({ wasCarried }) => wasCarried);
    if (isLost) return [`the caller's line "${id}" is not written`];
    return written > times.length ? [`the caller's line "${id}" is written ${written} times`] : [];
  });
}

/** The words that remain where as many as can be are found among the others, in their order. */
function leftOver(words: readonly string[], others: readonly string[]): string[] {
  const common = inCommon(words, others);
  const left: string[] = [];
  for (let i = 0, j = 0; i < words.length; ) {
    if (words[i] === others[j]) {
      i += 1;
      j += 1;
    } else if (j < others.length && common[i]![j + 1]! >= common[i + 1]![j]!) j += 1;
    else left.push(words[i++]!);
  }
  return left;
}

/** Lengths of the longest common subsequence of what is left from each word, and each other, on. */
function inCommon(words: readonly string[], others: readonly string[]): number[][] {
  const lengths = [new Array<number>(others.length + 1).fill(0)];
  for (const word of words.toReversed()) {
    const after = lengths[0]!;
    const row = new Array<number>(others.length + 1).fill(0);
    for (let j = others.length - 1; j >= 0; j--) {
      row[j] = word === others[j] ? after[j + 1]! + 1 : Math.max(after[j]!, row[j + 1]!);
    }
    lengths.unshift(row);
  }
  return lengths;
}

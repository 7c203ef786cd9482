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
  const missing = replies.length - inCommon(replies, written);
  const invented = written.length - inCommon(written, all);
  return [
    ...(missing > cuts ? [`${missing} words that were heard are not written`] : []),
    ...(invented > cuts ? [`${invented} words that nobody heard are written`] : []),
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

/** Length of the longest common subsequence. */
function inCommon(one: readonly string[], other: readonly string[]): number {
  let row = new Array<number>(other.length + 1).fill(0);
  for (const word of one) {
    const next = [0];
    for (const [at, each] of other.entries()) {
      next.push(each === word ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
    }
    row = next;
  }
  return row.at(-1)!;
}

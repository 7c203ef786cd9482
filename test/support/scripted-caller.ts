import type { CallEvent } from '../../machines/call-protocol.ts';

/**
 * What a caller does, by a die, and the turn in progress as the ears would have it: a cough leaves
 * no turn behind, and leaves one that is finished as it was.
 */
export class ScriptedCaller {
  #audioBytes = 0;
  #finishedBytes = 0;

  /** @param die 0 to 999 */
  move(state: string, die: number): CallEvent | undefined {
    if (die >= 996) return { type: 'caller.hungUp' };
    if (die >= 993) return { type: 'caller.pressed', digit: '0' };
    if (die >= 991) return { type: 'operator.shutdown' };
    const [, likely] = MOVES.find(([path]) => state.startsWith(path)) ?? [];
    const type = likely?.find(([, upTo]) => die < upTo)?.[0];
    if (type) this.#remember(type);
    return type && { type };
  }

  audio(): Uint8Array {
    return new Uint8Array(this.#audioBytes).fill(7);
  }

  forget(): void {
    this.#audioBytes = 0;
    this.#finishedBytes = 0;
  }

  #remember(type: Move): void {
    if (type === 'caller.spoke') this.#audioBytes += 160;
    if (type === 'caller.finished') this.#finishedBytes = this.#audioBytes;
    if (type === 'caller.ignored') this.#audioBytes = this.#finishedBytes;
  }
}

type Move =
  | Extract<CallEvent['type'], `caller.${'spoke' | 'paused' | 'resumed' | 'finished'}`>
  | 'caller.interrupted'
  | 'caller.ignored';

/** What may come in a state, each up to its number on the die; beyond the last the caller waits. */
const MOVES: readonly [string, readonly [Move, number][]][] = [
  ['conversation.listening.waiting', [['caller.spoke', 950]]],
  [
    'conversation.listening.hearing.talking',
    [
      ['caller.paused', 400],
      ['caller.finished', 800],
      ['caller.ignored', 950],
    ],
  ],
  [
    'conversation.listening.hearing.paused',
    [
      ['caller.resumed', 250],
      ['caller.finished', 950],
    ],
  ],
  ['conversation.thinking', [['caller.spoke', 150]]],
  [
    'conversation.bargeIn',
    [
      ['caller.interrupted', 500],
      ['caller.ignored', 950],
    ],
  ],
  ['conversation', [['caller.spoke', 250]]],
  ['timeout.asking', [['caller.spoke', 500]]],
];

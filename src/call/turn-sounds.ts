import type { Continuation } from '../journal/continuation.ts';
import type { Turn } from '../ultravox/conversation.ts';

/**
 * The caller's sound of turns that nobody has written down, kept for whoever goes on with the call: that
 * of the turn which waits for its answer stands under the number that it will have.
 */
export class TurnSounds {
  readonly #write: (turn: number, mulaw: Uint8Array | null) => void;
  #pending: { turn: number; mulaw: Uint8Array } | undefined;
  /** That are kept, of turns which are history. */
  readonly #kept = new Set<number>();

  constructor(
    write: (turn: number, mulaw: Uint8Array | null) => void,
    earlier?: Pick<Continuation, 'turns' | 'pending' | 'nextTurn'>,
  ) {
    this.#write = write;
    for (const { row, mulaw } of earlier?.turns ?? []) if (mulaw) this.#kept.add(row.turn);
    if (earlier?.pending) this.#pending = { turn: earlier.nextTurn, ...earlier.pending };
  }

  /** The same sound is written once, however often its answer is asked for. */
  finished(mulaw: Uint8Array, turn: number): void {
    const { turn: before, mulaw: known } = this.#pending ?? {};
    if (before === turn && known?.length === mulaw.length) return;
    this.#pending = { turn, mulaw };
    this.#write(turn, mulaw);
    if (before !== undefined && before !== turn) this.#write(before, null);
  }

  /** Another turn may take the number before the one that waits does. */
  beforeTurn(turn: Turn, index: number): void {
    if (!this.#pending || this.#pending.turn > index) return;
    if (turn.speaker !== 'caller') {
      this.finished(this.#pending.mulaw, index + 1);
      return;
    }
    if (turn.mulaw) {
      // Its number is another where nothing was heard of words that had their place before it.
      this.finished(turn.mulaw, index);
      this.#kept.add(index);
    } else this.#write(this.#pending.turn, null);
    this.#pending = undefined;
  }

  afterTurn(turn: Turn, index: number): void {
    if (turn.speaker !== 'caller' || turn.transcript === undefined) return;
    if (this.#kept.delete(index)) this.#write(index, null);
  }
}

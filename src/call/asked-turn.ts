import type { Conversation } from '../ultravox/conversation.ts';

/** The caller's turn in progress. */
export interface TurnInProgress {
  audio(): Uint8Array;
  digits(): string;
  /** It is over, and its answer is asked for: this is what the engine is given of it. */
  finished?(mulaw: Uint8Array): void;
  /** It has been answered. */
  forget(): void;
}

/** The caller's turn as the engine was given it, until it is history: that holds the same bytes. */
export class AskedTurn {
  readonly #turn: TurnInProgress;
  readonly #conversation: Conversation;
  #asked: { mulaw: Uint8Array; digits: string } | undefined;

  constructor({ turn, conversation }: { turn: TurnInProgress; conversation: Conversation }) {
    this.#turn = turn;
    this.#conversation = conversation;
  }

  /** The engine is to be asked anew. */
  reset(): void {
    this.#asked = undefined;
  }

  /** Keys have been pressed since: an answer that knows nothing of them is none. */
  get isOutdated(): boolean {
    return this.#asked !== undefined && this.#asked.digits !== this.#turn.digits();
  }

  /** What the engine is given now, of a turn that is over or may still go on. */
  ask(isOver: boolean): { mulaw: Uint8Array; digits: string } {
    const asked = { mulaw: this.#turn.audio(), digits: this.#turn.digits() };
    this.#asked = asked;
    if (isOver) this.finished();
    return asked;
  }

  /** The turn is over, whether the engine has been asked or is about to be. */
  finished(): void {
    const mulaw = this.#asked?.mulaw ?? this.#turn.audio();
    if (mulaw.length > 0) this.#turn.finished?.(mulaw);
  }

  /** From here on the turn belongs to the history: it has been answered audibly, or acted on. */
  commit(): void {
    if (!this.#asked) return;
    this.#conversation.addCallerTurn({ id: crypto.randomUUID(), ...this.#asked });
    this.#asked = undefined;
    this.#turn.forget();
  }
}

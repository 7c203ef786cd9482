import { BYTES_PER_MS } from '../audio/mulaw.ts';
import type { SpeculationNote } from '../journal/call-event.ts';
import type { Reply } from './reply.ts';

/**
 * Replies that are asked for while the caller may still go on. How many of them a turn may have, and
 * what became of each: it is the answer, or the engine has worked for nothing.
 */
export class Speculation {
  readonly #isAllowed: boolean;
  readonly #tell: (note: SpeculationNote) => void;
  #reply: Reply | undefined;
  /** In this turn. */
  #tries = 0;

  constructor(options: { isAllowed: boolean; tell(note: SpeculationNote): void }) {
    this.#isAllowed = options.isAllowed;
    this.#tell = options.tell;
  }

  /** @param mulaw the caller's turn until now */
  mayTry(mulaw: Uint8Array): boolean {
    if (!this.#isAllowed || this.#tries >= MAX_TRIES) return false;
    return mulaw.length <= LONGEST_TURN_MS * BYTES_PER_MS;
  }

  began(reply: Reply): void {
    this.#tries += 1;
    this.#reply = reply;
  }

  /** The turn is over, and what was prepared is its answer. */
  used(): void {
    this.#end('used', (reply) => reply.lostMs);
  }

  /** The caller went on, or nothing came of it. */
  dropped(): void {
    this.#end('dropped', (reply) => reply.engineMs);
  }

  /** The turn has been answered: the next one has tries of its own. */
  turnEnded(): void {
    this.#tries = 0;
  }

  #end(how: SpeculationNote['how'], wastedMs: (reply: Reply) => number): void {
    const reply = this.#reply;
    this.#reply = undefined;
    if (reply) this.#tell({ how, wastedMs: Math.round(wastedMs(reply)) });
  }
}

/** Who paused three times and went on will pause again. */
const MAX_TRIES = 3;
/** Of a longer turn each request costs the engine more, and its pauses say less. */
const LONGEST_TURN_MS = 10_000;

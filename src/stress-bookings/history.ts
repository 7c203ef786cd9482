import { isDeepStrictEqual } from 'node:util';
import type { Operation, OperationOutcome } from './operation.ts';

/** One key, and all that is known of it. Ticks count what the parent saw, in its order. */
export interface Deed {
  operation: Operation;
  /** First asked for. */
  begunTick: number;
  begunAt: number;
  /** First acknowledged: whatever it did was done by then. Infinity: never. */
  endedTick: number;
  endedAt: number;
  /** What was acknowledged first; undefined: nothing, yet or ever. */
  outcome?: OperationOutcome;
  /** Asked for, and neither acknowledged nor surely refused: it may have been done. */
  open: number;
  /** How often another outcome came than the first. */
  contradictions: number;
}

/** What was asked of the book and what it acknowledged, by key. */
export class History {
  readonly #deeds = new Map<string, Deed>();
  #tick = 0;

  get deeds(): readonly Deed[] {
    return [...this.#deeds.values()];
  }

  /** @param at By the clock of the house. */
  begin(operation: Operation, at: number): Deed {
    this.#tick += 1;
    const deed = this.#deeds.get(operation.key) ?? {
      operation,
      begunTick: this.#tick,
      begunAt: at,
      endedTick: Number.POSITIVE_INFINITY,
      endedAt: Number.POSITIVE_INFINITY,
      open: 0,
      contradictions: 0,
    };
    deed.open += 1;
    this.#deeds.set(operation.key, deed);
    return deed;
  }

  acknowledge(deed: Deed, outcome: OperationOutcome, at: number): void {
    this.#tick += 1;
    deed.open -= 1;
    if (deed.outcome) {
      if (!isDeepStrictEqual(deed.outcome, outcome)) deed.contradictions += 1;
      return;
    }
    Object.assign(deed, { outcome, endedTick: this.#tick, endedAt: at });
  }

  /** The book said that nothing was done. */
  refuse(deed: Deed): void {
    deed.open -= 1;
  }
}

/** Done, or possibly done. */
export function mayHaveHappened(deed: Deed): boolean {
  return deed.outcome ? deed.outcome.done : deed.open > 0;
}

export function isDone(deed: Deed): boolean {
  return deed.outcome?.done ?? false;
}

/** One door of the program: what strangers may put in there, and what must hold whatever they do. */
import type { Random } from '../simulation/random.ts';

export interface FuzzTarget<Input> {
  /** What the inputs are, in the plural. */
  readonly inputs: string;
  /** Cases that run at once. */
  readonly concurrency: number;
  /** How far the inputs got, by what they came to: one that nothing came of has tested nothing. */
  readonly reached: Reached;
  /** One case, from chance alone: the same numbers give the same inputs in every process. */
  draw(random: Random): Input[];
  /**
   * Gives a case to the real thing, in order. Rejects when something does not hold.
   * @returns how many of the inputs were taken: a connection may be closed before the last
   */
  run(inputs: readonly Input[]): Promise<number>;
  close(): Promise<void>;
}

/** Counts of what inputs came to. */
export class Reached {
  readonly counts = new Map<string, number>();

  note(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }
}

/** Something that must hold did not. */
export class BrokenPromise extends Error {
  override name = 'BrokenPromise';
}

export function mustHold(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new BrokenPromise(otherwise);
}

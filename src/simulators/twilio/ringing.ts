import type { Callee } from './callee.ts';

export type RingingEnd = 'answered' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** A telephone that rings, until somebody decides. */
export class Ringing {
  readonly ended: Promise<RingingEnd>;
  readonly #end: (how: RingingEnd) => void;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(callee: Callee) {
    const { promise, resolve } = Promise.withResolvers<RingingEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#timer = setTimeout(() => resolve(callee.rings ?? 'answered'), callee.ringMs ?? 20);
  }

  /** The side that calls has given up. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#end('canceled');
  }
}

import { BANDS } from './echo-spectrum.ts';

/** The powers of the bands in the last blocks. Ages are in blocks; the newest has age 0. */
export class PowerHistory {
  readonly #blocks: readonly Float32Array[];
  #newest = 0;

  /** @param blocks how many are kept */
  constructor(blocks: number) {
    this.#blocks = Array.from({ length: blocks }, () => new Float32Array(BANDS));
  }

  /** The next block's powers, to be written by the caller; the oldest block's are given up for it. */
  next(): Float32Array {
    this.#newest = (this.#newest + 1) % this.#blocks.length;
    return this.at(0);
  }

  at(age: number): Float32Array {
    const { length } = this.#blocks;
    return this.#blocks[(this.#newest - age + length) % length]!;
  }

  /** Band by band the greatest power between two ages, both included. */
  greatest(youngest: number, oldest: number, into: Float32Array): void {
    into.fill(0);
    for (let age = youngest; age <= oldest; age++) {
      const powers = this.at(age);
      for (let band = 0; band < BANDS; band++) {
        if (powers[band]! > into[band]!) into[band] = powers[band]!;
      }
    }
  }
}

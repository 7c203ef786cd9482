/** Gathers samples, however many come at once, into blocks of one size, without an array being made. */
export class SampleBlocks {
  readonly #block: Int16Array;
  readonly #onFull: () => void;
  #filled = 0;

  /**
   * @param block is filled, and filled again
   * @param onFull called each time, before the next sample is written
   */
  constructor(block: Int16Array, onFull: () => void) {
    this.#block = block;
    this.#onFull = onFull;
  }

  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(samples.length - at, this.#block.length - this.#filled);
      for (let i = 0; i < count; i++) this.#block[this.#filled + i] = samples[at + i]!;
      this.#filled += count;
      at += count;
      if (this.#filled < this.#block.length) return;
      this.#filled = 0;
      this.#onFull();
    }
  }
}

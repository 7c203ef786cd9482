/** The one source of chance of a simulation: sfc32, seeded, and the same on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0;
    this.#b = stream >>> 0;
    this.#c = Math.floor(seed / 2 ** 32) >>> 0;
    // Neighbouring seeds begin alike: their states are mixed before anything is drawn.
    for (let round = 0; round < 15; round++) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, and without, 1. */
  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** Draws only where the answer is open: a chance of 0 leaves all that follows as it is. */
  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)]!;
  }

  /** Mostly near `low`, seldom near `high`. */
  skewed(low: number, high: number): number {
    return Math.round(low + (high - low) * this.unit() ** 3);
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let at = 0; at < count; at++) bytes[at] = this.uint32() & 0xff;
    return bytes;
  }
}

import type { SeededRandom } from './seeded-random.ts';

/** Copies of one webhook arrive within this time of one another. */
const SPREAD_MS = 100;

/** How often each webhook arrives, and how late each copy: as retries and slow networks would. */
export class WebhookCopies {
  readonly #most: number;
  readonly #random: SeededRandom;

  /** @param most 1: each arrives once and at once. */
  constructor(most: number, random: SeededRandom) {
    this.#most = most;
    this.#random = random;
  }

  /** For each copy after how many ms it is sent; at least one. */
  delaysMs(): number[] {
    if (this.#most <= 1) return [0];
    const copies = this.#random.between(1, this.#most);
    return Array.from({ length: copies }, () => this.#random.between(0, SPREAD_MS));
  }
}

/** Values of the last minutes, as many as are kept; for percentiles of what goes on now. */
export class RecentValues {
  readonly #windowMs: number;
  readonly #most: number;
  #values: { at: number; value: number }[] = [];

  /** @param most values kept; the oldest goes first */
  constructor(windowMs: number, most: number) {
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** @param at ms */
  push(value: number, at: number): void {
    this.#values.push({ at, value });
    // Cut in halves rather than one by one: a shift moves all that follow.
    if (this.#values.length > 2 * this.#most) this.#values = this.#values.slice(-this.#most);
  }

  /** By the nearest rank, in the window that ends now; undefined without values. */
  percentile(share: number, now: number): number | undefined {
    const values = this.#values
      .slice(-this.#most)
      .filter(({ at }) => at > now - this.#windowMs)
      .map(({ value }) => value)
      .sort((a, b) => a - b);
    return values[Math.max(0, Math.ceil(share * values.length) - 1)];
  }
}

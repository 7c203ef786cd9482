/**
 * A quantile of what has been seen so far, from counts in equal bins. What is long past counts less:
 * the telephone may be handed on.
 */
export class RunningQuantile {
  readonly #from: number;
  readonly #step: number;
  readonly #counts: Float64Array;
  #total = 0;

  /** Values below `from` or from `to` on fall into the outermost bins. */
  constructor(from: number, to: number, step: number) {
    this.#from = from;
    this.#step = step;
    this.#counts = new Float64Array(Math.ceil((to - from) / step));
  }

  get count(): number {
    return this.#total;
  }

  push(value: number): void {
    const last = this.#counts.length - 1;
    const bin = Math.floor((value - this.#from) / this.#step);
    this.#counts[Math.min(last, Math.max(0, bin))]! += 1;
    this.#total += 1;
    if (this.#total < MOST) return;
    for (let i = 0; i <= last; i++) this.#counts[i]! /= 2;
    this.#total /= 2;
  }

  /** @returns the middle of the bin where the quantile lies; undefined before anything is seen */
  at(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = share * this.#total;
    const last = this.#counts.length - 1;
    let bin = 0;
    while (bin < last && left >= this.#counts[bin]!) left -= this.#counts[bin++]!;
    return this.#from + (bin + 0.5) * this.#step;
  }
}

/** Half a minute of speech in windows of 32 ms. */
const MOST = 1000;

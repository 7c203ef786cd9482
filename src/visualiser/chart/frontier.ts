/**
 * States of a search in the order of what a way through them costs at least. Costs are small whole
 * numbers, so there is a bucket for each in place of a heap.
 */
export class Frontier {
  readonly #costs: Uint32Array;
  readonly #before: Int32Array;
  readonly #buckets: number[][] = [];
  #cheapest = 0;

  /** @param size states are numbers from 0 up to this */
  constructor(size: number) {
    this.#costs = new Uint32Array(size).fill(UNREACHED);
    this.#before = new Int32Array(size);
  }

  /**
   * @param from the state before it; -1 for a beginning
   * @param remaining cost to an end, at least; it falls by no more than a step costs
   */
  reach(state: number, cost: number, from: number, remaining: number): void {
    if (cost >= (this.#costs[state] ?? 0)) return;
    this.#costs[state] = cost;
    this.#before[state] = from;
    const total = cost + remaining;
    this.#buckets[total] ??= [];
    this.#buckets[total].push(state);
  }

  /**
   * The cheapest state, of those that are reached meanwhile too. Undefined: there is none any more.
   */
  next(): number | undefined {
    while (this.#cheapest < this.#buckets.length) {
      const state = this.#buckets[this.#cheapest]?.pop();
      if (state !== undefined) return state;
      this.#cheapest++;
    }
    return undefined;
  }

  costOf(state: number): number {
    return this.#costs[state] ?? UNREACHED;
  }

  /** All states on the way, from its beginning. */
  wayTo(state: number): number[] {
    const states: number[] = [];
    for (let at = state; at >= 0; at = this.#before[at] ?? -1) states.push(at);
    return states.reverse();
  }
}

const UNREACHED = 2 ** 32 - 1;

/** How often each whole millisecond came: percentiles of any number of values in bounded memory. */
export type ValueCounts = Map<number, number>;

/** Longer ones are counted as this long: no answer and no silence of a call comes near it. */
export const LONGEST_MS = 60_000;

export function addValue(counts: ValueCounts, ms: number): void {
  const whole = Math.round(Math.min(LONGEST_MS, ms));
  counts.set(whole, (counts.get(whole) ?? 0) + 1);
}

/** By the nearest rank, in whole ms. Null without values. */
export function percentileOf(counts: ValueCounts, share: number): number | null {
  const values = [...counts].toSorted(([a], [b]) => a - b);
  const total = values.reduce((sum, [, times]) => sum + times, 0);
  const rank = Math.max(1, Math.ceil(share * total));
  let passed = 0;
  for (const [ms, times] of values) {
    passed += times;
    if (passed >= rank) return ms;
  }
  return null;
}

export interface Histogram {
  /** The width of a bin: the first is from 0 to below it. */
  binMs: number;
  /** Values in each bin; the last one holds all that are longer. */
  counts: readonly number[];
}

export function histogramOf(counts: ValueCounts, binMs: number, bins: number): Histogram {
  const binned = new Array<number>(bins + 1).fill(0);
  for (const [ms, times] of counts) {
    const bin = Math.min(bins, Math.max(0, Math.floor(ms / binMs)));
    binned[bin] = (binned[bin] ?? 0) + times;
  }
  return { binMs, counts: binned };
}

/** How times were spread, made into bars. Pure. */
import type { HistogramJson } from './analysis-json.ts';

export interface HistogramBars {
  bars: readonly HistogramBar[];
  /** Where the axis ends. */
  toMs: number;
  /** Of the fullest bar. */
  most: number;
  total: number;
  /** Values beyond the axis, which have no bar. */
  beyond: number;
}

export interface HistogramBar {
  fromMs: number;
  toMs: number;
  count: number;
}

/** Where an axis may end; the first that shows nearly all is taken. */
const ENDS_MS = [250, 500, 750, 1000, 1500, 2000, 3000];
const NEARLY_ALL = 0.99;

/** @param leastMs what is to be on the axis in any case, such as a limit */
export function histogramBars(histogram: HistogramJson, leastMs = 0): HistogramBars {
  const { binMs, counts } = histogram;
  const total = sum(counts);
  const longestMs = binMs * (counts.length - 1);
  const isEnough = (ms: number) => ms >= leastMs && within(histogram, ms) >= NEARLY_ALL * total;
  const toMs = Math.min(longestMs, ENDS_MS.find(isEnough) ?? longestMs);
  const bars = counts.slice(0, Math.ceil(toMs / binMs)).map((count, index) => ({
    fromMs: index * binMs,
    toMs: (index + 1) * binMs,
    count,
  }));
  const shown = bars.map(({ count }) => count);
  return { bars, toMs, most: Math.max(0, ...shown), total, beyond: total - sum(shown) };
}

/** How many of all took no longer than this, from 0 to 1; null where there is nothing. */
export function shareWithin(histogram: HistogramJson, ms: number): number | null {
  const total = sum(histogram.counts);
  return total > 0 ? within(histogram, ms) / total : null;
}

/** Bars as rows of a table: without the empty ones at its end, and of at least this width. */
export function histogramRows(
  { bars, toMs, beyond }: HistogramBars,
  widthMs: number,
): { name: string; count: number }[] {
  const rows: { name: string; count: number }[] = [];
  for (let fromMs = 0; fromMs < toMs; fromMs += widthMs) {
    const inside = bars.filter((bar) => bar.fromMs >= fromMs && bar.fromMs < fromMs + widthMs);
    const count = sum(inside.map((bar) => bar.count));
    rows.push({ name: `${fromMs} to ${Math.min(toMs, fromMs + widthMs)} ms`, count });
  }
  if (beyond > 0) rows.push({ name: `longer than ${toMs} ms`, count: beyond });
  const last = rows.findLastIndex(({ count }) => count > 0);
  return rows.slice(0, last + 1);
}

function within({ binMs, counts }: HistogramJson, ms: number): number {
  return sum(counts.slice(0, Math.min(counts.length - 1, Math.floor(ms / binMs))));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How many calls are in which state, and how long they stay. */
import type { LiveCall } from './live-call.ts';
import { RecentValues } from './recent-values.ts';

/** Over which dwell times are summed up. */
export const WINDOW_MS = 5 * 60_000;
/** More states than any machine of ours has. */
const MAX_STATES = 200;
const MAX_DWELLS = 256;

export interface StateCrowd {
  path: string;
  count: number;
  /** Of those that are there. */
  longestMs: number;
  /** Of those that left in the last minutes. */
  p95Ms: number | undefined;
}

/** How many live calls are in each state, the states around theirs counted in. */
export function countByPath(calls: Iterable<LiveCall>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, ended } of calls) {
    if (ended) continue;
    for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
      const around = path.slice(0, end);
      counts.set(around, (counts.get(around) ?? 0) + 1);
    }
  }
  return counts;
}

export class StateCrowds {
  readonly #dwells = new Map<string, RecentValues>();

  /** A call has left this state after so long. */
  noteDwell(path: string, dwellMs: number, at: number): void {
    let dwells = this.#dwells.get(path);
    if (!dwells) {
      if (this.#dwells.size >= MAX_STATES) return;
      dwells = new RecentValues(WINDOW_MS, MAX_DWELLS);
      this.#dwells.set(path, dwells);
    }
    dwells.push(dwellMs, at);
  }

  /** The innermost states in which calls are or lately were, in no order. */
  of(calls: Iterable<LiveCall>, now: number): StateCrowd[] {
    const crowds = new Map<string, StateCrowd>();
    for (const [path, dwells] of this.#dwells) {
      const p95Ms = dwells.percentile(0.95, now);
      if (p95Ms !== undefined) crowds.set(path, { path, count: 0, longestMs: 0, p95Ms });
    }
    for (const { path, since, ended } of calls) {
      if (ended) continue;
      const crowd = crowds.get(path) ?? { path, count: 0, longestMs: 0, p95Ms: undefined };
      crowd.count++;
      crowd.longestMs = Math.max(crowd.longestMs, now - since);
      crowds.set(path, crowd);
    }
    return [...crowds.values()];
  }
}

import { STAGES, type TurnStages } from '../call/turn-stages.ts';
import type { Amounts, CallTally } from './call-tally.ts';
import { percentileOf } from './value-counts.ts';

export interface CallReport {
  total: CallFigures;
  /** By the day on which calls began, ascending; days without calls are left out. */
  days: readonly { date: string; figures: CallFigures }[];
}

/** Shares are from 0 to 1. Null: there is nothing to make the figure of. */
export interface CallFigures {
  calls: number;
  /** Still going on, or their end was never told. */
  live: number;
  completed: number;
  handedOff: number;
  voicemail: number;
  abandoned: number;
  failed: number;
  /** Nobody could be spoken to: busy, no answer, an answering machine. */
  notReached: number;
  /** Completed or handed over, of all that ended and were reached. */
  completionShare: number | null;
  /** Ended by a failure, of the same. */
  failedShare: number | null;
  /** With at least one failed answer or ended by a failure, of the same. */
  errorShare: number | null;
  averageDurationS: number | null;
  turns: number;
  interruptions: number;
  reprompts: number;
  /** The longest silence in which a caller waited: mean over calls, and the worst. */
  averageDeadAirMs: number | null;
  maxDeadAirMs: number | null;
  latenciesMs: Record<keyof TurnStages, { p50: number | null; p95: number | null }>;
  reservations: number;
  toolCalls: Readonly<Record<string, number>>;
  tags: Readonly<Record<string, number>>;
}

export function figuresOf(tally: CallTally): CallFigures {
  const { live, ...ended } = tally.endings;
  const calls = live + sum(Object.values(ended));
  const reached = calls - live - ended.notReached;
  const share = (of: number) => (reached > 0 ? of / reached : null);
  const latencies = STAGES.map((stage) => {
    const counts = tally.latencies[stage];
    return [stage, { p50: percentileOf(counts, 0.5), p95: percentileOf(counts, 0.95) }];
  });
  return {
    calls,
    ...tally.endings,
    completionShare: share(ended.completed + ended.handedOff),
    failedShare: share(ended.failed),
    errorShare: share(tally.troubled),
    averageDurationS: average(tally.durationsMs, 1000),
    turns: tally.turns,
    interruptions: tally.interruptions,
    reprompts: tally.reprompts,
    averageDeadAirMs: average(tally.deadAirMs),
    maxDeadAirMs: tally.deadAirMs.count > 0 ? Math.round(tally.deadAirMs.most) : null,
    latenciesMs: Object.fromEntries(latencies),
    reservations: tally.reservations,
    toolCalls: byCount(tally.toolCalls),
    tags: byCount(tally.tags),
  };
}

/** @param unit how much is counted as one */
function average({ count, sum }: Amounts, unit = 1): number | null {
  return count > 0 ? sum / unit / count : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Most frequent first. */
function byCount(counts: ReadonlyMap<string, number>): Record<string, number> {
  const entries = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** The report of a period with how its answers' times were spread: for plots. */
import { STAGES, type TurnStages } from '../call/turn-stages.ts';
import type { Database } from '../journal/database.ts';
import { type CallReport, figuresOf } from './call-report.ts';
import { type ReportPeriod, tallyPeriod } from './read-report.ts';
import { type Histogram, histogramOf } from './value-counts.ts';

export interface Analysis extends CallReport {
  /** Of all answers of the period, by stage. */
  histograms: Record<keyof TurnStages, Histogram>;
}

const BIN_MS = 25;
/** Up to 3 s; what took longer is one bin more. */
const BINS = 120;
const MAX_DAYS = 400;
/** A period in a zone that changes its clocks has an hour more. */
const MAX_MS = MAX_DAYS * 86_400_000 + 3_600_000;

/** @throws {RangeError} The period is longer than 400 days. @throws {DatabaseError} */
export async function readAnalysis(database: Database, period: ReportPeriod): Promise<Analysis> {
  const lengthMs = period.to - period.from;
  if (!(lengthMs <= MAX_MS)) {
    throw new RangeError(
      `expected at most ${MAX_DAYS} days, got ${Math.round(lengthMs / 86_400_000)}`,
    );
  }
  const { total, days } = await tallyPeriod(database, period);
  const histograms = STAGES.map((stage) => {
    return [stage, histogramOf(total.latencies[stage], BIN_MS, BINS)];
  });
  return { total: figuresOf(total), days, histograms: Object.fromEntries(histograms) };
}

/** The figures of a period as `api/analysis` gives them. Shares are from 0 to 1; null: of nothing. */

export interface AnalysisJson {
  /** The first and the last day, such as `2026-11-30`. */
  from: string;
  to: string;
  zone: string;
  total: FiguresJson;
  /** Ascending; days without calls are left out. */
  days: readonly { date: string; figures: FiguresJson }[];
  histograms: Readonly<Record<AnalysedStage, HistogramJson>>;
}

/** An answer's stages, and the whole of it. */
export const ANALYSED_STAGES = [
  'response',
  'endpoint',
  'queue',
  'firstToken',
  'voice',
  'wire',
] as const;
export type AnalysedStage = (typeof ANALYSED_STAGES)[number];

export interface FiguresJson {
  calls: number;
  live: number;
  completed: number;
  handedOff: number;
  voicemail: number;
  abandoned: number;
  failed: number;
  notReached: number;
  completionShare: number | null;
  failedShare: number | null;
  averageDurationS: number | null;
  turns: number;
  interruptions: number;
  reprompts: number;
  maxDeadAirMs: number | null;
  latenciesMs: Readonly<Record<AnalysedStage, { p50: number | null; p95: number | null }>>;
  reservations: number;
  toolCalls: Readonly<Record<string, number>>;
  tags: Readonly<Record<string, number>>;
}

export interface HistogramJson {
  binMs: number;
  /** The last one holds all that took longer. */
  counts: readonly number[];
}

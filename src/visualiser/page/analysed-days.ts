/** The days of a period for plots: none left out, and weeks where there are too many. Pure. */
import type { FiguresJson } from './analysis-json.ts';

/** What of a day's figures can be added up over days. */
export const OUTCOMES = [
  'completed',
  'handedOff',
  'voicemail',
  'abandoned',
  'failed',
  'notReached',
  'live',
] as const;
export type AnalysedOutcome = (typeof OUTCOMES)[number];

export interface AnalysedDay extends Readonly<Record<AnalysedOutcome, number>> {
  /** The first day of it, `2026-11-25`. */
  date: string;
  /** The last one: the same but for a week. */
  last: string;
  calls: number;
  interruptions: number;
  reprompts: number;
}

const DAY_MS = 86_400_000;
/** More bars than this cannot be told apart. */
const MOST_DAYS = 70;
const WEEK = 7;

export function analysedDays(
  from: string,
  to: string,
  days: readonly { date: string; figures: FiguresJson }[],
): AnalysedDay[] {
  const byDate = new Map(days.map(({ date, figures }) => [date, figures]));
  const dates = datesFrom(from, to);
  const step = dates.length > MOST_DAYS ? WEEK : 1;
  const grouped: AnalysedDay[] = [];
  for (let at = 0; at < dates.length; at += step) {
    const group = dates.slice(at, at + step);
    const figures = group.flatMap((date) => byDate.get(date) ?? []);
    grouped.push({ date: group[0] ?? from, last: group.at(-1) ?? to, ...added(figures) });
  }
  return grouped;
}

/** Completed or handed over, of those that ended and were reached; null where there were none. */
export function completionOf(day: AnalysedDay): number | null {
  const reached = day.calls - day.live - day.notReached;
  return reached > 0 ? (day.completed + day.handedOff) / reached : null;
}

/** `27 Oct`, and `27 Oct – 2 Nov` of a week */
export function dayName({ date, last }: Pick<AnalysedDay, 'date' | 'last'>): string {
  return date === last ? shortDate(date) : `${shortDate(date)} – ${shortDate(last)}`;
}

/** @param date such as `2026-10-27`, which is `27 Oct` */
export function shortDate(date: string): string {
  const options = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', options);
}

/** All from the first to the last. */
function datesFrom(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    dates.push(new Date(at).toISOString().slice(0, 10));
  }
  return dates;
}

type Sums = Omit<AnalysedDay, 'date' | 'last'>;

function added(figures: readonly FiguresJson[]): Sums {
  const of = (name: keyof Sums) => figures.reduce((total, each) => total + each[name], 0);
  return {
    calls: of('calls'),
    completed: of('completed'),
    handedOff: of('handedOff'),
    voicemail: of('voicemail'),
    abandoned: of('abandoned'),
    failed: of('failed'),
    notReached: of('notReached'),
    live: of('live'),
    interruptions: of('interruptions'),
    reprompts: of('reprompts'),
  };
}

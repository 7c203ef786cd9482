import { parseArgs } from 'node:util';
import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../usage-error.ts';
import type { ReportPeriod } from './read-report.ts';
import { wholeDays } from './whole-days.ts';

export interface ReportArguments {
  period: ReportPeriod;
  /** `2026-11-01 to 2026-11-30, Europe/Berlin` */
  described: string;
  format: 'table' | 'csv' | 'json';
}

export const REPORT_USAGE = `npm run report -- [--from 2026-11-01] [--to 2026-11-30] [--zone Europe/Berlin] [--csv | --json]

  --from DATE   the first day (default: 30 days up to --to)
  --to DATE     the last day (default: today)
  --zone ZONE   whose days these are (default: the time zone of this machine)
  --csv         one line a day and one for all, for a spreadsheet
  --json        the same, for a program

DATABASE_URL or DATA_DIRECTORY are read from the environment, as the server has them.`;

const DEFAULT_DAYS = 30;
const MAX_DAYS = 3700;

/** @param args Without the program's name. @throws {UsageError} */
export function readReportArguments(args: string[], nowMs: number): ReportArguments {
  const values = parse(args);
  if (values.csv && values.json) throw usage('--csv, --json: expected one of them, got both');
  const timeZone = zoneOf(values.zone);
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const to = dateOf('--to', values.to) ?? today;
  const from = dateOf('--from', values.from) ?? to.subtract({ days: DEFAULT_DAYS - 1 });
  const days = from.until(to).days + 1;
  if (days < 1) throw usage(`--from, --to: expected the first day first, got ${from} to ${to}`);
  if (days > MAX_DAYS) throw usage(`--from, --to: expected at most ${MAX_DAYS} days, got ${days}`);
  return {
    period: wholeDays(from, to, timeZone),
    described: `${from} to ${to}, ${timeZone}`,
    format: values.csv ? 'csv' : values.json ? 'json' : 'table',
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const options = { from: text, to: text, zone: text, csv: flag, json: flag };
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function dateOf(option: string, value: string | undefined): Temporal.PlainDate | undefined {
  if (value === undefined) return undefined;
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return Temporal.PlainDate.from(value);
  } catch {
    // A day that is not in the calendar.
  }
  throw usage(`${option}: expected a date such as 2026-11-30, got "${value}"`);
}

function zoneOf(value: string | undefined): string {
  const zone = value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw usage(`--zone: expected a time zone such as Europe/Berlin, got "${zone}"`);
  }
}

function usage(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${REPORT_USAGE}`);
}

import type { Database } from '../journal/database.ts';
import { type CallFigures, type CallReport, figuresOf } from './call-report.ts';
import { addAnswer, addCall, type CallTally, emptyTally, type ReportedCall } from './call-tally.ts';

export interface ReportPeriod {
  /** ms since 1970: from, and before. */
  from: number;
  to: number;
  /** Whose days they are: IANA, such as Europe/Berlin. */
  timeZone: string;
}

/** Calls read at once, and with them their answers: at most some thousands. */
const PAGE_CALLS = 200;

type Row = ReportedCall & { call_sid: string };

export interface PeriodTally {
  total: CallTally;
  /** As in a report. */
  days: { date: string; figures: CallFigures }[];
}

/** @throws {DatabaseError} */
export async function readReport(database: Database, period: ReportPeriod): Promise<CallReport> {
  const { total, days } = await tallyPeriod(database, period);
  return { total: figuresOf(total), days };
}

/** Reads page by page, so that a long period does not fill the memory. @throws {DatabaseError} */
export async function tallyPeriod(database: Database, period: ReportPeriod): Promise<PeriodTally> {
  // en-CA writes dates as 2026-11-25.
  const dates = new Intl.DateTimeFormat('en-CA', { timeZone: period.timeZone });
  const total = emptyTally();
  const days: PeriodTally['days'] = [];
  let today: { date: string; tally: CallTally } | undefined;
  const endDay = () => {
    if (today) days.push({ date: today.date, figures: figuresOf(today.tally) });
  };
  for (let after: Row | undefined; ; ) {
    const page = await callsAfter(database, period, after);
    after = page.at(-1);
    if (!after) break;
    const answers = await answersOf(database, page);
    for (const call of page) {
      const date = dates.format(call.started_at);
      // Calls come in the order in which they began: a day that is over does not come again.
      if (today?.date !== date) {
        endDay();
        today = { date, tally: emptyTally() };
      }
      for (const tally of [total, today.tally]) {
        addCall(tally, call);
        for (const latencies of answers.get(call.call_sid) ?? []) addAnswer(tally, latencies);
      }
    }
  }
  endDay();
  return { total, days };
}

async function callsAfter(
  { db }: Database,
  { from, to }: ReportPeriod,
  after: Row | undefined,
): Promise<Row[]> {
  let select = db
    .selectFrom('calls')
    .select(['call_sid', 'started_at', 'duration_ms', 'outcome', 'reason', 'turns'])
    .select(['interruptions', 'reprompts', 'failures', 'dead_air_ms', 'tool_calls'])
    .select(['reservation_id', 'tags'])
    .where('started_at', '>=', from)
    .where('started_at', '<', to);
  if (after) {
    select = select.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('started_at', 'call_sid'), '>', tuple(after.started_at, after.call_sid)),
    );
  }
  return select.orderBy('started_at').orderBy('call_sid').limit(PAGE_CALLS).execute();
}

async function answersOf(
  { db }: Database,
  calls: readonly Row[],
): Promise<ReadonlyMap<string, string[]>> {
  const rows = await db
    .selectFrom('turns')
    .select(['call_sid', 'latencies'])
    .where(
      'call_sid',
      'in',
      calls.map((call) => call.call_sid),
    )
    .where('latencies', 'is not', null)
    .execute();
  const bySid = new Map<string, string[]>();
  for (const { call_sid, latencies } of rows) {
    const known = bySid.get(call_sid) ?? [];
    bySid.set(call_sid, known);
    if (latencies !== null) known.push(latencies);
  }
  return bySid;
}

import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import { BATCH_ROWS, inBatches } from './in-batches.ts';

export interface RetentionDays {
  /** What was said and what happened: texts and sound of turns, payloads of events, summaries, briefs. */
  wordsDays: number;
  messagesDays: number;
  /** Counted from their end. */
  reservationsDays: number;
  /** The records of calls, with whatever is still left of these calls. */
  recordsDays: number;
}

/** Rows that were deleted, or cleared of words. */
export interface RetentionCounts {
  turns: number;
  sounds: number;
  desks: number;
  events: number;
  summaries: number;
  messages: number;
  reservations: number;
  operations: number;
  calls: number;
}

const DAY_MS = 86_400_000;
/** Whoever asks for the same operation again does so within one call. */
const OPERATIONS_DAYS = 2;

/**
 * Deletes what has been kept for long enough. Can be run at any time, by several at once, and be cut
 * off: each statement stands for itself.
 * @throws {DatabaseError}
 */
export async function enforceRetention(
  database: Database,
  days: RetentionDays,
  nowMs: number,
): Promise<RetentionCounts> {
  const before = (count: number) => nowMs - count * DAY_MS;
  const words = before(days.wordsDays);
  const records = before(days.recordsDays);
  const messages = Math.max(before(days.messagesDays), records);
  const reservations = before(days.reservationsDays);
  const run = (statement: RawBuilder<unknown>) => inBatches(database, statement);
  return {
    turns:
      (await run(
        clear('turns', sql`text = null, cut = null`, sql`at < ${words} and text is not null`),
      )) + (await run(remove('turns', sql`at < ${records}`))),
    // Most are gone with their call's end; these are of calls that never got to it.
    sounds: await run(remove('turn_sounds', sql`call_sid in (${callsBefore(words)})`)),
    desks: await run(remove('desks', sql`call_sid in (${callsBefore(words)})`)),
    events:
      (await run(
        clear('call_events', sql`payload = '{}'`, sql`at < ${words} and payload <> '{}'`),
      )) + (await run(remove('call_events', sql`at < ${records}`))),
    summaries: await run(
      clear(
        'calls',
        sql`summary = null, handoff_brief = null`,
        sql`started_at < ${words} and (summary is not null or handoff_brief is not null)`,
      ),
    ),
    messages: await run(remove('messages', sql`created_at < ${messages}`)),
    // Where they sat goes with them. It is the start that has an index.
    reservations: await run(
      remove('reservations', sql`starts_at < ${reservations} and ends_at < ${reservations}`),
    ),
    operations: await run(remove('operations', sql`at < ${before(OPERATIONS_DAYS)}`)),
    calls: await run(remove('calls', sql`started_at < ${records}`)),
  };
}

const KEYS = {
  turns: sql`call_sid, turn`,
  turn_sounds: sql`call_sid, turn`,
  desks: sql`call_sid`,
  call_events: sql`call_sid, seq`,
  calls: sql`call_sid`,
  messages: sql`id`,
  reservations: sql`id`,
  operations: sql`key`,
} as const;
type Table = keyof typeof KEYS;

function callsBefore(ms: number): RawBuilder<unknown> {
  return sql`select call_sid from calls where started_at < ${ms}`;
}

function clear(table: Table, change: RawBuilder<unknown>, which: RawBuilder<unknown>) {
  return sql`update ${sql.table(table)} set ${change} where ${batch(table, which)}`;
}

function remove(table: Table, which: RawBuilder<unknown>) {
  return sql`delete from ${sql.table(table)} where ${batch(table, which)}`;
}

function batch(table: Table, which: RawBuilder<unknown>) {
  const key = KEYS[table];
  const rows = sql`select ${key} from ${sql.table(table)} where ${which} limit ${sql.lit(BATCH_ROWS)}`;
  return sql`(${key}) in (${rows})`;
}

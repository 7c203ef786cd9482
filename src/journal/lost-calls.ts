import { type RawBuilder, sql } from 'kysely';
import type { Logger } from 'pino';
import { type Database, DatabaseError } from './database.ts';
import { type HourlyClock, startHourly } from './hourly.ts';
import { BATCH_ROWS, inBatches } from './in-batches.ts';

/**
 * Concludes of calls that began before this and never got an outcome that they are lost: the
 * process that had one died before it was kept, and Twilio did not tell either. What the call itself
 * said takes its place, should it still come. What only another life of such a call would need is
 * deleted. Can be run at any time, by several at once, and be cut
 * off.
 * @param beforeMs so long ago that no such call can be going on
 * @returns how many
 * @throws {DatabaseError}
 */
export async function closeLostCalls(database: Database, beforeMs: number): Promise<number> {
  const isOpen = sql`outcome is null and started_at < ${beforeMs}`;
  const some = sql`select call_sid from calls where ${isOpen} limit ${sql.lit(BATCH_ROWS)}`;
  for (const what of [SOUNDS, DESKS]) await inBatches(database, forget(what, beforeMs));
  // Asked twice: between the two PostgreSQL may let an outcome in.
  return inBatches(
    database,
    sql`update calls set outcome = 'lost', outcome_is_own = 0
        where call_sid in (${some}) and outcome is null`,
  );
}

const SOUNDS = { table: sql.table('turn_sounds'), key: sql`call_sid, turn` };
const DESKS = { table: sql.table('desks'), key: sql`call_sid` };

/** It is for another life of the call, and by now there will be none. */
function forget({ table, key }: typeof SOUNDS, beforeMs: number): RawBuilder<unknown> {
  const over = sql`select call_sid from calls where started_at < ${beforeMs}`;
  return sql`delete from ${table} where (${key}) in
    (select ${key} from ${table} where call_sid in (${over}) limit ${sql.lit(BATCH_ROWS)})`;
}

/** Does so now and every hour after. A failure is logged; the next hour tries again. */
export function startClosingLostCalls(
  database: Database,
  longestCallMs: number,
  log: Pick<Logger, 'warn'>,
): HourlyClock {
  return startHourly(async () => {
    try {
      const calls = await closeLostCalls(database, Date.now() - longestCallMs);
      if (calls > 0) log.warn({ calls }, 'lost calls closed');
    } catch (error) {
      const problem = error instanceof DatabaseError ? error.kind : 'failed';
      log.warn({ problem }, 'lost calls not closed');
    }
  });
}

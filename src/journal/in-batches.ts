import type { RawBuilder } from 'kysely';
import type { Database } from './database.ts';

/** Rows of one statement: SQLite has one connection, and bookings wait for it. */
export const BATCH_ROWS = 500;
/** Of each kind in one run; what is left is for the next one. */
const MAX_BATCHES = 200;

/**
 * Repeats a statement that writes at most `BATCH_ROWS` until it finds fewer.
 * @returns how many rows were written in all
 */
export async function inBatches({ db }: Database, statement: RawBuilder<unknown>): Promise<number> {
  let rows = 0;
  for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
    const written = Number((await statement.execute(db)).numAffectedRows ?? 0n);
    rows += written;
    if (written < BATCH_ROWS) break;
  }
  return rows;
}

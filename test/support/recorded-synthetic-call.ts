import type { TestContext } from 'node:test';
import { freshSqlite } from './databases.ts';
import { AT, callRow, turnRow } from './journal-rows.ts';
import type { SyntheticCall } from './synthetic-call.ts';

/**
 * Puts a call into a database of its own.
 * @returns the environment in which commands find it, as CA1
 */
export async function recordedSyntheticCall(
  t: TestContext,
  { events }: Pick<SyntheticCall, 'events'>,
  outcome: string | null,
): Promise<{ DATA_DIRECTORY: string }> {
  const fresh = await freshSqlite(t);
  const database = await fresh.open();
  const { db } = database;
  await db
    .insertInto('calls')
    .values(callRow({ call_sid: 'CA1', outcome, outcome_is_own: 1 }))
    .execute();
  const rows = events.map((row) => ({ ...row, payload: JSON.stringify(row.payload) }));
  await db.insertInto('call_events').values(rows).execute();
  await db
    .insertInto('turns')
    .values(turnRow({ at: AT + 1000, text: 'Good evening.' }))
    .execute();
  await database.close();
  return { DATA_DIRECTORY: fresh.options.directory ?? '' };
}

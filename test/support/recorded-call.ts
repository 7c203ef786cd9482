import assert from 'node:assert/strict';
import type { Database } from '../../src/journal/database.ts';
import type { Orchestrator } from '../../src/orchestrator.ts';

/** Longer than the pause after which a database is tried again that was away. */
const WRITTEN_MS = 12_000;

/** Resolves when all that calls have left to be written is in the database. */
export async function written({ calls, records }: Orchestrator): Promise<void> {
  await calls.settled();
  assert.ok(await records.journal.flush(WRITTEN_MS), 'expected the journal to be written');
}

/** All rows of one call. */
export async function recordedCall({ db }: Database, callSid: string) {
  const calls = await db.selectFrom('calls').selectAll().where('call_sid', '=', callSid).execute();
  const turns = await db
    .selectFrom('turns')
    .selectAll()
    .where('call_sid', '=', callSid)
    .orderBy('turn')
    .execute();
  const events = await db
    .selectFrom('call_events')
    .selectAll()
    .where('call_sid', '=', callSid)
    .orderBy('seq')
    .execute();
  const messages = await db
    .selectFrom('messages')
    .selectAll()
    .where('call_sid', '=', callSid)
    .execute();
  const reservations = await db
    .selectFrom('reservations')
    .selectAll()
    .where('call_sid', '=', callSid)
    .execute();
  const [call] = calls;
  assert.ok(call, 'expected a record of the call');
  assert.equal(calls.length, 1);
  return { call, turns, events, messages, reservations };
}

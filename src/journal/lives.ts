import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { heldEpochs } from './fence.ts';
import { isPassing } from './passing-outcome.ts';
import type { Schema } from './schema.ts';

export interface TakenOver {
  /** Of the life that may begin now. What is written for an earlier one is dropped from now on. */
  epoch: number;
  /** How often the call broke within the last minute, this time included. */
  breaks: number;
}

const BREAKS_MS = 60_000;

/**
 * A call whose stream broke is taken over for another life of it, whichever process the last one was
 * in and whether or not that still lives. Two that ask at once get different epochs, and the later one
 * owns the call. An outcome of the life before that was to pass is taken back.
 * @returns `ended`: the call has an outcome, or Twilio has told its end. `unknown`: there is no such call.
 * @throws {DatabaseError}
 */
export async function takeOver(
  database: Database,
  callSid: string,
  nowMs: number,
): Promise<TakenOver | 'ended' | 'unknown'> {
  return database.serially(`call ${callSid}`, async (transaction) => {
    const held = (await heldEpochs(transaction, database.kind, [callSid])).get(callSid);
    if (held === undefined) return 'unknown';
    if (await hasEnded(transaction, callSid)) return 'ended';
    const epoch = held + 1;
    await transaction
      .updateTable('calls')
      .set({ epoch, outcome: null, outcome_is_own: 0, reason: null })
      .set({ ended_at: null, duration_ms: null })
      .where('call_sid', '=', callSid)
      .execute();
    const life = { call_sid: callSid, epoch, began_at: nowMs };
    await transaction.insertInto('lives').values(life).execute();
    return { epoch, breaks: await livesSince(transaction, callSid, nowMs - BREAKS_MS) };
  });
}

async function hasEnded(transaction: Transaction<Schema>, callSid: string): Promise<boolean> {
  const { outcome, outcome_is_own } = await transaction
    .selectFrom('calls')
    .select(['outcome', 'outcome_is_own'])
    .where('call_sid', '=', callSid)
    .executeTakeFirstOrThrow();
  return outcome !== null && !(isPassing(outcome) && outcome_is_own === 1);
}

/** The first life began with the call, and is none of these. */
async function livesSince(
  transaction: Transaction<Schema>,
  callSid: string,
  sinceMs: number,
): Promise<number> {
  const { lives } = await transaction
    .selectFrom('lives')
    .select(sql<number>`count(*)`.as('lives'))
    .where('call_sid', '=', callSid)
    .where('began_at', '>', sinceMs)
    .executeTakeFirstOrThrow();
  return Number(lives);
}

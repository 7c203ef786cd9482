/** What only another life of a call needs: written as it changes, gone once there will be none. */
import type { Transaction } from 'kysely';
import type { JournalEntry } from './journal-entry.ts';
import { PASSING_OUTCOMES } from './passing-outcome.ts';
import type { Schema } from './schema.ts';

export async function writeSound(
  transaction: Transaction<Schema>,
  { callSid, turn, epoch, mulaw }: Extract<JournalEntry, { kind: 'sound' }>,
): Promise<void> {
  if (mulaw === null) {
    await transaction
      .deleteFrom('turn_sounds')
      .where('call_sid', '=', callSid)
      .where('turn', '=', turn)
      .execute();
    return;
  }
  await transaction
    .insertInto('turn_sounds')
    .values({ call_sid: callSid, turn, epoch, mulaw })
    .onConflict((conflict) => conflict.columns(['call_sid', 'turn']).doUpdateSet({ epoch, mulaw }))
    .execute();
}

export async function writeDesk(
  transaction: Transaction<Schema>,
  { callSid, state }: Extract<JournalEntry, { kind: 'desk' }>,
): Promise<void> {
  await transaction
    .insertInto('desks')
    .values({ call_sid: callSid, state })
    .onConflict((conflict) => conflict.column('call_sid').doUpdateSet({ state }))
    .execute();
}

/** No life of a call follows its outcome, but for one that is to pass. */
export async function forgetContinuation(
  transaction: Transaction<Schema>,
  callSid: string,
): Promise<void> {
  const ended = transaction
    .selectFrom('calls')
    .select('call_sid')
    .where('call_sid', '=', callSid)
    .where(({ or, eb }) =>
      or([eb('outcome', 'not in', PASSING_OUTCOMES), eb('outcome_is_own', '=', 0)]),
    );
  await transaction.deleteFrom('turn_sounds').where('call_sid', 'in', ended).execute();
  await transaction.deleteFrom('desks').where('call_sid', 'in', ended).execute();
}

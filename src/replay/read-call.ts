import { findCall, type WholeCall } from '../journal/call-list.ts';
import type { Database } from '../journal/database.ts';
import { UsageError } from '../usage-error.ts';

/** @throws {UsageError} there is no such call @throws {DatabaseError} */
export async function readCall(database: Database, callSid: string): Promise<WholeCall> {
  const call = await findCall(database, callSid);
  if (!call) throw new UsageError(`expected the CallSid of a recorded call, got "${callSid}"`);
  return call;
}

/** As the call itself told it; null where it did not, or Twilio had to. */
export function ownOutcome({ call }: Pick<WholeCall, 'call'>): string | null {
  return call.outcome_is_own ? call.outcome : null;
}

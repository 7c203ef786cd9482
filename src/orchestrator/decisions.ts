/** What a call decided when its stream ended, whichever process it lived in. */
import type { CallOutcome } from '../../machines/call-protocol.ts';
import type { Calls, Decision } from '../calls.ts';
import type { Database } from '../journal/database.ts';
import { isPassing } from '../journal/passing-outcome.ts';

/** The other process writes it down within milliseconds; Twilio asks as fast. If it died, a caller waits. */
const ASK_AGAIN_MS = 100;
const TRIES = 5;

export function decisions(
  calls: Pick<Calls, 'decisionOf'>,
  database: Database,
): (callSid: string) => Promise<Decision | undefined> {
  // An embedded database has one process: what it holds of calls that are not known here was written
  // before this one began.
  const tries = database.kind === 'sqlite' ? 1 : TRIES;
  return async (callSid) => {
    const own = calls.decisionOf(callSid);
    if (own && !isPassing(own.outcome)) return own;
    // It may have gone on elsewhere.
    if (own) return (await recordedDecision(callSid, database).catch(() => undefined)) ?? own;
    for (let tried = 0; tried < tries; tried++) {
      if (tried > 0) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      const recorded = await recordedDecision(callSid, database);
      if (recorded) return recorded;
    }
    return undefined;
  };
}

async function recordedDecision(callSid: string, { db }: Database): Promise<Decision | undefined> {
  const row = await db
    .selectFrom('calls')
    .select(['outcome', 'handoff_destination', 'handoff_brief', 'language'])
    .where('call_sid', '=', callSid)
    .where('outcome_is_own', '=', 1)
    .executeTakeFirst();
  if (!row?.outcome) return undefined;
  return {
    outcome: row.outcome as CallOutcome,
    language: row.language ?? 'en',
    ...(row.handoff_destination && { destination: row.handoff_destination }),
    ...(row.handoff_brief && { brief: row.handoff_brief }),
  };
}

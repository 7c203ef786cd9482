import type { CallOutcome } from '../../machines/call-protocol.ts';
import type { ServerOptions } from './server-options.ts';

/** What a call decided when its stream ended. */
export interface CallDecision {
  outcome: CallOutcome;
  /** A name of the staff; never a number. */
  destination?: string;
  /** One sentence for the person who takes over. */
  brief?: string;
  /** The one in which the call ended. */
  language?: string;
}

/** Twilio waits 15 s for a document, and the caller hears nothing meanwhile. */
const DECISION_MS = 2000;

/** The call's decision; undefined when nobody knows it, or nobody says so in time. */
export async function decisionOf(
  callSid: string,
  options: Pick<ServerOptions, 'decisionOf' | 'log'>,
): Promise<CallDecision | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    options.log.warn({ callSid, waitedMs: DECISION_MS }, 'decision not found in time');
    late.resolve(undefined);
  }, DECISION_MS);
  try {
    return await Promise.race([options.decisionOf(callSid), late.promise]);
  } catch (error) {
    options.log.error({ callSid, err: error }, 'decision not found');
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

import type { CallLimits } from '../../machines/call-protocol.ts';
import type { Config } from '../config.ts';

/** The limits of a call: those of the settings, and those that nobody should need to set. */
export function callLimits(config: Config, departures: Partial<CallLimits> = {}): CallLimits {
  return {
    firstMessagesMs: config.FIRST_MESSAGES_SECONDS * 1000,
    callMs: config.MAX_CALL_MINUTES * 60_000,
    inactivityMs: config.INACTIVITY_SECONDS * 1000,
    idleMs: config.IDLE_SECONDS * 1000,
    reprompts: 2,
    turns: config.MAX_CONVERSATION_TURNS,
    callerTurnMs: config.CALLER_TURN_SECONDS * 1000,
    agentTurnMs: 120_000,
    fillerMs: 1000,
    toolFillerMs: 800,
    apologyMs: 3000,
    giveUpMs: 9000,
    bargeInMs: 2000,
    announcementMs: 20_000,
    failures: 3,
    handOverMs: 8000,
    ...departures,
  };
}

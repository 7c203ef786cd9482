import type { CallOutput } from '../../machines/call-protocol.ts';
import type { TurnTiming } from './turn-clock.ts';

/** What one call came to, once it has ended. */
export interface CallRecord extends CallOutput {
  /** Undefined when the stream never started. */
  callSid: string | undefined;
  durationMs: number;
  turnTimings: readonly TurnTiming[];
  /** How often the caller took the floor from the agent. */
  interruptions: number;
  /** How often a silent caller was asked. */
  reprompts: number;
  /** Answers that failed. */
  failures: number;
  /** Answers that were prepared at a pause, and the engine's time that went into nothing. */
  speculation: Readonly<{ used: number; dropped: number; wastedMs: number }>;
  /** The longest that the caller waited and heard nothing. */
  deadAirMs: number;
  /** In which the call ended. */
  language: string;
  /** How often each tool was used, by `name` and `name.refused`. */
  toolCalls: Readonly<Record<string, number>>;
  /** Confirmed in this call. */
  reservationIds: readonly string[];
  /** For the person who takes over. */
  brief: string | undefined;
}

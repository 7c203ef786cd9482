/** One request's way through the queue, as its owner sees it. */
import type { EngineEvent, EngineRequest } from './engine-client.ts';

/** A caller waiting in silence; a reply prepared at a pause; transcripts and summaries. */
export type Priority = 'waiting' | 'speculative' | 'background';

/** Milliseconds of `performance.now()`. */
export interface TicketTiming {
  queuedAtMs: number;
  /** When the slot was got; of the last attempt, if the request had to give way. */
  startedAtMs?: number;
  firstTokenAtMs?: number;
}

export interface EngineTicket {
  /**
   * The reply, for one reader, now or later: events are kept until they are read. Throws the
   * engine's error, a `queueFull` or `deadline`, or the reason of an abort or cancellation.
   * Leaving the loop early cancels.
   */
  readonly events: AsyncIterable<EngineEvent>;
  readonly timing: Readonly<TicketTiming>;
  /** Moves the request within the line, as when a speculative reply is adopted. */
  promote(priority: Priority): void;
  /** Leaves the queue, wherever the request is, and closes its HTTP stream. */
  cancel(): void;
}

export interface SubmitOptions {
  /** A function is called when the slot is got, so that the request is as fresh as can be. */
  request: EngineRequest | (() => EngineRequest);
  priority: Priority;
  /** From now to the start in the slot. */
  deadlineMs: number;
  signal: AbortSignal;
  /** For whom, by CallSid: only told to whoever looks at the queue. */
  owner?: string | undefined;
}

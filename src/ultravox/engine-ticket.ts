/** One request's way through the queue, as its owner sees it. */
import type { EngineEvent, EngineRequest } from './engine-client.ts';

/** A caller waiting in silence; a reply prepared at a pause; transcripts and summaries. */
export type Priority = 'waiting' | 'speculative' | 'background';

/** Milliseconds of `performance.now()`. */
export interface TicketTiming {
  queuedAtMs: number;
  /** When the slot was got; of the last attempt, if the request had to give way. */
  startedAtMs?: number;
  /** When the request had been built and was sent. */
  sentAtMs?: number;
  firstTokenAtMs?: number;
  /** When the newest output came. */
  newestAtMs?: number;
  /** When it left the engine, complete or not. */
  endedAtMs?: number;
  /** How long the engine worked on attempts that had to give way, ms. */
  lostMs: number;
}

/** How long the engine has worked on a request: in its slot and writing, attempts that gave way included. */
export function engineMs(timing: Readonly<TicketTiming>): number {
  const { startedAtMs, endedAtMs = performance.now(), lostMs } = timing;
  return startedAtMs === undefined ? lostMs : lostMs + endedAtMs - startedAtMs;
}

/** A reply that nobody was to hear yet had to give way to a caller who waits, and is not begun again. */
export class GaveWayError extends Error {
  override name = 'GaveWayError';

  constructor() {
    super('expected the place of a prepared reply to stay, a caller who waits needed it');
  }
}

export interface EngineTicket {
  /**
   * The reply, for one reader, now or later: events are kept until they are read. Throws the
   * engine's error, a `queueFull` or `deadline`, a `GaveWayError`, or the reason of an abort or
   * cancellation.
   * Leaving the loop early cancels.
   */
  readonly events: AsyncIterable<EngineEvent>;
  readonly timing: Readonly<TicketTiming>;
  /**
   * Moves the request within the line, as when a speculative reply is adopted.
   * @returns false: it has given way, and nothing comes of it
   */
  promote(priority: Priority): boolean;
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

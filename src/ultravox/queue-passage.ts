/** A request's way through the queue, once it is over. */
import type { EngineEvent } from './engine-client.ts';
import { EngineError, type EngineErrorKind } from './engine-error.ts';
import type { Priority, TicketTiming } from './engine-ticket.ts';
import type { Entry } from './queue-entry.ts';

type Finished = Extract<EngineEvent, { type: 'finished' }>;

export interface Passage {
  /** CallSid; undefined: not known. */
  owner: string | undefined;
  /** The last that it had. */
  priority: Priority;
  /** Milliseconds of `performance.now()`, as is `endedAtMs`. */
  timing: Readonly<TicketTiming>;
  endedAtMs: number;
  how: 'completed' | 'cancelled' | 'failed';
  /** Of one that failed; `other` is no error of the engine's. */
  failure: EngineErrorKind | 'other' | undefined;
  /** What the engine said at its end, if it came to that. */
  finish: Pick<Finished, 'reason' | 'usage'> | undefined;
}

export function passageOf(entry: Entry, how: Passage['how'], error?: unknown): Passage {
  const { owner, priority, timing, finish } = entry;
  const kind = error instanceof EngineError ? error.kind : 'other';
  const failure = how === 'failed' ? kind : undefined;
  return { owner, priority, timing, endedAtMs: performance.now(), how, failure, finish };
}

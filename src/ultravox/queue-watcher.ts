import type { Priority } from './engine-ticket.ts';
import type { Passage } from './queue-passage.ts';

/** What a request has held, and for how long; told of every one, however it ended. */
export interface Served {
  priority: Priority;
  /** The slot, or its place among the replies under way, from its start in the slot. */
  part: 'slot' | 'reply';
  /** It was left to a caller who waits, and the time was for nothing. */
  gaveWay: boolean;
  ms: number;
}

/** Somebody who looks on. It must not throw. */
export interface QueueWatcher {
  onServed?(served: Served): void;
  /** Told of every request, one that was never let in included. */
  onEnded?(passage: Passage): void;
}

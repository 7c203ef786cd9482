/** What an engine's queue is told of its engine. */
import type { EngineEvent, EngineRequest } from './engine-client.ts';

export interface QueueOptions {
  /** Requests in the slot at once. */
  concurrency?: number;
  /**
   * When the slot is free again. `firstToken` for an engine that batches decoding, such as vLLM;
   * `wholeReply` for one that cannot.
   */
  slot?: 'firstToken' | 'wholeReply';
  /** Replies under way at once, in the slot or decoding. */
  maxStreams?: number;
  /** Requests in line at once. */
  maxDepth?: number;
}

export type EngineStream = (
  request: EngineRequest,
  signal: AbortSignal,
  /** To be called at the first output when that is earlier than its event; optional. */
  onFirstToken: () => void,
  /** To be called when the request has been built and is sent; optional. */
  onSent: () => void,
) => AsyncIterable<EngineEvent>;

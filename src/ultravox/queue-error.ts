/** Why a request leaves the queue without a reply. */
import { EngineError } from './engine-error.ts';

export function fullError(maxDepth: number): EngineError {
  return new EngineError('queueFull', `expected at most ${maxDepth} requests in line, got another`);
}

export function lateError({ deadlineMs }: { deadlineMs: number }): EngineError {
  return new EngineError('deadline', `expected the slot within ${deadlineMs} ms, still in line`);
}

/** Made once: nobody reads it, and an error of its own for each request would take a stack trace. */
export const LEFT = new DOMException('The request has left the queue', 'AbortError');

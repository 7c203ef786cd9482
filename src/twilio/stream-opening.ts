import type { InboundMessage } from './media-message.ts';
import { MediaStreamError } from './media-stream-error.ts';

/** The order in which a stream begins: `connected`, which a peer may leave out, then `start`. */
export class StreamOpening {
  #connected = false;

  /** @throws {MediaStreamError} */
  push(message: InboundMessage): Extract<InboundMessage, { event: 'start' }> | undefined {
    if (message.event === 'start') return message;
    if (message.event === 'connected' && !this.#connected) {
      this.#connected = true;
      return undefined;
    }
    const expected = this.#connected ? 'start' : 'connected';
    throw new MediaStreamError('notAStream', `expected "${expected}", got "${message.event}"`);
  }
}

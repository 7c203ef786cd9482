import type { DroppedMessage } from './feed-message.ts';

/** The end of a socket, as much as is needed of it. */
export interface FeedSocket {
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
}

/** Somebody of whom messages tell, and what a viewer who comes now must be told first. */
export interface FeedSource {
  /** Messages as JSON. */
  state(): readonly string[];
}

/** Above it a viewer is told nothing more: what it cannot take must not pile up here. */
export const DROP_ABOVE_BYTES = 256 * 1024;
/** State is sent while less than this waits, so that there is room for what happens meanwhile. */
const STATE_BELOW_BYTES = 128 * 1024;

/**
 * One viewer of the feed. It gets the state of everybody, in pieces that its network can take, then
 * what happens; once it falls behind it gets nothing, and later all of it anew.
 */
export class FeedViewer {
  readonly #socket: FeedSocket;
  readonly #opening: () => { welcome: string; sources: readonly FeedSource[] };
  /** Whose state is still to be told; until then nothing else of them is. */
  #owed = new Set<FeedSource>();
  #isWelcome = false;
  #dropped = 0;

  /** The first `catchUp()` is what it waits for. */
  constructor(
    socket: FeedSocket,
    opening: () => { welcome: string; sources: readonly FeedSource[] },
  ) {
    this.#socket = socket;
    this.#opening = opening;
  }

  tell(message: string, source: FeedSource): void {
    this.catchUp();
    if (this.#owed.has(source)) return;
    if (this.#dropped > 0 || this.#socket.bufferedAmount > DROP_ABOVE_BYTES) this.#dropped += 1;
    else this.#socket.send(message);
  }

  /**
   * There was something to tell of them that it is not told; later it gets all anew.
   * @returns how many messages that were
   */
  miss(source: FeedSource): number {
    if (this.#owed.has(source)) return 0;
    this.#dropped += 1;
    return 1;
  }

  /** Of somebody who is gone nothing more is owed. */
  forget(source: FeedSource): void {
    this.#owed.delete(source);
  }

  /** Sends what it could not take before. To be called now and then. */
  catchUp(): void {
    if (!this.#hasRoom) return;
    if (this.#dropped > 0) {
      const dropped: DroppedMessage = { type: 'visualiser.dropped', messages: this.#dropped };
      this.#socket.send(JSON.stringify(dropped));
      this.#dropped = 0;
      this.#isWelcome = false;
    }
    if (!this.#isWelcome) this.#open();
    for (const source of this.#owed) {
      if (!this.#hasRoom) return;
      this.#owed.delete(source);
      for (const message of source.state()) this.#socket.send(message);
    }
  }

  #open(): void {
    const { welcome, sources } = this.#opening();
    this.#isWelcome = true;
    this.#socket.send(welcome);
    this.#owed = new Set(sources);
  }

  get #hasRoom(): boolean {
    return this.#socket.bufferedAmount < STATE_BELOW_BYTES;
  }
}

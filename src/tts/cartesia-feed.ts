/** Carries the text of one reply, as it is written, into an utterance with an open context. */
import type { CartesiaConnection } from './cartesia-connection.ts';
import type { CartesiaLink } from './cartesia-link.ts';
import type { CartesiaUtterance } from './cartesia-utterance.ts';
import type { ContextLimit } from './context-limit.ts';
import { countLetters } from './letters.ts';

export interface FeedOptions {
  link: CartesiaLink;
  limit: ContextLimit;
  signal: AbortSignal;
}

export class CartesiaFeed {
  readonly #text: AsyncIterator<string>;
  readonly #utterance: CartesiaUtterance;
  readonly #options: FeedOptions;
  #connection: CartesiaConnection | undefined;
  #freePlace: (() => void) | undefined;
  #stopped = false;

  constructor(text: AsyncIterable<string>, utterance: CartesiaUtterance, options: FeedOptions) {
    this.#text = text[Symbol.asyncIterator]();
    this.#utterance = utterance;
    this.#options = options;
  }

  /** @throws {VoiceError} when no context can be had; the signal's reason; the text's own error. */
  async run(): Promise<void> {
    let transcript = '';
    while (!this.#stopped) {
      const { value, done } = await this.#text.next();
      if (this.#stopped) return;
      if (done) return this.#utterance.complete();
      // Cartesia reads markup in angle brackets: no writer may give it orders.
      transcript += value.replace(/[<>]/g, ' ');
      if (countLetters(transcript) === 0) continue;
      if (!this.#utterance.hasContext) await this.#openContext();
      if (this.#stopped) return;
      this.#utterance.push(transcript);
      transcript = '';
    }
  }

  /** After a stall: the next utterance gets another socket. */
  distrustConnection(): void {
    if (this.#connection) this.#options.link.distrust(this.#connection);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#freePlace?.();
    // A generator that is waiting for the model returns when it can; nobody waits for that.
    this.#text.return?.().catch(() => undefined);
  }

  /** The place in the plan is kept until the reply ends: a pause in it must not cost the voice. */
  async #openContext(): Promise<void> {
    const { link, limit, signal } = this.#options;
    if (!this.#freePlace) {
      const free = await limit.take(signal);
      if (this.#stopped) return free();
      this.#freePlace = free;
    }
    this.#connection = await link.connection(signal);
    if (!this.#stopped) this.#utterance.open(this.#connection);
  }
}

/** Events that are made at one time and read at another, by one reader. */
import type { EngineEvent } from './engine-client.ts';
import { EngineError } from './engine-error.ts';

export class EventBuffer implements AsyncIterableIterator<EngineEvent, undefined, undefined> {
  #events: EngineEvent[] = [];
  #end: { error?: unknown } | undefined;
  #isHeld = false;
  #wasRead = false;
  #wake: (() => void) | undefined;
  readonly #onLeave: () => void;

  /** @param onLeave called when the reader leaves its loop before the end */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** True while a new attempt could take this one's place unnoticed by the reader. */
  get isUntouched(): boolean {
    return !this.#wasRead && (this.#isHeld || this.#events.length === 0);
  }

  /** Keeps events from the reader until `release()` or the end, so that they can be taken back. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#notify();
  }

  /** Forgets an attempt that is to be made again. */
  clear(): void {
    this.#events = [];
  }

  /** @throws {EngineError} `garbage` when nobody reads and the buffer is full */
  push(event: EngineEvent): void {
    if (this.#end) return;
    if (this.#events.length >= MAX_BUFFERED_EVENTS) {
      throw new EngineError('garbage', `expected at most ${MAX_BUFFERED_EVENTS} unread events`);
    }
    this.#events.push(event);
    this.#notify();
  }

  /** No more events; with an error, the reader gets it after those already there. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.release();
  }

  /** Drops what was not read yet; the reader gets `reason` next. */
  abandon(reason: unknown): void {
    this.clear();
    this.#end = { error: reason };
    this.release();
  }

  async next(): Promise<IteratorResult<EngineEvent, undefined>> {
    while (this.#isHeld || (this.#events.length === 0 && !this.#end)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const event = this.#events.shift();
    if (event) {
      this.#wasRead = true;
      return { done: false, value: event };
    }
    const error = this.#end?.error;
    this.#end = {};
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<EngineEvent, undefined>> {
    this.#onLeave();
    this.clear();
    this.#end = {};
    this.#notify();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** A whole reply has under 100 events; the client's own limit on text is reached before this. */
const MAX_BUFFERED_EVENTS = 4096;

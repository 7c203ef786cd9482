/** The sound that one call hears: the pacer's decisions, carried out on a socket and a clock. */
import { clearMessage, markMessage, mediaMessage } from './media-message.ts';
import {
  type Outgoing,
  type PacerOptions,
  PlaybackPacer,
  type PlaybackStep,
} from './playback-pacer.ts';

export interface PlaybackHandlers {
  /** The first sound of the generation is on the wire. */
  onFirstByte?(): void;
  /** All of it has been played; or (`overdue`) it must have been, but its last mark is not back. */
  onFinished(how: 'echoed' | 'overdue'): void;
}

/**
 * One generation of sound at a time: `begin`, any number of `write`s, `end`, then `onFinished`;
 * or `clear` at any point, after which no handler of that generation is called and no sound of it
 * is sent. Handlers may call back into this object.
 */
export class Playback {
  readonly #send: (text: string) => void;
  readonly #streamSid: string;
  readonly #pacer: PlaybackPacer;
  #handlers: PlaybackHandlers | undefined;
  #firstByteIsDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param send writes one text message to the stream. */
  constructor(send: (text: string) => void, streamSid: string, options?: Partial<PacerOptions>) {
    this.#send = send;
    this.#streamSid = streamSid;
    this.#pacer = new PlaybackPacer(options);
  }

  /** Starts a generation; one that still sounds is cleared. */
  begin(handlers: PlaybackHandlers): void {
    this.#handlers = handlers;
    this.#firstByteIsDue = true;
    this.#carryOut(this.#pacer.begin(performance.now()));
  }

  /**
   * Adds mu-law at 8 kHz, in pieces of any length, kept by reference.
   * @throws {PlaybackError} beyond 120 s of waiting sound, or outside of `begin` and `end`.
   */
  write(mulaw: Uint8Array): void {
    if (this.#closed) return;
    this.#carryOut(this.#pacer.push(mulaw, performance.now()));
  }

  /** Nothing more will be written to this generation. */
  end(): void {
    this.#carryOut(this.#pacer.end(performance.now()));
  }

  /** Stops the sound at once. Returns how much of the generation was heard, in ms. */
  clear(): number {
    const nowMs = performance.now();
    this.#handlers = undefined;
    this.#carryOut(this.#pacer.clear(nowMs));
    return this.#pacer.heardMs(nowMs);
  }

  /** What the caller has heard of the current generation, in ms of sound. */
  get heardMs(): number {
    return this.#pacer.heardMs(performance.now());
  }

  /** What was written of the current generation, in ms of sound. */
  get writtenMs(): number {
    return this.#pacer.writtenMs;
  }

  /** Some hundred ms while sound plays; seconds when the caller's side has stalled; 0 if none. */
  get oldestMarkAgeMs(): number {
    return this.#pacer.oldestMarkAgeMs(performance.now());
  }

  /** A mark of the stream came back. */
  markEchoed(name: string): void {
    this.#carryOut(this.#pacer.markEchoed(name, performance.now()));
  }

  /** Sends nothing more and calls nobody. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#handlers = undefined;
    clearTimeout(this.#timer);
  }

  #carryOut(step: PlaybackStep): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    if (step.wakeAtMs !== undefined) {
      const delayMs = Math.max(0, Math.ceil(step.wakeAtMs - performance.now()));
      this.#timer = setTimeout(() => this.#carryOut(this.#pacer.wake(performance.now())), delayMs);
    }
    for (const message of step.send) this.#send(this.#textOf(message));
    this.#report(step);
  }

  /** Last, because a handler may start the next generation. */
  #report(step: PlaybackStep): void {
    const handlers = this.#handlers;
    if (this.#firstByteIsDue && step.send.some((message) => message.type === 'media')) {
      this.#firstByteIsDue = false;
      handlers?.onFirstByte?.();
    }
    if (step.finished && handlers && handlers === this.#handlers) {
      this.#handlers = undefined;
      handlers.onFinished(step.finished);
    }
  }

  #textOf(message: Outgoing): string {
    switch (message.type) {
      case 'media':
        return mediaMessage(this.#streamSid, message.mulaw);
      case 'mark':
        return markMessage(this.#streamSid, message.name);
      case 'clear':
        return clearMessage(this.#streamSid);
    }
  }
}

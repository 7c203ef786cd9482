/** The sound that one call hears: the pacer's decisions, carried out on a socket and a clock. */
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { clearMessage, markMessage, mediaMessage } from './media-message.ts';
import {
  type Outgoing,
  type PacerOptions,
  PlaybackPacer,
  type PlaybackStep,
} from './playback-pacer.ts';
import { type Playout, PlayoutLog } from './playout-log.ts';

export interface PlaybackHandlers {
  /** The first sound of the generation is on the wire. */
  onFirstByte?(): void;
  /** A mark came back: more of it has been heard. After an overdue end, too, until the next begins. */
  onHeard?(): void;
  /** All of it has been played; or (`overdue`) it should have been, but its last mark is not back. */
  onFinished(how: 'echoed' | 'overdue'): void;
}

/** Looks on: at the sound on its way, and at what became of each generation. It must not throw. */
export interface PlaybackWatch {
  /** On the wire; it joins what the caller's side still has to play. */
  sent?(mulaw: Uint8Array): void;
  /** What the caller's side had still to play is dropped. */
  cleared?(): void;
  playoutEnded?(playout: Playout): void;
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
  readonly #log = new PlayoutLog();
  readonly #watches: PlaybackWatch[] = [];
  #handlers: PlaybackHandlers | undefined;
  #firstByteIsDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the pacer wants to be woken. */
  #dueMs: number | undefined;
  #closed = false;

  /** @param send writes one text message to the stream. */
  constructor(send: (text: string) => void, streamSid: string, options?: Partial<PacerOptions>) {
    this.#send = send;
    this.#streamSid = streamSid;
    this.#pacer = new PlaybackPacer(options);
  }

  watch(watch: PlaybackWatch): void {
    this.#watches.push(watch);
  }

  /** Starts a generation; one that still sounds is cleared. */
  begin(handlers: PlaybackHandlers): void {
    const nowMs = performance.now();
    this.#logEnd('cleared', nowMs);
    this.#handlers = handlers;
    this.#firstByteIsDue = true;
    const step = this.#pacer.begin(nowMs);
    this.#log.begin(nowMs);
    this.#carryOut(step);
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
    this.#logEnd('cleared', nowMs);
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
    const nowMs = performance.now();
    this.#log.echoed(name, nowMs);
    this.#carryOut(this.#pacer.markEchoed(name, nowMs));
    this.#handlers?.onHeard?.();
  }

  /** Sends nothing more and calls nobody. Idempotent. */
  close(): void {
    if (!this.#closed) this.#logEnd('cleared', performance.now());
    this.#closed = true;
    this.#handlers = undefined;
    clearTimeout(this.#timer);
  }

  #carryOut(step: PlaybackStep): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const lateMs = this.#dueMs === undefined ? 0 : Math.max(0, performance.now() - this.#dueMs);
    this.#dueMs = step.wakeAtMs;
    if (step.wakeAtMs !== undefined) {
      const delayMs = Math.max(0, Math.ceil(step.wakeAtMs - performance.now()));
      this.#timer = setTimeout(() => this.#carryOut(this.#pacer.wake(performance.now())), delayMs);
    }
    for (const message of step.send) {
      this.#send(this.#textOf(message));
      this.#note(message, lateMs);
    }
    if (step.finished) this.#logEnd(step.finished, performance.now());
    this.#report(step);
  }

  #note(message: Outgoing, lateMs: number): void {
    const nowMs = performance.now();
    if (message.type === 'media') {
      this.#log.sent(message.mulaw.length / BYTES_PER_MS, nowMs, lateMs);
    }
    if (message.type === 'mark') this.#log.marked(message.name, nowMs);
    for (const watch of this.#watches) {
      if (message.type === 'media') watch.sent?.(message.mulaw);
      if (message.type === 'clear') watch.cleared?.();
    }
  }

  #logEnd(how: Playout['how'], nowMs: number): void {
    const { writtenMs } = this.#pacer;
    const playout = this.#log.end(how, { writtenMs, heardMs: this.#pacer.heardMs(nowMs) }, nowMs);
    if (playout) for (const watch of this.#watches) watch.playoutEnded?.(playout);
  }

  /** Last, because a handler may start the next generation. */
  #report(step: PlaybackStep): void {
    const handlers = this.#handlers;
    if (this.#firstByteIsDue && step.send.some((message) => message.type === 'media')) {
      this.#firstByteIsDue = false;
      handlers?.onFirstByte?.();
    }
    if (step.finished && handlers && handlers === this.#handlers) {
      if (step.finished === 'echoed') this.#handlers = undefined;
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

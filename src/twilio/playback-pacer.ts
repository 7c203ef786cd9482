/**
 * What to send to the caller, and when: the pure core of playback.
 *
 * Twilio would take ten minutes of sound at once, but what it holds is lost when this process dies
 * and is late to be stopped, and a stalled socket hides behind the kernel's buffers. So a clock of
 * the caller's ear is kept here and sound is sent a bounded lead ahead of it.
 *
 * Time comes in as `nowMs` of one monotonic clock. Every method returns what follows from it.
 */
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { ByteQueue } from './byte-queue.ts';

export type Outgoing =
  | { type: 'media'; mulaw: Uint8Array }
  | { type: 'mark'; name: string }
  | { type: 'clear' };

export interface PlaybackStep {
  send: Outgoing[];
  /** Call `wake` at this time, or never when undefined. Replaces earlier ones. */
  wakeAtMs: number | undefined;
  /** Set once per generation: its sound has ended, or its last mark never came back. */
  finished: 'echoed' | 'overdue' | undefined;
}

export interface PacerOptions {
  /** Sound that Twilio may hold. */
  leadMs: number;
  /** Longest media message. */
  messageMs: number;
  /** Sound between two marks: the grain of what is known to be heard. */
  markMs: number;
  /** How long a mark may take beyond the sound before it: a slow network, not a slow ear. */
  markMarginMs: number;
  /** Sound that may wait here. */
  bufferMs: number;
}

export const PACER_DEFAULTS: PacerOptions = {
  leadMs: 400,
  messageMs: 100,
  markMs: 200,
  markMarginMs: 1500,
  bufferMs: 120_000,
};

/** The voice wrote more than fits, or wrote where nothing may be written. */
export class PlaybackError extends Error {
  override name = 'PlaybackError';
  readonly kind: 'full' | 'ended';

  constructor(kind: 'full' | 'ended', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The telephone's own frame of 20 ms; messages are whole frames, but for the last. */
const FRAME_BYTES = 160;

interface Mark {
  name: string;
  /** Bytes of the generation that precede it. */
  offset: number;
  sentMs: number;
  /** When the clock of the caller's ear reaches it. */
  dueMs: number;
}

export class PlaybackPacer {
  readonly #options: PacerOptions;
  readonly #queue = new ByteQueue();
  #generation = 0;
  #state: 'idle' | 'open' | 'ended' | 'finished' = 'idle';
  #written = 0;
  #sent = 0;
  /** Bytes up to the last mark that was sent. */
  #marked = 0;
  #marks: Mark[] = [];
  #lastMarkSent = false;
  /** When the sound that was sent so far runs out in the caller's ear. */
  #runsOutMs = 0;
  /** False for a peer that has never returned a mark: then only the clock can be believed. */
  #peerEchoes = false;

  constructor(options: Partial<PacerOptions> = {}) {
    this.#options = { ...PACER_DEFAULTS, ...options };
  }

  get generation(): number {
    return this.#generation;
  }

  /** Sound given to the current generation. */
  get writtenMs(): number {
    return this.#written / BYTES_PER_MS;
  }

  /** Starts a generation. One that still sounds is cleared. */
  begin(nowMs: number): PlaybackStep {
    const send = this.#stopSound(nowMs);
    this.#generation++;
    this.#state = 'open';
    this.#written = this.#sent = this.#marked = 0;
    this.#lastMarkSent = false;
    return { send, wakeAtMs: undefined, finished: undefined };
  }

  /** @throws {PlaybackError} when no generation is open, or the buffer is full. */
  push(mulaw: Uint8Array, nowMs: number): PlaybackStep {
    if (this.#state !== 'open') {
      throw new PlaybackError('ended', 'expected a generation that is open, got none');
    }
    const limit = this.#options.bufferMs * BYTES_PER_MS;
    if (this.#queue.length + mulaw.length > limit) {
      throw new PlaybackError(
        'full',
        `expected at most ${limit} bytes to wait, got ${this.#queue.length + mulaw.length}`,
      );
    }
    this.#queue.push(mulaw);
    this.#written += mulaw.length;
    return this.wake(nowMs);
  }

  /** Nothing more will be pushed to this generation. */
  end(nowMs: number): PlaybackStep {
    if (this.#state === 'open') this.#state = 'ended';
    return this.wake(nowMs);
  }

  /** Stops the sound. `heardMs` stays where it came to. */
  clear(nowMs: number): PlaybackStep {
    const heardMs = this.heardMs(nowMs);
    const send = this.#stopSound(nowMs);
    this.#sent = heardMs * BYTES_PER_MS;
    this.#state = 'idle';
    return { send, wakeAtMs: undefined, finished: undefined };
  }

  /** Takes a mark that came back. One of another generation, or an unknown one, changes nothing. */
  markEchoed(name: string, nowMs: number): PlaybackStep {
    const at = this.#marks.findIndex((mark) => mark.name === name);
    if (at >= 0) {
      // Marks come back in order; one that was skipped has been lost.
      this.#marks.splice(0, at + 1);
      this.#peerEchoes = true;
    }
    return this.wake(nowMs);
  }

  /** Says what may be sent now. Harmless at any time. */
  wake(nowMs: number): PlaybackStep {
    const send: Outgoing[] = [];
    let wakeAtMs: number | undefined;
    if (this.#state === 'open' || this.#state === 'ended') {
      wakeAtMs = this.#sendSound(send, nowMs);
      if (this.#state === 'ended' && this.#queue.length === 0 && !this.#lastMarkSent) {
        this.#lastMarkSent = true;
        send.push(this.#mark(nowMs, 'end'));
      }
    }
    const finished = this.#finish(nowMs);
    if (this.#lastMarkSent && this.#state === 'ended') wakeAtMs = this.#endsAtMs();
    return { send, wakeAtMs, finished };
  }

  /** How much of the current generation the caller has heard, in ms of sound. */
  heardMs(nowMs: number): number {
    const ahead = Math.max(0, this.#runsOutMs - nowMs) * BYTES_PER_MS;
    const byClock = Math.max(0, this.#sent - ahead);
    // The clock runs early by the way to Twilio: a mark that is not back yet has not been heard.
    // The reverse is not true: some peers return marks before their sound, so none adds to it.
    const pending = this.#marks[0];
    const silentPeer =
      !this.#peerEchoes &&
      pending !== undefined &&
      nowMs >= pending.dueMs + this.#options.markMarginMs;
    const byMarks = pending && !silentPeer ? pending.offset : this.#sent;
    return Math.floor(Math.min(byClock, byMarks) / BYTES_PER_MS);
  }

  /** Age of the oldest mark that is not back, since it was sent; the sign of a stalled peer. */
  oldestMarkAgeMs(nowMs: number): number {
    const oldest = this.#marks[0];
    return oldest ? nowMs - oldest.sentMs : 0;
  }

  /** Sound that Twilio holds by our clock. */
  leadMs(nowMs: number): number {
    return Math.max(0, this.#runsOutMs - nowMs);
  }

  /** Sends what the lead has room for; returns when there will be room for more. */
  #sendSound(send: Outgoing[], nowMs: number): number | undefined {
    for (;;) {
      const next = this.#nextMessage();
      if (next.bytes === 0) return undefined;
      if (this.leadMs(nowMs) > next.atLeadMs) return this.#runsOutMs - next.atLeadMs;
      this.#runsOutMs = Math.max(nowMs, this.#runsOutMs) + next.bytes / BYTES_PER_MS;
      this.#sent += next.bytes;
      send.push({ type: 'media', mulaw: this.#queue.take(next.bytes) });
      if (this.#sent - this.#marked >= this.#options.markMs * BYTES_PER_MS) {
        send.push(this.#mark(nowMs, String(this.#sent / BYTES_PER_MS)));
      }
    }
  }

  /** The next message's length, and the lead at which it may go. */
  #nextMessage(): { bytes: number; atLeadMs: number } {
    const { leadMs, messageMs } = this.#options;
    const queued = this.#queue.length;
    const whole = Math.min(queued, messageMs * BYTES_PER_MS);
    const isTail = this.#state === 'ended' && whole === queued;
    const bytes = isTail ? whole : whole - (whole % FRAME_BYTES);
    const roomMs = leadMs - bytes / BYTES_PER_MS;
    // A short message waits for more sound to fill it, unless the caller's ear runs dry meanwhile.
    const isFull = isTail || bytes === messageMs * BYTES_PER_MS;
    return { bytes, atLeadMs: Math.max(0, isFull ? roomMs : Math.min(roomMs, leadMs / 2)) };
  }

  #mark(nowMs: number, label: string): Outgoing {
    const name = `g${this.#generation}:${label}`;
    this.#marked = this.#sent;
    this.#marks.push({ name, offset: this.#sent, sentMs: nowMs, dueMs: this.#runsOutMs });
    return { type: 'mark', name };
  }

  #finish(nowMs: number): 'echoed' | 'overdue' | undefined {
    if (this.#state !== 'ended' || !this.#lastMarkSent || nowMs < this.#endsAtMs()) {
      return undefined;
    }
    const how = this.#marks.length === 0 ? 'echoed' : 'overdue';
    this.#state = 'finished';
    return how;
  }

  /**
   * When the generation is over as things stand. A last mark that is back early, as some peers
   * return it, does not end sound that is still in the caller's ear.
   */
  #endsAtMs(): number {
    const last = this.#marks.at(-1);
    return last ? Math.max(last.dueMs, last.sentMs) + this.#options.markMarginMs : this.#runsOutMs;
  }

  #stopSound(nowMs: number): Outgoing[] {
    this.#queue.clear();
    const sounding = this.#marks.length > 0 || this.#runsOutMs > nowMs;
    this.#marks = [];
    this.#runsOutMs = Math.min(this.#runsOutMs, nowMs);
    return sounding ? [{ type: 'clear' }] : [];
  }
}

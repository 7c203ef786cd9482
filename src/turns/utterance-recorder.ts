/**
 * Keeps what the caller says, as the telephone sent it. It always holds a little of the past, so
 * that the first syllable, which is over before voice activity is sure of it, is not lost.
 */
import { BYTES_PER_MS } from '../audio/mulaw.ts';

export interface UtteranceRecorderOptions {
  /** Audio kept before the onset; default 300. */
  preRollMs?: number;
  /** The longest utterance; of a longer one the newest part is kept. Default 30,000. */
  maxMs?: number;
}

/** Positions are in ms of audio pushed since the stream began. */
export class UtteranceRecorder {
  #preRollBytes: number;
  #maxBytes: number;
  #bytes: Uint8Array;
  /** Bytes in use, from the start of `#bytes`. */
  #length = 0;
  /** Position in the stream of the first byte in use. */
  #offset = 0;
  #begin: number | undefined;
  #end: number | undefined;
  /** The copy that was handed out last. */
  #copy: { from: number; bytes: Uint8Array<ArrayBuffer> } | undefined;

  constructor({ preRollMs = 300, maxMs = 30_000 }: UtteranceRecorderOptions = {}) {
    if (!(preRollMs >= 0 && maxMs > preRollMs)) {
      throw new RangeError(
        `expected 0 <= preRollMs < maxMs, got preRollMs ${preRollMs} and maxMs ${maxMs}`,
      );
    }
    this.#preRollBytes = bytesOf(preRollMs);
    this.#maxBytes = bytesOf(maxMs);
    this.#bytes = new Uint8Array(this.#idleBytes * 2);
  }

  push(mulaw: Uint8Array): void {
    // As a rule it is all of it, and no array is made.
    const newest = mulaw.length > this.#maxBytes ? mulaw.subarray(-this.#maxBytes) : mulaw;
    if (newest.length < mulaw.length) {
      this.#offset += this.#length + mulaw.length - newest.length;
      this.#length = 0;
    }
    if (this.#length + newest.length > this.#bytes.length) this.#makeRoom(newest.length);
    this.#bytes.set(newest, this.#length);
    this.#length += newest.length;
  }

  /** Starts an utterance. Within one it goes on with it: an end that was set is lifted. */
  begin(onsetMs: number): void {
    this.#end = undefined;
    this.#begin ??= bytesOf(onsetMs) - this.#preRollBytes;
  }

  /**
   * A copy of the utterance, up to now or to the end that was set. Empty when none has begun. While it
   * stays the same it is the same copy: whoever keeps something made of it need not make it again.
   */
  audio(): Uint8Array<ArrayBuffer> {
    const [from, to] = this.#span();
    const isKnown = this.#copy?.from === from && this.#copy.bytes.length === to - from;
    if (this.#copy && isKnown) return this.#copy.bytes;
    const bytes = this.#bytes.slice(from - this.#offset, to - this.#offset);
    this.#copy = { from, bytes };
    return bytes;
  }

  /**
   * Cuts the silence after the speech to a short tail, at a pause that may be the end. Recording goes
   * on, but what is handed out is the same however long the silence lasts: a reply that is prepared at
   * the pause and one that is asked for at the end of the turn are given the same bytes.
   */
  end(speechEndMs: number): void {
    if (this.#begin !== undefined) this.#end = bytesOf(speechEndMs + TAIL_MS);
  }

  /** Forgets the utterance; the past that a pre-roll may need stays. */
  discard(): void {
    this.#begin = undefined;
    this.#end = undefined;
    this.#copy = undefined;
    if (this.#bytes.length <= this.#idleBytes * 2) return;
    const past = this.#bytes.subarray(Math.max(0, this.#length - this.#idleBytes), this.#length);
    this.#offset += this.#length - past.length;
    this.#length = past.length;
    this.#bytes = new Uint8Array(this.#idleBytes * 2);
    this.#bytes.set(past);
  }

  /** Length of `audio()`. */
  get durationMs(): number {
    const [from, to] = this.#span();
    return (to - from) / BYTES_PER_MS;
  }

  /** Start and end of the utterance as positions in the stream, in bytes. */
  #span(): [from: number, to: number] {
    const now = this.#offset + this.#length;
    if (this.#begin === undefined) return [now, now];
    const to = Math.max(this.#offset, Math.min(now, this.#end ?? now));
    return [Math.min(to, Math.max(this.#offset, this.#begin, to - this.#maxBytes)), to];
  }

  /** What is held while nobody speaks: the pre-roll, and as much as an onset may come late. */
  get #idleBytes(): number {
    return Math.min(this.#maxBytes, this.#preRollBytes + bytesOf(ONSET_LATE_MS));
  }

  #makeRoom(forBytes: number): void {
    const now = this.#offset + this.#length;
    const oldest = Math.max(this.#offset, now - this.#maxBytes);
    const from = Math.max(oldest, this.#begin ?? now - this.#idleBytes);
    const kept = this.#bytes.subarray(Math.min(from, now) - this.#offset, this.#length);
    const needed = kept.length + forBytes;
    // Doubling keeps the copying linear; a quarter to spare keeps it so when the limit is reached.
    const room = Math.max(needed * 2, this.#bytes.length);
    const limit = Math.max(needed, Math.ceil(this.#maxBytes * 1.25));
    const capacity = Math.min(room, limit);
    const bytes = capacity === this.#bytes.length ? this.#bytes : new Uint8Array(capacity);
    bytes.set(kept);
    this.#offset = now - kept.length;
    this.#length = kept.length;
    this.#bytes = bytes;
  }
}

/**
 * A speech model hears a word that ends with its audio as one that was cut off. No more than the
 * shortest pause that is told of (`pauseMs`): at that moment all of it has been recorded.
 */
export const TAIL_MS = 120;
/** Confirming takes two windows, rising up to four more, the worker a little. */
const ONSET_LATE_MS = 1000;

function bytesOf(ms: number): number {
  return Math.round(ms * BYTES_PER_MS);
}

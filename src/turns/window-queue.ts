/**
 * Cuts one stream of samples into windows, and holds those that no inference has taken yet. Its arrays
 * go round: once the longest wait has been seen, none is made any more.
 */
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

export class WindowQueue {
  /** The full ones, the oldest first; the one that is being filled; then those that are free. */
  readonly #windows = [new Int16Array(WINDOW_SAMPLES)];
  #length = 0;
  #filled = 0;
  #samplesCut = 0;
  #dropped = 0;

  /** Windows waiting to be taken. */
  get length(): number {
    return this.#length;
  }

  /** Windows lost so far because nobody took them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Any number of samples; the queue keeps its own copy. */
  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const filling = this.#windows[this.#length]!;
      const count = Math.min(samples.length - at, WINDOW_SAMPLES - this.#filled);
      for (let i = 0; i < count; i++) filling[this.#filled + i] = samples[at + i]!;
      this.#filled += count;
      at += count;
      if (this.#filled === WINDOW_SAMPLES) this.#add();
    }
  }

  /**
   * Copies the oldest window, 256 samples, to this place.
   * @returns the position of the window's end in the stream, in ms; undefined where none waits
   */
  take(into: Int16Array, at: number): number | undefined {
    if (this.#length === 0) return undefined;
    into.set(this.#windows[0]!, at);
    this.#freeOldest();
    return ((this.#samplesCut - this.#length * WINDOW_SAMPLES) * 1000) / SAMPLE_RATE_HZ;
  }

  #add(): void {
    this.#samplesCut += WINDOW_SAMPLES;
    this.#filled = 0;
    this.#length++;
    this.#windows[this.#length] ??= new Int16Array(WINDOW_SAMPLES);
    if (this.#length <= MAX_WINDOWS) return;
    // The newest windows say what the caller does now, so the oldest go.
    this.#freeOldest();
    this.#dropped++;
  }

  #freeOldest(): void {
    const oldest = this.#windows[0]!;
    for (let i = 0; i < this.#length; i++) this.#windows[i] = this.#windows[i + 1]!;
    this.#windows[this.#length] = oldest;
    this.#length--;
  }
}

/** About a second: an answer about older audio would come too late to act on. */
export const MAX_WINDOWS = 32;

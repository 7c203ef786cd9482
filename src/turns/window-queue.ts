/**
 * Cuts one stream of samples into windows, and holds those that no inference has taken yet. Its arrays
 * go round: once the longest wait has been seen, none is made any more.
 */
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

export class WindowQueue {
  /** Full, the oldest first. */
  #windows: Int16Array[] = [];
  #spare: Int16Array[] = [];
  #filling: Int16Array = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  #samplesCut = 0;
  #dropped = 0;

  /** Windows waiting to be taken. */
  get length(): number {
    return this.#windows.length;
  }

  /** Windows lost so far because nobody took them in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Any number of samples; the queue keeps its own copy. */
  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(samples.length - at, WINDOW_SAMPLES - this.#filled);
      for (let i = 0; i < count; i++) this.#filling[this.#filled + i] = samples[at + i]!;
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
    const window = this.#windows.shift();
    if (!window) return undefined;
    into.set(window, at);
    this.#spare.push(window);
    return ((this.#samplesCut - this.#windows.length * WINDOW_SAMPLES) * 1000) / SAMPLE_RATE_HZ;
  }

  #add(): void {
    this.#samplesCut += WINDOW_SAMPLES;
    this.#windows.push(this.#filling);
    this.#filled = 0;
    // The newest windows say what the caller does now, so the oldest go.
    if (this.#windows.length > MAX_WINDOWS) {
      this.#filling = this.#windows.shift()!;
      this.#dropped++;
    } else {
      this.#filling = this.#spare.pop() ?? new Int16Array(WINDOW_SAMPLES);
    }
  }
}

/** About a second: an answer about older audio would come too late to act on. */
export const MAX_WINDOWS = 32;

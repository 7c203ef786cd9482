/** Cuts one stream of samples into windows, and holds those that no inference has taken yet. */
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

export interface AudioWindow {
  /** 256 samples. */
  samples: Int16Array;
  /** Position of the window's end in the stream, in ms. */
  endMs: number;
}

export class WindowQueue {
  #windows: AudioWindow[] = [];
  #filling = new Int16Array(WINDOW_SAMPLES);
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
      this.#filling.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === WINDOW_SAMPLES) this.#add();
    }
  }

  take(): AudioWindow | undefined {
    return this.#windows.shift();
  }

  #add(): void {
    this.#samplesCut += WINDOW_SAMPLES;
    const endMs = (this.#samplesCut * 1000) / SAMPLE_RATE_HZ;
    this.#windows.push({ samples: this.#filling, endMs });
    this.#filling = new Int16Array(WINDOW_SAMPLES);
    this.#filled = 0;
    // The newest windows say what the caller does now, so the oldest go.
    if (this.#windows.length > MAX_WINDOWS) {
      this.#windows.shift();
      this.#dropped++;
    }
  }
}

/** About a second: an answer about older audio would come too late to act on. */
export const MAX_WINDOWS = 32;

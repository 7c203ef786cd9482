/**
 * How strong the echo of what we play is, band by band, and from that the power that echo explains in
 * what we hear. It follows the loud end of what comes back, so that echo alone seldom exceeds it; a
 * caller who exceeds it for a while hardly moves it.
 */
import { BANDS } from './echo-spectrum.ts';

export class EchoCoupling {
  /** Power that comes back per power that was played. */
  readonly #gains = new Float32Array(BANDS).fill(INITIAL_GAIN);
  /** What was played, dying away as in a room. */
  readonly #tails = new Float32Array(BANDS);

  /**
   * Call it for each block in order.
   * @param played the powers that may be heard in the block
   * @param into is given the powers that are to be expected for it
   */
  expect(played: Float32Array, into: Float32Array): void {
    for (let band = 0; band < BANDS; band++) {
      into[band] = this.#gains[band]! * this.#tailAfter(band, played[band]!);
    }
  }

  /**
   * Learns from the block for which was expected last.
   * @param trust 0 to 1: that what is heard is echo
   * @param mayFall false where more was expected than can be heard at once
   */
  learn(heard: Float32Array, noise: Float32Array, trust: number, mayFall: boolean): void {
    for (let band = 0; band < BANDS; band++) {
      const tail = this.#tails[band]!;
      if (tail < AUDIBLE) continue;
      const gain = this.#gains[band]!;
      const seen = (heard[band]! - 2 * noise[band]!) / tail;
      if (seen > gain) this.#set(band, gain * (1 + RISE * trust));
      else if (!mayFall) continue;
      // Below the noise an echo is not seen, and need not be known.
      else if (gain * tail >= noise[band]!) this.#set(band, gain * FALL);
      else if (tail >= LOUD) this.#set(band, gain * HIDDEN_FALL);
    }
  }

  /** No echo was found, and where only noise is heard none is to be expected. */
  fade(heard: Float32Array, noise: Float32Array): void {
    for (let band = 0; band < BANDS; band++) {
      const isNoise = heard[band]! <= NOISE_PEAK * noise[band]!;
      if (isNoise && this.#tails[band]! >= AUDIBLE)
        this.#set(band, this.#gains[band]! * ABSENT_FALL);
    }
  }

  /** The delay is known now, or is another: begins anew, with `review` of what was heard so far. */
  forget(): void {
    this.#gains.fill(0);
    this.#tails.fill(0);
  }

  review(heard: Float32Array, noise: Float32Array, played: Float32Array): void {
    for (let band = 0; band < BANDS; band++) {
      const tail = this.#tailAfter(band, played[band]!);
      if (tail < AUDIBLE) continue;
      const seen = (heard[band]! - 2 * noise[band]!) / tail;
      this.#gains[band] = Math.max(this.#gains[band]!, Math.min(MAX_GAIN, seen));
    }
  }

  /** After the last `review`. What was seen of a second is not the most that can come back. */
  settle(): void {
    const mean = this.#gains.reduce((sum, gain) => sum + gain, 0) / BANDS;
    for (let band = 0; band < BANDS; band++) {
      this.#set(band, SETTLE_MARGIN * Math.max(this.#gains[band]!, mean / 2));
    }
  }

  #tailAfter(band: number, played: number): number {
    const tail = Math.max(played, this.#tails[band]! * ROOM);
    this.#tails[band] = tail;
    return tail;
  }

  #set(band: number, gain: number): void {
    this.#gains[band] = Math.min(MAX_GAIN, Math.max(MIN_GAIN, gain));
  }
}

/** -10 dB, below the best telephone: what is not known yet is rather too much than too little. */
const INITIAL_GAIN = 0.1;
/** -3 dB: the caller's telephone lies in front of a loudspeaker. */
const MAX_GAIN = 0.5;
const MIN_GAIN = 1e-6;
/** In a block of 16 ms: 3 dB, as in a room of 0.3 s. */
const ROOM = 0.5;
/** Mean squares in a band, -60 and -45 dBFS: from where echo may be heard, from where it would be. */
const AUDIBLE = 1000;
const LOUD = 30_000;
/** In a block. The balance of rise and fall is what is exceeded in every eighth block. */
const RISE = 0.15;
const FALL = 0.98;
const HIDDEN_FALL = 0.995;
const ABSENT_FALL = 0.9;
/** A block of noise is seldom louder, against its mean power. */
const NOISE_PEAK = 4;
/** 3 dB. */
const SETTLE_MARGIN = 2;

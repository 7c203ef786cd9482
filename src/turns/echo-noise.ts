import { BANDS } from './echo-spectrum.ts';

/** Follows the noise of the line, band by band: down with a quieter moment, up slowly. */
export class LineNoise {
  readonly #smoothed = new Float32Array(BANDS);
  /** Powers, of at least 1: half a step of mu-law at its finest. */
  readonly powers = new Float32Array(BANDS);
  #known = false;

  /** @param heard powers of the next block */
  push(heard: Float32Array): void {
    for (let band = 0; band < BANDS; band++) {
      const before = this.#known ? this.#smoothed[band]! : heard[band]!;
      const smoothed = before + SMOOTHING * (heard[band]! - before);
      this.#smoothed[band] = smoothed;
      const risen = this.#known ? this.powers[band]! * RISE : smoothed;
      this.powers[band] = Math.max(1, Math.min(smoothed, risen));
    }
    this.#known = true;
  }
}

/** Over four blocks: a single block of noise is far below its mean now and then. */
const SMOOTHING = 0.25;
/** 1 dB a second. */
const RISE = 1.004;

/**
 * How late the echo of what we play comes back: the delay at which the levels of the bands, against
 * their own averages and in decibels, go up and down together. That survives a codec, a small
 * loudspeaker and any loss.
 */
import { BANDS, BLOCK_MS } from './echo-spectrum.ts';

/** Blocks of delay that are looked at: a second. */
export const DELAYS = 64;

export class EchoDelay {
  /** How far each band was from its average, of each of the last blocks that were played. */
  readonly #played = new Float32Array(DELAYS * BANDS);
  readonly #playedSquares = new Float32Array(DELAYS);
  readonly #playedMeans = new Float32Array(BANDS);
  readonly #heard = new Float32Array(BANDS);
  readonly #heardMeans = new Float32Array(BANDS);
  #heardSquares = 0;
  /** Of heard and played, and of played alone, at each delay, over the last second. */
  readonly #products = new Float32Array(DELAYS);
  readonly #squares = new Float32Array(DELAYS);
  readonly #matches = new Float32Array(DELAYS);
  #newest = 0;
  #isFirst = true;
  #playing = 0;
  #blocks: number | undefined;
  #match = 0;

  /** Undefined while it is not known. */
  get blocks(): number | undefined {
    return this.#blocks;
  }

  /** The correlation at the best delay, known or not. */
  get match(): number {
    return this.#match;
  }

  /** Enough was played to find an echo, if there is one. */
  get isJudged(): boolean {
    return this.#playing > EARLY_BLOCKS;
  }

  /** The powers of one block. */
  push(heard: Float32Array, noise: Float32Array, played: Float32Array): void {
    if (isSound(played)) this.#playing++;
    const pace = Math.max(PACE, 1 / (this.#playing + 8));
    const squares = this.#takeLevels(heard, noise, played);
    this.#heardSquares += pace * (squares - this.#heardSquares);
    this.#correlate(pace);
    this.#decide();
  }

  /** @returns the sum of the squares of how far what is heard is from its averages */
  #takeLevels(heard: Float32Array, noise: Float32Array, played: Float32Array): number {
    const pace = Math.max(MEAN_PACE, 1 / (this.#playing + 2));
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#newest = (this.#newest + 1) % DELAYS;
    const at = this.#newest * BANDS;
    let heardSquares = 0;
    let playedSquares = 0;
    for (let band = 0; band < BANDS; band++) {
      const heardLevel = Math.log2(heard[band]! + 3 * noise[band]!);
      const playedLevel = Math.log2(played[band]! + QUIET);
      const heardMean = isFirst ? heardLevel : this.#heardMeans[band]!;
      const playedMean = isFirst ? playedLevel : this.#playedMeans[band]!;
      this.#heardMeans[band] = heardMean + pace * (heardLevel - heardMean);
      this.#playedMeans[band] = playedMean + pace * (playedLevel - playedMean);
      const h = (1 - pace) * (heardLevel - heardMean);
      const p = (1 - pace) * (playedLevel - playedMean);
      this.#heard[band] = h;
      this.#played[at + band] = p;
      heardSquares += h * h;
      playedSquares += p * p;
    }
    this.#playedSquares[this.#newest] = playedSquares;
    return heardSquares;
  }

  #correlate(pace: number): void {
    for (let delay = 0; delay < DELAYS; delay++) {
      const block = (this.#newest - delay + DELAYS) % DELAYS;
      let product = 0;
      for (let band = 0, at = block * BANDS; band < BANDS; band++, at++) {
        product += this.#heard[band]! * this.#played[at]!;
      }
      this.#products[delay]! += pace * (product - this.#products[delay]!);
      this.#squares[delay]! += pace * (this.#playedSquares[block]! - this.#squares[delay]!);
      // What has hardly been played at a delay yet must not match by chance.
      const square = Math.max(this.#squares[delay]!, this.#squares[0]! / 2);
      this.#matches[delay] = this.#products[delay]! / Math.sqrt(this.#heardSquares * square + 1e-9);
    }
  }

  #decide(): void {
    let best = 0;
    for (let delay = 1; delay < DELAYS; delay++) {
      if (this.#matches[delay]! > this.#matches[best]!) best = delay;
    }
    let others = -1;
    for (let delay = 0; delay < DELAYS; delay++) {
      if (Math.abs(delay - best) > PEAK_BLOCKS) others = Math.max(others, this.#matches[delay]!);
    }
    this.#match = this.#matches[best]!;
    if (this.#blocks !== undefined && this.#matches[this.#blocks]! < LOST) this.#blocks = undefined;
    const needs = this.isJudged ? LATER : EARLY;
    if (this.#playing < FEWEST_BLOCKS || this.#match < needs.match) return;
    if (this.#match - others < needs.lead) return;
    const known = this.#blocks;
    if (known === undefined || this.#matches[known]! < this.#match - STAY) this.#blocks = best;
  }
}

/** A second of sound is remembered, and the averages are of a second and a half. */
const PACE = BLOCK_MS / 1000;
const MEAN_PACE = BLOCK_MS / 1500;
/** Mean square in a band, -60 dBFS: what is softer is silence. */
const QUIET = 1000;
/** The correlation, and its lead over that at any other delay. */
const LATER = { match: 0.4, lead: 0.15 };
/** Before an echo of a second could have been heard, the true delay may be still to come. */
const EARLY = { match: 0.6, lead: 0.25 };
const EARLY_BLOCKS = DELAYS + 8;
const FEWEST_BLOCKS = 32;
/** At the known delay: it was another voice that went up and down with ours for a while. */
const LOST = 0.05;
/** Neighbours of a peak belong to it. */
const PEAK_BLOCKS = 2;
/** By less than this no other delay takes over. */
const STAY = 0.01;

function isSound(powers: Float32Array): boolean {
  let sum = 0;
  for (let band = 0; band < BANDS; band++) sum += powers[band]!;
  return sum > SOUND;
}

/** Mean square, -53 dBFS: voices pause, and have noises of their own. */
const SOUND = 5000;

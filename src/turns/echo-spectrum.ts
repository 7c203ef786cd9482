/**
 * Two signals in bands of frequency, with one transform for both: the caller's sound is the real
 * part, what we play the imaginary part. Everything works in place on buffers that all calls share,
 * as one call's block is finished before the next one's begins.
 */
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';

/** A block is judged together with the one before it. */
export const BLOCK_SAMPLES = 128;
export const BLOCK_MS = (BLOCK_SAMPLES * 1000) / SAMPLE_RATE_HZ;
const SPAN = 2 * BLOCK_SAMPLES;

/** Bands of 125 Hz from 125 to 3500 Hz: what a telephone passes. */
export const BANDS = 27;
const BINS_PER_BAND = 4;
const FIRST_BIN = 4;

const re = new Float64Array(SPAN);
const im = new Float64Array(SPAN);
/** The spectrum of the caller's sound, kept for `residual`. */
const heardRe = new Float64Array(SPAN / 2 + 1);
const heardIm = new Float64Array(SPAN / 2 + 1);

/**
 * The mean square amplitude of each band, under a Hann window. The spectrum of `heard` is kept until
 * the next call, for `residual`.
 * @param heard the last block and the one before it, 16-bit amplitudes; so `played`
 * @param heardPowers is written, `BANDS` long; so `playedPowers`
 */
export function bandPowers(
  heard: Int16Array,
  played: Int16Array,
  heardPowers: Float32Array,
  playedPowers: Float32Array,
): void {
  for (let n = 0; n < SPAN; n++) {
    const to = REVERSED[n]!;
    re[to] = heard[n]!;
    im[to] = played[n]!;
  }
  transform();
  for (let k = 0; k <= SPAN / 2; k++) {
    const mirror = (SPAN - k) & (SPAN - 1);
    heardRe[k] = 0.5 * (re[k]! + re[mirror]!);
    heardIm[k] = 0.5 * (im[k]! - im[mirror]!);
  }
  for (let band = 0; band < BANDS; band++) {
    const first = FIRST_BIN + band * BINS_PER_BAND;
    let heardSum = 0;
    let playedSum = 0;
    for (let k = first; k < first + BINS_PER_BAND; k++) {
      // A Hann window is a sum of three neighbours in the spectrum.
      const aRe = 0.5 * re[k]! - 0.25 * (re[k - 1]! + re[k + 1]!);
      const aIm = 0.5 * im[k]! - 0.25 * (im[k - 1]! + im[k + 1]!);
      const m = SPAN - k;
      const bRe = 0.5 * re[m]! - 0.25 * (re[m - 1]! + re[m + 1]!);
      const bIm = 0.5 * im[m]! - 0.25 * (im[m - 1]! + im[m + 1]!);
      heardSum += (aRe + bRe) ** 2 + (aIm - bIm) ** 2;
      playedSum += (aIm + bIm) ** 2 + (bRe - aRe) ** 2;
    }
    heardPowers[band] = heardSum * POWER_SCALE;
    playedPowers[band] = playedSum * POWER_SCALE;
  }
}

/**
 * What is left of the sound that `bandPowers` was last given when each band is weakened.
 * @param gains by amplitude, 0 to 1, `BANDS` long
 * @param into is given the last block's samples
 */
export function residual(gains: Float32Array, into: Int16Array): void {
  for (let k = 0; k <= SPAN / 2; k++) {
    const gain = gainAt(gains, k);
    const to = REVERSED[k]!;
    re[to] = heardRe[k]! * gain;
    im[to] = -heardIm[k]! * gain;
    const mirror = REVERSED[(SPAN - k) & (SPAN - 1)]!;
    if (mirror === to) continue;
    re[mirror] = re[to]!;
    im[mirror] = -im[to]!;
  }
  transform();
  for (let n = 0; n < BLOCK_SAMPLES; n++) into[n] = re[BLOCK_SAMPLES + n]! / SPAN;
}

/** Between the middles of two bands the gain runs in a line: that keeps the filter's answer short. */
function gainAt(gains: Float32Array, bin: number): number {
  const place = (bin - FIRST_BIN - (BINS_PER_BAND - 1) / 2) / BINS_PER_BAND;
  if (place <= 0) return gains[0]!;
  if (place >= BANDS - 1) return gains[BANDS - 1]!;
  const below = Math.floor(place);
  return gains[below]! + (place - below) * (gains[below + 1]! - gains[below]!);
}

/** Radix 2, in place, over `re` and `im` in bit-reversed order. */
function transform(): void {
  for (let half = 1; half < SPAN; half *= 2) {
    const step = SPAN / (2 * half);
    for (let at = 0; at < SPAN; at += 2 * half) {
      for (let k = 0; k < half; k++) {
        const upper = at + k;
        const lower = upper + half;
        const wRe = COSINES[k * step]!;
        const wIm = SINES[k * step]!;
        const tRe = wRe * re[lower]! - wIm * im[lower]!;
        const tIm = wRe * im[lower]! + wIm * re[lower]!;
        re[lower] = re[upper]! - tRe;
        im[lower] = im[upper]! - tIm;
        re[upper] = re[upper]! + tRe;
        im[upper] = im[upper]! + tIm;
      }
    }
  }
}

const COSINES = Float64Array.from({ length: SPAN / 2 }, (_, k) =>
  Math.cos((2 * Math.PI * k) / SPAN),
);
const SINES = Float64Array.from(
  { length: SPAN / 2 },
  (_, k) => -Math.sin((2 * Math.PI * k) / SPAN),
);
const REVERSED = Uint16Array.from({ length: SPAN }, (_, n) => {
  let reversed = 0;
  for (let bit = 1; bit < SPAN; bit *= 2) reversed = reversed * 2 + (n & bit ? 1 : 0);
  return reversed;
});
/** Each signal is half of a sum; a band's power is the share of the mean square that lies in it. */
const POWER_SCALE = 0.25 * (2 / SPAN ** 2) * (8 / 3);

/**
 * The pitch of a voice: the shortest period with which a stretch of sound repeats itself well. It
 * needs no fundamental, which a telephone line (300-3400 Hz) does not carry.
 */
import { WINDOW_SAMPLES } from './window-size.ts';

/** Two windows: the period of the deepest voice fits into them several times. */
const SOUND_SAMPLES = 2 * WINDOW_SAMPLES;
/** At half the rate the search costs a quarter, and no voice's period needs more. */
const RATE_HZ = 4000;
const SAMPLES = SOUND_SAMPLES / 2;
const MIN_HZ = 60;
const MAX_HZ = 400;
const MIN_LAG = RATE_HZ / MAX_HZ;
const MAX_LAG = Math.floor(RATE_HZ / MIN_HZ);
/** What is compared with what lies a period later. */
const COMPARED = SAMPLES - MAX_LAG - 1;
/** A stretch that repeats itself less well than this has no pitch: a fricative, noise. */
const MIN_CORRELATION = 0.55;
/** Two periods repeat as well as one: the first peak that is nearly the best is the pitch. */
const NEARLY_BEST = 0.88;

/** What is kept of one stream between two of its windows: the last one. */
export class PitchTracker {
  readonly #sound = new Int16Array(SOUND_SAMPLES);
  readonly #halved = new Float32Array(SAMPLES);
  readonly #correlations = new Float32Array(MAX_LAG + 2);

  /**
   * @param window 256 samples at 8 kHz, the next of the stream
   * @param voiced whether to look at all: of what is no speech only the sound is kept
   * @returns Hz, of this window and the one before; 0 where there is no pitch
   */
  push(window: Int16Array, voiced: boolean): number {
    this.#sound.copyWithin(0, WINDOW_SAMPLES);
    this.#sound.set(window, WINDOW_SAMPLES);
    if (!voiced) return 0;
    halve(this.#sound, this.#halved);
    correlate(this.#halved, this.#correlations);
    return pitchOf(this.#correlations);
  }
}

/** To half the rate, through a filter that takes away what would fold down into the pitch. */
function halve(sound: Int16Array, halved: Float32Array): void {
  let mean = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const before = sound[Math.max(0, 2 * i - 1)]!;
    halved[i] = (before + 2 * sound[2 * i]! + sound[2 * i + 1]!) / (4 * 32768);
    mean += halved[i]! / SAMPLES;
  }
  for (let i = 0; i < SAMPLES; i++) halved[i]! -= mean;
}

/** How well the sound agrees with itself at each lag, from -1 to 1. */
function correlate(sound: Float32Array, correlations: Float32Array): void {
  const energy = energyFrom(sound, 0);
  let laterEnergy = energyFrom(sound, MIN_LAG - 1);
  for (let lag = MIN_LAG - 1; lag <= MAX_LAG + 1; lag++) {
    let product = 0;
    for (let i = 0; i < COMPARED; i++) product += sound[i]! * sound[i + lag]!;
    const scale = Math.sqrt(energy * Math.max(laterEnergy, 0));
    correlations[lag] = scale > SILENT_ENERGY ? product / scale : 0;
    laterEnergy += sound[lag + COMPARED]! ** 2 - sound[lag]! ** 2;
  }
}

function energyFrom(sound: Float32Array, from: number): number {
  let energy = 0;
  for (let i = from; i < from + COMPARED; i++) energy += sound[i]! ** 2;
  return energy;
}

/** 1e-4 of full scale all along: below any line's noise. */
const SILENT_ENERGY = COMPARED * 1e-8;

function pitchOf(correlations: Float32Array): number {
  let best = MIN_CORRELATION;
  for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
    if (isPeak(correlations, lag)) best = Math.max(best, correlations[lag]!);
  }
  for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
    if (
      !isPeak(correlations, lag) ||
      correlations[lag]! < Math.max(best * NEARLY_BEST, MIN_CORRELATION)
    )
      continue;
    return RATE_HZ / (lag + peakOffset(correlations, lag));
  }
  return 0;
}

function isPeak(correlations: Float32Array, lag: number): boolean {
  const here = correlations[lag]!;
  return here >= correlations[lag - 1]! && here > correlations[lag + 1]!;
}

/** Where between the lags the peak lies: the top of the parabola through three of them. */
function peakOffset(correlations: Float32Array, lag: number): number {
  const [before, here, after] = [
    correlations[lag - 1]!,
    correlations[lag]!,
    correlations[lag + 1]!,
  ];
  const bend = before - 2 * here + after;
  return bend === 0 ? 0 : (before - after) / (2 * bend);
}

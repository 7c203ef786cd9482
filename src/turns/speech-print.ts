/**
 * What a stretch of speech sounds like, coarse enough that the same recording played again has the
 * same print over any line, and fine enough that nothing else has: its loudness in three bands over
 * time. Pure.
 */
import { decodeMulaw } from '../audio/mulaw.ts';

/** Levels in dB, one a frame of 32 ms; three bands of the same length. */
export type SpeechPrint = readonly Float32Array[];

/** Of the first 12 s. */
export function speechPrint(mulaw: Uint8Array): SpeechPrint {
  const samples = decodeMulaw(mulaw.subarray(0, (MOST_FRAMES + 1) * FRAME_SAMPLES));
  const powers = bandPowers(samples);
  return powers.map((band) => {
    // A frame is the sum of two, so that it matters little where the first one begins.
    const levels = Float32Array.from(
      { length: Math.max(0, band.length - 1) },
      (_, i) => 10 * Math.log10(band[i]! + band[i + 1]! + LEAST_POWER),
    );
    const loudest = levels.reduce((most, level) => Math.max(most, level), 0);
    return levels.map((level) => Math.max(level, loudest - DEPTH_DB));
  });
}

/** Other speech stays below 0.7; a recording that comes again, over soft music too, is above this. */
export const SAME_RECORDING = 0.92;

/** How much alike the beginnings of two prints are: 1 the same, 0 nothing in common. */
export function likeness(one: SpeechPrint, other: SpeechPrint): number {
  let best = 0;
  for (let shift = -MOST_SHIFT; shift <= MOST_SHIFT; shift++) {
    best = Math.max(best, likenessAt(one, other, shift));
  }
  return best;
}

/** The longer one may go on: only its beginning is compared, but the shorter one must be long enough. */
function likenessAt(one: SpeechPrint, other: SpeechPrint, shift: number): number {
  const from = Math.max(0, shift);
  const otherFrom = Math.max(0, -shift);
  const length = Math.min(one[0]!.length - from, other[0]!.length - otherFrom);
  if (length < LEAST_FRAMES) return 0;
  let sum = 0;
  for (let band = 0; band < BANDS; band++) {
    sum += correlation(one[band]!, from, other[band]!, otherFrom, length);
  }
  return sum / BANDS;
}

/** Pearson's, in one pass and without a copy: it runs some hundred times for a turn. */
function correlation(
  one: Float32Array,
  from: number,
  other: Float32Array,
  otherFrom: number,
  length: number,
): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const a = one[from + i]!;
    const b = other[otherFrom + i]!;
    sumA += a;
    sumB += b;
    squaresA += a * a;
    squaresB += b * b;
    products += a * b;
  }
  const varianceA = squaresA / length - (sumA / length) ** 2;
  const varianceB = squaresB / length - (sumB / length) ** 2;
  // Steady sounds are all alike.
  if (Math.min(varianceA, varianceB) < LEAST_VARIANCE) return 0;
  const covariance = products / length - (sumA / length) * (sumB / length);
  return covariance / Math.sqrt(varianceA * varianceB);
}

/** Two gentle low-pass filters in a row part the sound: vowels below 550 Hz, above, and hiss. */
function bandPowers(samples: Int16Array): Float64Array[] {
  const frames = Math.floor(samples.length / FRAME_SAMPLES);
  const bands = Array.from({ length: BANDS }, () => new Float64Array(frames));
  let smooth = 0;
  let smoother = 0;
  for (let frame = 0; frame < frames; frame++) {
    let [low, middle, high] = [0, 0, 0];
    for (let i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) {
      const sample = samples[i]!;
      smooth += SMOOTHING * (sample - smooth);
      smoother += SMOOTHING * (smooth - smoother);
      low += smoother * smoother;
      middle += (smooth - smoother) * (smooth - smoother);
      high += (sample - smooth) * (sample - smooth);
    }
    bands[0]![frame] = low;
    bands[1]![frame] = middle;
    bands[2]![frame] = high;
  }
  return bands;
}

const BANDS = 3;
const FRAME_SAMPLES = 256;
const MOST_FRAMES = 375;
/** What is compared: 2.4 s at least. */
const LEAST_FRAMES = 75;
/** An onset is found up to 480 ms earlier or later. */
const MOST_SHIFT = 15;
/** What is quieter than the loudest frame by more is as good as silent: there music may play. */
const DEPTH_DB = 20;
const LEAST_POWER = 1000;
/** In dB squared: speech has 20 and more in every band. */
const LEAST_VARIANCE = 4;
const SMOOTHING = 0.35;

/**
 * Speech as a row of spectral shapes: what is said, with how loud and over which line taken out.
 * Pure, and cheap: about 1 ms for 3 s of telephone sound.
 */
import { SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';

export interface SpectralShape {
  frames: number;
  /** `frames` × BANDS: log band energies, each frame's mean taken out, weighted by loudness. */
  values: Float32Array;
  /** 0 for a frame as quiet as the background, 1 for one well above it. */
  weights: Float32Array;
}

/** One frame every 16 ms, of 32 ms each. */
export const HOP_MS = 16;
export const BANDS = 16;

/** `meanShape`: the average over much speech, which all utterances share and which says nothing. */
export function spectralShape(samples: Int16Array, meanShape?: Float32Array): SpectralShape {
  const frames = Math.max(0, Math.floor((samples.length - WINDOW) / HOP) + 1);
  const values = new Float32Array(frames * BANDS);
  const levels = new Float32Array(frames);
  for (let t = 0; t < frames; t += 2) {
    const second = t + 1 < frames ? t + 1 : t;
    transformTwo(samples, t * HOP, second * HOP);
    levels[t] = shapeInto(values, t, FIRST_POWER);
    if (second !== t) levels[second] = shapeInto(values, second, SECOND_POWER);
  }
  const weights = weightsOf(levels);
  for (let t = 0; t < frames; t++) {
    for (let band = 0; band < BANDS; band++) {
      const i = t * BANDS + band;
      values[i] = (values[i]! - (meanShape?.[band] ?? 0)) * weights[t]!;
    }
  }
  return { frames, values, weights };
}

/** The weighted mean shape of several utterances made without one. */
export function meanShapeOf(shapes: readonly SpectralShape[]): Float32Array {
  const mean = new Float32Array(BANDS);
  let total = 0;
  for (const { frames, values, weights } of shapes) {
    for (let t = 0; t < frames; t++) {
      total += weights[t]!;
      for (let band = 0; band < BANDS; band++) mean[band]! += values[t * BANDS + band]!;
    }
  }
  return total > 0 ? mean.map((sum) => sum / total) : mean;
}

const WINDOW = 256;
const HOP = (HOP_MS * SAMPLE_RATE_HZ) / 1000;
const BINS = WINDOW / 2 + 1;
const LOWEST_HZ = 150;
const HIGHEST_HZ = 3700;
/** Bands weaker than a frame's strongest by more than this (in bels) hold noise, not speech. */
const RANGE_BELS = 3;
/** The mean power of a frame below which a line is silent: about -62 dBFS. */
const SILENCE_BELS = Math.log10(25 ** 2);

const HANN = Float64Array.from({ length: WINDOW }, (_, i) => {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW);
});
const COS = Float64Array.from({ length: WINDOW / 2 }, (_, i) =>
  Math.cos((2 * Math.PI * i) / WINDOW),
);
const SIN = Float64Array.from({ length: WINDOW / 2 }, (_, i) =>
  Math.sin((2 * Math.PI * i) / WINDOW),
);
const REVERSED = Uint16Array.from({ length: WINDOW }, (_, i) => {
  let reversed = 0;
  for (let bit = 1; bit < WINDOW; bit *= 2) reversed = reversed * 2 + (i & bit ? 1 : 0);
  return reversed;
});
const RE = new Float64Array(WINDOW);
const IM = new Float64Array(WINDOW);
const FIRST_POWER = new Float64Array(BINS);
const SECOND_POWER = new Float64Array(BINS);
/** For each bin, its lower mel band and its share in it; the rest goes to the next band. */
const BAND_OF_BIN = Array.from({ length: BINS }, (_, bin) => bandOf(bin));

/** Two real frames in one complex transform: their spectra come apart by symmetry. */
function transformTwo(samples: Int16Array, first: number, second: number): void {
  for (let i = 0; i < WINDOW; i++) {
    const to = REVERSED[i]!;
    RE[to] = samples[first + i]! * HANN[i]!;
    IM[to] = samples[second + i]! * HANN[i]!;
  }
  for (let half = 1; half < WINDOW; half *= 2) {
    const step = WINDOW / (2 * half);
    for (let start = 0; start < WINDOW; start += 2 * half) {
      for (let k = 0; k < half; k++) butterfly(start + k, half, k * step);
    }
  }
  for (let bin = 0; bin < BINS; bin++) {
    const mirror = (WINDOW - bin) % WINDOW;
    const sumRe = RE[bin]! + RE[mirror]!;
    const sumIm = IM[bin]! - IM[mirror]!;
    const differenceRe = RE[bin]! - RE[mirror]!;
    const differenceIm = IM[bin]! + IM[mirror]!;
    FIRST_POWER[bin] = (sumRe * sumRe + sumIm * sumIm) / 4;
    SECOND_POWER[bin] = (differenceRe * differenceRe + differenceIm * differenceIm) / 4;
  }
}

function butterfly(upper: number, half: number, twiddle: number): void {
  const lower = upper + half;
  const cos = COS[twiddle]!;
  const sin = SIN[twiddle]!;
  const re = RE[lower]! * cos + IM[lower]! * sin;
  const im = IM[lower]! * cos - RE[lower]! * sin;
  RE[lower] = RE[upper]! - re;
  IM[lower] = IM[upper]! - im;
  RE[upper]! += re;
  IM[upper]! += im;
}

/** Writes one frame's shape; returns its level in bels (tens of decibels). */
function shapeInto(values: Float32Array, frame: number, power: Float64Array): number {
  const at = frame * BANDS;
  let total = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const { band, share } = BAND_OF_BIN[bin]!;
    if (band < -1) continue;
    total += power[bin]!;
    if (band >= 0) values[at + band]! += power[bin]! * share;
    if (band + 1 < BANDS) values[at + band + 1]! += power[bin]! * (1 - share);
  }
  let strongest = Number.NEGATIVE_INFINITY;
  for (let band = 0; band < BANDS; band++) {
    values[at + band] = Math.log10(values[at + band]! + 1);
    strongest = Math.max(strongest, values[at + band]!);
  }
  let mean = 0;
  for (let band = 0; band < BANDS; band++) {
    values[at + band] = Math.max(values[at + band]!, strongest - RANGE_BELS);
    mean += values[at + band]! / BANDS;
  }
  for (let band = 0; band < BANDS; band++) values[at + band]! -= mean;
  return Math.log10(total / (WINDOW * WINDOW * 0.19) + 1e-9);
}

/** From background (10th percentile) to speech (95th), neither assumed to be there. */
function weightsOf(levels: Float32Array): Float32Array {
  const sorted = levels.slice().sort();
  const loud = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  const quiet = sorted[Math.floor(sorted.length * 0.1)] ?? 0;
  const floor = Math.max(SILENCE_BELS, loud - 3, Math.min(quiet + 0.6, loud - 1.5));
  return levels.map((level) => Math.max(0, Math.min(1, (level - floor) / 1.2)));
}

function bandOf(bin: number): { band: number; share: number } {
  const hz = (bin * SAMPLE_RATE_HZ) / WINDOW;
  if (hz < LOWEST_HZ || hz > HIGHEST_HZ) return { band: -2, share: 0 };
  const [low, high] = [mel(LOWEST_HZ), mel(HIGHEST_HZ)];
  const position = ((mel(hz) - low) / (high - low)) * (BANDS + 1) - 1;
  const band = Math.floor(position);
  return { band, share: 1 - (position - band) };
}

function mel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

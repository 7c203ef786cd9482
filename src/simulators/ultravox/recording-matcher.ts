/**
 * The simulated model's ear: which known recordings are in a piece of sound, where, and how much of
 * their starts and ends is missing. A matched filter on spectral shapes: normalised
 * cross-correlation over all offsets, coarse first, then fine around the best.
 */
import { BYTES_PER_MS, decodeMulaw } from '../../audio/mulaw.ts';
import { BANDS, HOP_MS, meanShapeOf, type SpectralShape, spectralShape } from './spectral-shape.ts';

export interface Recording {
  id: string;
  /** What is said in it. */
  text: string;
  mulaw: Uint8Array;
}

export interface HeardRecording {
  recording: Recording;
  /** Correlation of the parts that overlap, up to 1. */
  similarity: number;
  /** Where the recording begins in the sound; negative when its start was cut. */
  startMs: number;
  /** Missing of the recording's own sound, its leading and trailing silence not counted. */
  cutStartMs: number;
  cutEndMs: number;
}

/** The first recording that was heard, if any, and all of them in order. */
export interface Heard extends Partial<HeardRecording> {
  similarity: number;
  cutStartMs: number;
  cutEndMs: number;
  /** Sound that belongs to no recording. */
  extraMs: number;
  durationMs: number;
  silent: boolean;
  all: readonly HeardRecording[];
}

export class RecordingMatcher {
  readonly #meanShape: Float32Array;
  readonly #templates: readonly Template[];

  constructor(recordings: readonly Recording[]) {
    const samples = recordings.map(({ mulaw }) => decodeMulaw(mulaw));
    this.#meanShape = meanShapeOf(samples.map((each) => spectralShape(each)));
    this.#templates = recordings.map((recording, i) => {
      const fine = trackOf(spectralShape(samples[i]!, this.#meanShape));
      return { recording, fine, coarse: halved(fine) };
    });
  }

  /** Matches 8 kHz sound; gives way to other work every few milliseconds. */
  async match(samples: Int16Array): Promise<Heard> {
    const fine = trackOf(spectralShape(samples, this.#meanShape));
    const durationMs = samples.length / BYTES_PER_MS;
    const found: (HeardRecording & { frames: [number, number] })[] = [];
    while (found.length < MAX_RECORDINGS && activeMs(fine) >= leastMs(found.length)) {
      const best = await this.#best(fine);
      if (!best) break;
      found.push(best);
      silence(fine, best.frames);
    }
    found.sort((a, b) => a.startMs - b.startMs);
    const all = found.map(({ frames: _, ...heard }) => heard);
    const extraMs = activeMs(fine);
    const silent = found.length === 0 && extraMs < SHORTEST_SOUND_MS;
    const none = { similarity: 0, cutStartMs: 0, cutEndMs: 0 };
    return { ...none, ...all[0], extraMs, durationMs, silent, all };
  }

  async #best(heard: Track): Promise<(HeardRecording & { frames: [number, number] }) | undefined> {
    const coarse = halved(heard);
    let best: { template: Template; peak: Peak } | undefined;
    let sliceStartMs = performance.now();
    for (const template of this.#templates) {
      const peak = peakOf(coarse, template.coarse, -template.coarse.frames, coarse.frames);
      if (peak.score > (best?.peak.score ?? 0)) best = { template, peak };
      if (performance.now() - sliceStartMs < SLICE_MS) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceStartMs = performance.now();
    }
    if (!best) return undefined;
    const { template } = best;
    const middle = best.peak.offset * 2;
    const peak = peakOf(heard, template.fine, middle - 3, middle + 4);
    return peak.score < LEAST_SCORE ? undefined : describe(template, peak, heard.frames);
  }
}

interface Track {
  frames: number;
  hopMs: number;
  bands: number;
  /** `frames` × `bands`. */
  values: Float32Array;
  weights: Float32Array;
  /** Running sum of the frames' squared lengths: `energy[t]` is that of the frames before t. */
  energy: Float64Array;
}
interface Template {
  recording: Recording;
  fine: Track;
  coarse: Track;
}
/** `offset`: the frame of the heard sound at which the recording's first frame lies. */
interface Peak {
  offset: number;
  score: number;
  similarity: number;
}

/** At least this share of a recording's energy must overlap: less of it is not recognised. */
const LEAST_OVERLAP = 0.25;
const MAX_RECORDINGS = 4;
const SHORTEST_SOUND_MS = 64;
/** What a match leaves over at its edges is not worth a second search. */
const SHORTEST_REST_MS = 250;
const SLICE_MS = 4;

function leastMs(alreadyFound: number): number {
  return alreadyFound === 0 ? SHORTEST_SOUND_MS : SHORTEST_REST_MS;
}

/** Other speech scores up to 0.45, the same recording in noise, or cut in half, above 0.55. */
const LEAST_SCORE = 0.5;
/** A short overlap is more often alike by chance: half a second must correlate better by 0.24. */
const SHORTNESS_MS = 120;

function peakOf(heard: Track, template: Track, from: number, to: number): Peak {
  const best: Peak = { offset: 0, score: 0, similarity: 0 };
  const whole = template.energy[template.frames]!;
  for (let offset = from; offset < to; offset++) {
    const first = Math.max(0, -offset);
    const end = Math.min(template.frames, heard.frames - offset);
    if (end <= first) continue;
    const templateEnergy = template.energy[end]! - template.energy[first]!;
    const heardEnergy = heard.energy[end + offset]! - heard.energy[first + offset]!;
    if (templateEnergy < LEAST_OVERLAP * whole || heardEnergy <= 0) continue;
    const norm = Math.sqrt(templateEnergy * heardEnergy);
    const similarity = dot(heard, template, offset, first, end) / norm;
    const share = Math.sqrt(templateEnergy / whole);
    const overlapMs = (end - first) * template.hopMs;
    const score = similarity * (0.7 + 0.3 * share) - SHORTNESS_MS / overlapMs;
    if (score > best.score) Object.assign(best, { offset, score, similarity });
  }
  return best;
}

function dot(heard: Track, template: Track, offset: number, first: number, end: number): number {
  const [a, b] = [heard.values, template.values];
  const shift = offset * template.bands;
  let sum = 0;
  for (let i = first * template.bands; i < end * template.bands; i++) sum += a[i + shift]! * b[i]!;
  return sum;
}

function describe(
  { recording, fine }: Template,
  { offset, similarity }: Peak,
  heardFrames: number,
): HeardRecording & { frames: [number, number] } {
  const firstActive = fine.weights.findIndex((weight) => weight > 0);
  const lastActive = fine.weights.findLastIndex((weight) => weight > 0);
  return {
    recording,
    similarity,
    startMs: offset * HOP_MS,
    cutStartMs: Math.max(0, -offset - firstActive) * HOP_MS,
    cutEndMs: Math.max(0, offset + lastActive + 1 - heardFrames) * HOP_MS,
    frames: [Math.max(0, offset), Math.min(heardFrames, offset + fine.frames)],
  };
}

/** What was recognised is taken out, so that the next recording can be looked for. */
function silence(track: Track, [first, end]: [number, number]): void {
  track.values.fill(0, first * BANDS, end * BANDS);
  track.weights.fill(0, first, end);
  track.energy = energyOf(track.values, BANDS);
}

function activeMs(track: Track): number {
  let frames = 0;
  for (const weight of track.weights) if (weight > 0.25) frames++;
  return frames * HOP_MS;
}

function trackOf({ frames, values, weights }: SpectralShape): Track {
  const energy = energyOf(values, BANDS);
  return { frames, hopMs: HOP_MS, bands: BANDS, values, weights, energy };
}

/** Frames and bands averaged in pairs: an eighth of the work, exact to 32 ms. */
function halved(track: Track): Track {
  const frames = track.frames >> 1;
  const bands = BANDS / 2;
  const values = new Float32Array(frames * bands);
  for (let i = 0; i < values.length; i++) {
    const from = 2 * Math.floor(i / bands) * BANDS + 2 * (i % bands);
    const both = track.values[from]! + track.values[from + 1]!;
    values[i] = (both + track.values[from + BANDS]! + track.values[from + BANDS + 1]!) / 4;
  }
  const energy = energyOf(values, bands);
  return { ...track, frames, hopMs: 2 * HOP_MS, bands, values, energy };
}

function energyOf(values: Float32Array, bands: number): Float64Array {
  const frames = values.length / bands;
  const energy = new Float64Array(frames + 1);
  for (let t = 0; t < frames; t++) {
    let sum = 0;
    for (let i = t * bands; i < (t + 1) * bands; i++) sum += values[i]! * values[i]!;
    energy[t + 1] = energy[t]! + sum;
  }
  return energy;
}

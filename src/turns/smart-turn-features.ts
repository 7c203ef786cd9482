/**
 * What smart-turn v3 listens to: the log-mel spectrogram of Whisper, over the last 8 s at 16 kHz. As in
 * `_whisper_features.py` of pipecat: zeros in front of what is shorter, zero mean and unit variance,
 * windows of 25 ms every 10 ms (Hann, mirrored at the edges), 80 mels (Slaney) up to 8 kHz.
 */
export const SMART_TURN_SAMPLES = 128_000;
export const SMART_TURN_MELS = 80;
export const SMART_TURN_FRAMES = 800;

/**
 * @param samples at 16 kHz, of any length and scale
 * @returns 80 rows of 800 frames
 */
export function smartTurnFeatures(samples: Float32Array): Float32Array<ArrayBuffer> {
  const sound = normalised(lastPart(samples));
  const features = new Float32Array(SMART_TURN_MELS * SMART_TURN_FRAMES);
  let loudest = -Infinity;
  // Two frames are transformed in one go: the second as the imaginary part of the first.
  for (let frame = 0; frame < SMART_TURN_FRAMES; frame += 2) {
    const powers = powersOf(sound, frame);
    for (const [i, power] of powers.entries()) {
      for (let mel = 0; mel < SMART_TURN_MELS; mel++) {
        const value = Math.log10(Math.max(1e-10, energyOf(power, mel)));
        features[mel * SMART_TURN_FRAMES + frame + i] = value;
        loudest = Math.max(loudest, value);
      }
    }
  }
  for (let i = 0; i < features.length; i++) {
    features[i] = (Math.max(features[i]!, loudest - 8) + 4) / 4;
  }
  return features;
}

const RATE_HZ = 16_000;
const WINDOW = 400;
const HOP = 160;
const BINS = WINDOW / 2 + 1;
/** 400 points as 20 times 20. */
const SIDE = 20;

function lastPart(samples: Float32Array): Float32Array {
  const sound = new Float32Array(SMART_TURN_SAMPLES);
  const part = samples.subarray(Math.max(0, samples.length - SMART_TURN_SAMPLES));
  sound.set(part, SMART_TURN_SAMPLES - part.length);
  return sound;
}

function normalised(sound: Float32Array): Float32Array {
  let mean = 0;
  for (const sample of sound) mean += sample / sound.length;
  let variance = 0;
  for (const sample of sound) variance += (sample - mean) ** 2 / sound.length;
  const scale = 1 / Math.sqrt(variance + 1e-7);
  return sound.map((sample) => (sample - mean) * scale);
}

const hann = Float64Array.from({ length: WINDOW }, (_, i) => {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW);
});
const cosines = Float64Array.from({ length: WINDOW }, (_, i) =>
  Math.cos((2 * Math.PI * i) / WINDOW),
);
const sines = Float64Array.from(
  { length: WINDOW },
  (_, i) => -Math.sin((2 * Math.PI * i) / WINDOW),
);

const real = new Float64Array(WINDOW);
const imaginary = new Float64Array(WINDOW);
const partReal = new Float64Array(WINDOW);
const partImaginary = new Float64Array(WINDOW);

/** Of two frames that follow each other. */
function powersOf(sound: Float32Array, frame: number): [Float64Array, Float64Array] {
  for (let i = 0; i < WINDOW; i++) {
    real[i] = sampleAt(sound, frame * HOP + i - WINDOW / 2) * hann[i]!;
    imaginary[i] = sampleAt(sound, (frame + 1) * HOP + i - WINDOW / 2) * hann[i]!;
  }
  transform();
  const powers: [Float64Array, Float64Array] = [new Float64Array(BINS), new Float64Array(BINS)];
  for (let bin = 0; bin < BINS; bin++) {
    const mirrored = (WINDOW - bin) % WINDOW;
    const [a, b, c, d] = [real[bin]!, imaginary[bin]!, real[mirrored]!, imaginary[mirrored]!];
    powers[0][bin] = ((a + c) ** 2 + (b - d) ** 2) / 4;
    powers[1][bin] = ((b + d) ** 2 + (c - a) ** 2) / 4;
  }
  return powers;
}

/** Mirrored at both ends, the outermost sample once. */
function sampleAt(sound: Float32Array, at: number): number {
  const inside = at < 0 ? -at : at;
  return sound[inside < sound.length ? inside : 2 * (sound.length - 1) - inside]!;
}

/** In place: rows of 20 points, turned, then columns of 20 (Cooley and Tukey). */
function transform(): void {
  for (let column = 0; column < SIDE; column++) {
    for (let k = 0; k < SIDE; k++) {
      const [re, im] = sumOver(real, imaginary, column, SIDE, k);
      const turn = column * k;
      partReal[column * SIDE + k] = re * cosines[turn]! - im * sines[turn]!;
      partImaginary[column * SIDE + k] = re * sines[turn]! + im * cosines[turn]!;
    }
  }
  for (let k = 0; k < SIDE; k++) {
    for (let high = 0; high < SIDE; high++) {
      const [re, im] = sumOver(partReal, partImaginary, k, SIDE, high);
      real[k + SIDE * high] = re;
      imaginary[k + SIDE * high] = im;
    }
  }
}

const sum: [number, number] = [0, 0];

/** Bin k of the 20 points from `first` in steps of `step`. */
function sumOver(re: Float64Array, im: Float64Array, first: number, step: number, k: number) {
  let [sumRe, sumIm] = [0, 0];
  for (let n = 0; n < SIDE; n++) {
    const turn = ((n * k) % SIDE) * SIDE;
    const [a, b] = [re[first + n * step]!, im[first + n * step]!];
    sumRe += a * cosines[turn]! - b * sines[turn]!;
    sumIm += a * sines[turn]! + b * cosines[turn]!;
  }
  sum[0] = sumRe;
  sum[1] = sumIm;
  return sum;
}

interface MelFilter {
  firstBin: number;
  weights: Float64Array;
}

const filters: MelFilter[] = melFilters();

function energyOf(power: Float64Array, mel: number): number {
  const { firstBin, weights } = filters[mel]!;
  let energy = 0;
  for (let i = 0; i < weights.length; i++) energy += power[firstBin + i]! * weights[i]!;
  return energy;
}

/** Triangles that are even on the mel scale, each of the area 1 over its hertz. */
function melFilters(): MelFilter[] {
  const top = melOf(RATE_HZ / 2);
  const edges = Array.from({ length: SMART_TURN_MELS + 2 }, (_, i) =>
    hertzOf((top * i) / (SMART_TURN_MELS + 1)),
  );
  return Array.from({ length: SMART_TURN_MELS }, (_, mel) => {
    const [low, middle, high] = [edges[mel]!, edges[mel + 1]!, edges[mel + 2]!];
    const all = Array.from({ length: BINS }, (_, bin) => {
      const hz = (bin * RATE_HZ) / WINDOW;
      const side = Math.min((hz - low) / (middle - low), (high - hz) / (high - middle));
      return (Math.max(0, side) * 2) / (high - low);
    });
    const firstBin = Math.max(
      0,
      all.findIndex((weight) => weight > 0),
    );
    const lastBin = all.findLastIndex((weight) => weight > 0);
    return { firstBin, weights: Float64Array.from(all.slice(firstBin, lastBin + 1)) };
  });
}

/** Slaney's scale: even up to 1 kHz, then 27 steps for each factor of 6.4. */
function melOf(hz: number): number {
  return hz < 1000 ? (3 * hz) / 200 : 15 + (27 * Math.log(hz / 1000)) / Math.log(6.4);
}

function hertzOf(mel: number): number {
  return mel < 15 ? (200 * mel) / 3 : 1000 * 6.4 ** ((mel - 15) / 27);
}

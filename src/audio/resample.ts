/** Sample-rate conversion for recordings on their way to and from the telephone's 8 kHz. */

/**
 * Resamples 16-bit mono audio with a windowed sinc (Blackman, 16 zero crossings a side): stop band
 * below -70 dB, so that nothing above 4 kHz folds into the telephone's band.
 * @throws RangeError for a rate that isn't a whole number above 0
 */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (!isRate(fromHz) || !isRate(toHz)) {
    throw new RangeError(`expected whole sample rates above 0 Hz, got ${fromHz} and ${toHz}`);
  }
  if (fromHz === toHz) return samples.slice();
  const output = new Int16Array(Math.round((samples.length * toHz) / fromHz));
  const phases = toHz / greatestDivisor(fromHz, toHz);
  const kernels: Kernel[] = [];
  for (let i = 0; i < output.length; i++) {
    const centre = (i * fromHz) / toHz;
    // The output's samples lie at so many different places between two of the input's, in turn.
    kernels[i % phases] ??= kernelOf(centre % 1, toHz / fromHz);
    output[i] = sampleAt(samples, Math.floor(centre), kernels[i % phases]!);
  }
  return output;
}

const ZERO_CROSSINGS = 16;
/** Leaves room for the filter's slope below the lower of the two Nyquist frequencies. */
const PASS_BAND = 0.92;

interface Kernel {
  /** Where it begins, in samples of the input from the one before its centre. */
  first: number;
  weights: Float64Array;
}

/**
 * @param fraction of a sample of the input by which the centre lies behind the one before it
 * @param ratio of the rates, output to input
 */
function kernelOf(fraction: number, ratio: number): Kernel {
  const cutoff = Math.min(1, ratio) * PASS_BAND;
  const halfWidth = ZERO_CROSSINGS / cutoff;
  const first = Math.ceil(fraction - halfWidth);
  const last = Math.floor(fraction + halfWidth);
  const weights = Float64Array.from({ length: last - first + 1 }, (_, i) => {
    const distance = first + i - fraction;
    return sinc(distance * cutoff) * cutoff * blackman(distance / halfWidth);
  });
  return { first, weights };
}

function sampleAt(samples: Int16Array, centre: number, { first, weights }: Kernel): number {
  const start = centre + first;
  const from = Math.max(0, -start);
  const to = Math.min(weights.length, samples.length - start);
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[start + i]! * weights[i]!;
  return Math.max(-32768, Math.min(32767, Math.round(sum)));
}

function sinc(x: number): number {
  if (Math.abs(x) < 1e-9) return 1;
  return Math.sin(Math.PI * x) / (Math.PI * x);
}

/** x from -1 to 1 across the window. */
function blackman(x: number): number {
  return 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function isRate(hz: number): boolean {
  return Number.isInteger(hz) && hz > 0;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

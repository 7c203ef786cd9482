/** Sample-rate conversion for recordings on their way to and from the telephone's 8 kHz. */

/**
 * Resamples 16-bit mono audio with a windowed sinc (Blackman, 16 zero crossings a side): stop band
 * below -70 dB, so that nothing above 4 kHz folds into the telephone's band.
 */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (!(fromHz > 0 && toHz > 0)) {
    throw new RangeError(`expected sample rates above 0 Hz, got ${fromHz} and ${toHz}`);
  }
  if (fromHz === toHz) return samples.slice();
  const output = new Int16Array(Math.round((samples.length * toHz) / fromHz));
  const cutoff = Math.min(1, toHz / fromHz) * PASS_BAND;
  const halfWidth = ZERO_CROSSINGS / cutoff;
  for (let i = 0; i < output.length; i++) {
    output[i] = sampleAt(samples, (i * fromHz) / toHz, cutoff, halfWidth);
  }
  return output;
}

const ZERO_CROSSINGS = 16;
/** Leaves room for the filter's slope below the lower of the two Nyquist frequencies. */
const PASS_BAND = 0.92;

function sampleAt(samples: Int16Array, centre: number, cutoff: number, halfWidth: number): number {
  const first = Math.max(0, Math.ceil(centre - halfWidth));
  const last = Math.min(samples.length - 1, Math.floor(centre + halfWidth));
  let sum = 0;
  for (let i = first; i <= last; i++) {
    const distance = i - centre;
    sum += samples[i]! * sinc(distance * cutoff) * cutoff * blackman(distance / halfWidth);
  }
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

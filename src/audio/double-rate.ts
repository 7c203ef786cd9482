/**
 * 8 kHz to 16 kHz, scaled to -1..1, for models that want it. Every second sample is there already; the ones between
 * come from a half-band filter (windowed sinc, Blackman, 16 taps a side).
 */
export function doubleRate(samples: Int16Array): Float32Array<ArrayBuffer> {
  const output = new Float32Array(2 * samples.length);
  for (let i = 0; i < samples.length; i++) {
    output[2 * i] = samples[i]! / FULL_SCALE;
    let between = 0;
    const first = Math.max(0, i - TAPS_A_SIDE + 1);
    const last = Math.min(samples.length - 1, i + TAPS_A_SIDE);
    for (let at = first; at <= last; at++)
      between += samples[at]! * TAPS[at - i + TAPS_A_SIDE - 1]!;
    output[2 * i + 1] = between / FULL_SCALE;
  }
  return output;
}

const TAPS_A_SIDE = 16;
const FULL_SCALE = 32_768;

/** For the samples from 15 before to 16 after; the wanted one is half a step after the middle. */
const TAPS = Float64Array.from({ length: 2 * TAPS_A_SIDE }, (_, i) => {
  const x = i - TAPS_A_SIDE + 0.5;
  const angle = (Math.PI * x) / TAPS_A_SIDE;
  const window = 0.42 + 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
  return (window * Math.sin(Math.PI * x)) / (Math.PI * x);
});

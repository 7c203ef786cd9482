/** About -46 dB of full scale: below it a telephone line is silent. */
const AUDIBLE = 160;

/**
 * Where the sound in a recording begins and ends: sample positions, the end exclusive. A recording
 * without any sound gives [0, 0].
 */
export function soundBounds(samples: Int16Array): [start: number, end: number] {
  const audible = (sample: number) => Math.abs(sample) > AUDIBLE;
  const start = samples.findIndex(audible);
  return start < 0 ? [0, 0] : [start, samples.findLastIndex(audible) + 1];
}

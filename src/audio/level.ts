/** The level of a mean square of 16-bit samples, in dBFS; digital silence is -96, about their least step. */
export function levelDb(meanSquare: number): number {
  const rms = Math.sqrt(meanSquare) / 32_768;
  return Math.max(SILENCE_DB, 20 * Math.log10(rms));
}

export const SILENCE_DB = -96;

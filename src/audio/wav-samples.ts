/** The encodings that a WAV file's data may have, and how each becomes 16-bit samples. */
import { decodeAlaw } from './alaw.ts';
import { decodeMulaw } from './mulaw.ts';

export const WAV_PCM = 1;
export const WAV_FLOAT = 3;
export const WAV_ALAW = 6;
export const WAV_MULAW = 7;

/** For error messages. */
export const READABLE_ENCODINGS =
  'PCM of 8, 16, 24 or 32 bits, 32-bit float, 8-bit A-law or mu-law';

/** How to read data of this encoding and width; undefined when it is not readable. */
export function samplesReader(
  encoding: number,
  bits: number,
): ((data: Uint8Array) => Int16Array) | undefined {
  if (encoding === WAV_MULAW && bits === 8) return decodeMulaw;
  if (encoding === WAV_ALAW && bits === 8) return decodeAlaw;
  const sampleAt = SAMPLE_AT[`${encoding}/${bits}`];
  if (!sampleAt) return undefined;
  const sampleBytes = bits / 8;
  return (data) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const length = Math.floor(data.length / sampleBytes);
    return Int16Array.from({ length }, (_, i) => sampleAt(view, i * sampleBytes));
  };
}

const SAMPLE_AT: Record<string, (view: DataView, at: number) => number> = {
  // Eight bits are unsigned, all wider ones signed.
  [`${WAV_PCM}/8`]: (view, at) => (view.getUint8(at) - 128) << 8,
  [`${WAV_PCM}/16`]: (view, at) => view.getInt16(at, true),
  [`${WAV_PCM}/24`]: (view, at) => view.getInt16(at + 1, true),
  [`${WAV_PCM}/32`]: (view, at) => view.getInt16(at + 2, true),
  [`${WAV_FLOAT}/32`]: (view, at) => clip(view.getFloat32(at, true) * 32768),
};

function clip(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value)));
}

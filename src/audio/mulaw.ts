/**
 * G.711 mu-law, the telephone's own encoding: 8 bits a sample, 8,000 samples a second.
 * Both directions are table look-ups, equal to ITU-T G.711 for every input.
 */

/** Telephone sample rate. Every mu-law byte in this project is one sample at this rate. */
export const SAMPLE_RATE_HZ = 8000;

/** Mu-law bytes in one millisecond. */
export const BYTES_PER_MS = SAMPLE_RATE_HZ / 1000;

/** The mu-law byte of a zero sample. */
export const MULAW_SILENCE = 0xff;

/**
 * Mu-law bytes to 16-bit samples.
 * @param into takes the samples in place of a new array; as long as `bytes`
 */
export function decodeMulaw(bytes: Uint8Array, into?: Int16Array): Int16Array {
  const samples = into ?? new Int16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) samples[i] = SAMPLE_OF_BYTE[bytes[i]!]!;
  return samples;
}

/** 16-bit samples to mu-law bytes. Amplitudes above 32,635 are clipped, as G.711 asks. */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) bytes[i] = BYTE_OF_SAMPLE[samples[i]! & 0xffff]!;
  return bytes;
}

/** G.711 adds this to every magnitude, so that the eight segments have a common shape. */
const BIAS = 0x84;
const CLIP = 32635;

const SAMPLE_OF_BYTE = Int16Array.from({ length: 256 }, (_, byte) => sampleOf(byte));
const BYTE_OF_SAMPLE = Uint8Array.from({ length: 65536 }, (_, word) => byteOf((word << 16) >> 16));

function sampleOf(byte: number): number {
  const inverted = ~byte & 0xff;
  const exponent = (inverted >> 4) & 0x07;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << exponent;
  return inverted & 0x80 ? BIAS - magnitude : magnitude - BIAS;
}

function byteOf(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

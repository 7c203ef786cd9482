/** G.711 A-law, the mu-law of most of the world outside North America and Japan. Read only. */

/** A-law bytes to 16-bit samples, equal to ITU-T G.711 for every byte. */
export function decodeAlaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => SAMPLE_OF_BYTE[byte]!);
}

const SAMPLE_OF_BYTE = Int16Array.from({ length: 256 }, (_, byte) => sampleOf(byte));

function sampleOf(byte: number): number {
  // Every second bit is inverted on the line, so that silence is not a row of zeros.
  const plain = byte ^ 0x55;
  const exponent = (plain >> 4) & 0x07;
  const mantissa = ((plain & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return plain & 0x80 ? magnitude : -magnitude;
}

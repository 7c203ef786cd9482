import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeAlaw } from '../src/audio/alaw.ts';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../src/audio/mulaw.ts';

describe('mu-law', () => {
  it('decodes every byte as the table of G.711 says', () => {
    const decoded = decodeMulaw(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    for (let byte = 0; byte < 256; byte++) assert.equal(decoded[byte], tableValue(byte), `${byte}`);
  });

  it('knows the published corner values', () => {
    const bytes = Uint8Array.of(0x00, 0x80, 0x7f, 0xff, 0x01, 0xfe);
    assert.deepEqual([...decodeMulaw(bytes)], [-32124, 32124, 0, 0, -31100, 8]);
  });

  it('encodes each of the 65,536 samples as the segment search of G.711 does', () => {
    const samples = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
    const encoded = encodeMulaw(samples);
    for (let i = 0; i < samples.length; i++) {
      const expected = searchedByte(samples[i]!);
      if (encoded[i] !== expected) assert.fail(`${samples[i]}: ${encoded[i]}, not ${expected}`);
    }
  });

  it('gives back every byte that it has decoded, except the second zero', () => {
    for (let byte = 0; byte < 256; byte++) {
      const back = encodeMulaw(decodeMulaw(Uint8Array.of(byte)))[0];
      assert.equal(back, byte === 0x7f ? 0xff : byte);
    }
  });

  it('encodes silence as the silence byte', () => {
    assert.deepEqual([...encodeMulaw(new Int16Array(3))], Array(3).fill(MULAW_SILENCE));
  });
});

describe('A-law', () => {
  it('decodes the published corner values', () => {
    const bytes = Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a, 0x80, 0x00);
    assert.deepEqual([...decodeAlaw(bytes)], [8, -8, 32256, -32256, 5504, -5504]);
  });

  it('is odd: the sign bit alone turns a value into its negative', () => {
    for (let byte = 0; byte < 128; byte++) {
      const [negative, positive] = decodeAlaw(Uint8Array.of(byte, byte | 0x80));
      assert.equal(negative, -positive!);
      assert.ok(positive! > 0);
    }
  });
});

/** G.711 by its definition: segment start 33 * 2^e - 33, step 2^(e+1), in 14-bit values. */
function tableValue(byte: number): number {
  const code = 255 - byte;
  const segment = Math.floor((code % 128) / 16);
  const step = code % 16;
  const magnitude = 4 * (2 ** segment * (2 * step + 33) - 33);
  return code >= 128 ? (magnitude === 0 ? 0 : -magnitude) : magnitude;
}

/** The segment search of the reference implementation (Sun's g711.c), on 16-bit samples. */
function searchedByte(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  let segment = 0;
  while (segment < 7 && magnitude >= 0x100 << segment) segment++;
  const step = Math.floor(magnitude / 2 ** (segment + 3)) % 16;
  return 255 - ((sample < 0 ? 128 : 0) + segment * 16 + step);
}

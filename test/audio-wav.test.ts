import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeMulaw } from '../src/audio/mulaw.ts';
import { mulawWav, readWav, WavError, writeWav } from '../src/audio/wav.ts';

const samples = Int16Array.of(0, 1, -1, 1000, -1000, 32767, -32768, 256);

describe('WAV files', () => {
  it('reads back what it has written, for any channels and rate', () => {
    const anySamples = fc.int16Array({ maxLength: 64 });
    fc.assert(
      fc.property(anySamples, fc.constantFrom(1, 2), fc.constantFrom(8000, 44100), (some, c, r) => {
        const wav = { samples: some, channels: c, sampleRateHz: r };
        assert.deepEqual(readWav(writeWav(wav)), wav);
      }),
    );
  });

  it('wraps mu-law bytes unchanged, and reads them as 16-bit samples', () => {
    const mulaw = encodeMulaw(Int16Array.of(0, 8, -8, 32124));
    const file = mulawWav(mulaw);
    assert.deepEqual(file.subarray(44), mulaw);
    assert.deepEqual([...readWav(file).samples], [0, 8, -8, 32124]);
  });

  it('reads a view into a larger buffer', () => {
    const file = writeWav({ samples, channels: 1, sampleRateHz: 8000 });
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 5);
    assert.deepEqual(readWav(larger.subarray(5, 5 + file.length)).samples, samples);
  });

  it('reads PCM of 8, 24 and 32 bits, float and A-law', () => {
    const cases: [string, number, number, number[], number[]][] = [
      ['8-bit PCM', 1, 8, [0, 128, 255], [-32768, 0, 32512]],
      ['24-bit PCM', 1, 24, [0xff, 0x01, 0x00, 0x00, 0x00, 0x80], [1, -32768]],
      ['32-bit PCM', 1, 32, [0, 0, 0xff, 0x7f, 0, 0, 0xff, 0xff], [32767, -1]],
      [
        'float',
        3,
        32,
        [...floatBytes(0.5), ...floatBytes(2), ...floatBytes(-1)],
        [16384, 32767, -32768],
      ],
      ['A-law', 6, 8, [0xd5, 0x2a], [8, -32256]],
    ];
    for (const [name, encoding, bits, data, expected] of cases) {
      assert.deepEqual([...readWav(fileOf(encoding, bits, data)).samples], expected, name);
    }
  });

  it('finds the data behind chunks that it does not know, with their padding', () => {
    const plain = writeWav({ samples, channels: 1, sampleRateHz: 8000 });
    const list = [...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0];
    const file = Uint8Array.from([...plain.subarray(0, 12), ...list, ...plain.subarray(12)]);
    assert.deepEqual(readWav(file).samples, samples);
  });

  it('takes all that is there when a streaming writer left the length open', () => {
    for (const length of [0, 0xffffffff]) {
      const file = writeWav({ samples, channels: 1, sampleRateHz: 8000 });
      new DataView(file.buffer).setUint32(40, length, true);
      assert.deepEqual(readWav(file).samples, samples);
    }
  });

  it('says what was expected and what came', () => {
    const empty = new Uint8Array();
    assert.throws(() => readWav(empty), { name: 'WavError', message: /an empty file/ });
    assert.throws(
      () => readWav(Buffer.from('ID3 not a wav file')),
      /expected a RIFF\/WAVE file, got 18 bytes/,
    );
    assert.throws(() => readWav(fileOf(85, 16, [])), /got encoding 85 with 16 bits/);
    const file = writeWav({ samples, channels: 1, sampleRateHz: 8000 });
    assert.throws(() => readWav(file.subarray(0, 36)), /expected a "data" chunk, found none/);
  });

  it('never fails otherwise than with its own error, whatever the bytes', () => {
    const file = writeWav({ samples, channels: 1, sampleRateHz: 8000 });
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(file.length), (changes, length) => {
        const damaged = file.slice(0, length);
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        try {
          readWav(damaged);
        } catch (error) {
          assert.ok(error instanceof WavError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

function floatBytes(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

function fileOf(encoding: number, bits: number, data: number[]): Uint8Array {
  const file = new Uint8Array(44 + data.length);
  file.set(mulawWav(Uint8Array.from(data)));
  const view = new DataView(file.buffer);
  view.setUint16(20, encoding, true);
  view.setUint16(34, bits, true);
  return file;
}

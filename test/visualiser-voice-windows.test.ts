import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packWindows, unpackWindows as unpackedByServer } from '../src/turns/packed-windows.ts';
import {
  envelope,
  placeWindows,
  unpackWindows,
  voicedSpans,
  WINDOW_MS,
} from '../src/visualiser/page/voice-windows.ts';

const SILENCE = { probability: 0, levelDb: -90, pitchHz: 0, echo: 0 };
const VOICE = { probability: 0.9, levelDb: -20, pitchHz: 120, echo: 0 };

function packed(...kinds: (typeof VOICE)[]): string {
  return packWindows(kinds.map((kind) => ({ ...kind, endMs: 0 })));
}

test('the page reads packed windows as the server does', () => {
  const window = fc.record({
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    levelDb: fc.double({ min: -140, max: 10, noNaN: true }),
    pitchHz: fc.double({ min: 0, max: 600, noNaN: true }),
    echo: fc.double({ min: 0, max: 1, noNaN: true }),
    endMs: fc.constant(0),
  });
  fc.assert(
    fc.property(fc.array(window, { maxLength: 200 }), fc.nat(1_000_000), (windows, endMs) => {
      const text = packWindows(windows);
      assertReadAlike(text, endMs);
      // As records have them that are older than pitch and echo.
      const pairs = Buffer.from(windows.flatMap((_, i) => [i % 201, (7 * i) % 256]));
      assertReadAlike(pairs.toString('base64'), endMs);
    }),
  );
});

function assertReadAlike(text: string, endMs: number): void {
  const drawn = unpackedByServer(text, endMs).map(({ endMs: end, probability, levelDb }) => {
    return { endMs: end, probability, levelDb };
  });
  assert.deepEqual(unpackWindows(text, endMs), drawn);
}

test('half a window is refused', () => {
  assert.throws(
    () => unpackWindows(`4:${btoa('abc')}`, 0),
    /expected 4 bytes a window, got 3 bytes/,
  );
  assert.throws(() => unpackWindows(btoa('abc'), 0), /expected 2 bytes a window, got 3 bytes/);
});

test('windows are placed by the earliest of neighbouring rows, since rows are written late', () => {
  const rows = [
    { atMs: 1064, endMs: 64, windows: packed(SILENCE, VOICE) },
    { atMs: 1200, endMs: 128, windows: packed(VOICE, VOICE) },
  ];
  const { windows, originMs } = placeWindows(rows);
  assert.equal(originMs, 1000);
  assert.deepEqual(
    windows.map(({ endMs }) => endMs),
    [1032, 1064, 1096, 1128],
  );
});

test('a stream that begins again has an origin of its own', () => {
  const rows = [
    { atMs: 64, endMs: 64, windows: packed(VOICE, VOICE) },
    { atMs: 10_032, endMs: 32, windows: packed(VOICE) },
  ];
  const { windows, originMs } = placeWindows(rows);
  assert.equal(originMs, 0);
  assert.equal(windows.at(-1)?.endMs, 10_032);
});

test('a row that cannot be read is left out, and the others stay', () => {
  const rows = [
    { atMs: 32, endMs: 32, windows: '*' },
    { atMs: 64, endMs: 64, windows: packed(VOICE) },
  ];
  assert.deepEqual(
    placeWindows(rows).windows.map(({ endMs }) => endMs),
    [64],
  );
  assert.deepEqual(placeWindows([]), { windows: [], originMs: undefined });
});

test('voice is told in stretches, and a short pause is part of one', () => {
  const short = [VOICE, VOICE, SILENCE, VOICE];
  const long = [...new Array(8).fill(SILENCE), VOICE];
  const windows = unpackWindows(packed(...short, ...long), (short.length + long.length) * 32);
  assert.deepEqual(voicedSpans(windows), [
    { fromMs: 0, toMs: 4 * WINDOW_MS },
    { fromMs: 12 * WINDOW_MS, toMs: 13 * WINDOW_MS },
  ]);
});

test('each column of the envelope has the loudest window in it, and is empty without one', () => {
  const windows = unpackWindows(packed(SILENCE, VOICE, SILENCE, SILENCE), 4 * WINDOW_MS);
  const columns = envelope(windows, { fromMs: 0, toMs: 6 * WINDOW_MS }, 3);
  assert.equal(columns[0]?.isVoiced, true);
  assert.ok((columns[0]?.level ?? 0) > 0.8);
  assert.deepEqual(columns[1], { level: 0, isVoiced: false });
  assert.equal(columns[2], undefined);
});

test('the envelope never reaches out of its columns, wherever one looks', () => {
  const windows = unpackWindows(packed(...new Array(50).fill(VOICE)), 50 * WINDOW_MS);
  fc.assert(
    fc.property(fc.nat(3000), fc.integer({ min: 1, max: 3000 }), fc.nat(400), (from, length, n) => {
      const columns = envelope(windows, { fromMs: from, toMs: from + length }, n + 1);
      assert.equal(columns.length, n + 1);
      const seen = columns.some(Boolean);
      assert.equal(seen, from < 50 * WINDOW_MS);
    }),
  );
});

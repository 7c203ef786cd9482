import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packWindows, roundWindow, unpackWindows } from '../src/turns/packed-windows.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyLevel = fc.record({
  probability: share,
  levelDb: fc.double({ min: -96, max: 0, noNaN: true }),
  pitchHz: fc.oneof(fc.constant(0), fc.double({ min: 60, max: 400, noNaN: true })),
  echo: share,
});

test('windows come back from the records exactly as the ears judged them', () => {
  fc.assert(
    fc.property(fc.array(anyLevel, { maxLength: 200 }), (heard) => {
      const judged = heard.map((each, i) => roundWindow({ endMs: (i + 1) * 32, ...each }));
      assert.deepEqual(unpackWindows(packWindows(judged), judged.length * 32), judged);
    }),
  );
});

test('rounding moves a window by less than anybody can hear', () => {
  fc.assert(
    fc.property(anyLevel, (heard) => {
      const rounded = roundWindow({ endMs: 32, ...heard });
      assert.ok(Math.abs(rounded.probability - heard.probability) <= 0.0025 + 1e-9);
      assert.ok(Math.abs(rounded.levelDb - heard.levelDb) <= 0.25 + 1e-9);
      assert.ok(Math.abs(rounded.pitchHz - heard.pitchHz) <= 1);
      assert.ok(Math.abs(rounded.echo - heard.echo) <= 0.0025 + 1e-9);
    }),
  );
});

test('every threshold of the policy is a whole step, so that rounding crosses none of them', () => {
  const { modes, edges } = TURN_THRESHOLDS;
  const thresholds = Object.values(modes).flatMap((m) => [m.onProbability, m.offProbability]);
  for (const each of [...thresholds, edges.riseProbability]) {
    const window = roundWindow({ endMs: 32, probability: each, levelDb: 0, pitchHz: 0, echo: 0 });
    assert.equal(window.probability, each);
  }
});

test('records of two bytes a window are still read: they know neither pitch nor echo', () => {
  const [voice, silence] = [
    { probability: 0.95, levelDb: -20.5, pitchHz: 0, echo: 0 },
    { probability: 0.01, levelDb: -70, pitchHz: 0, echo: 0 },
  ];
  const packed = Buffer.from([190, 41, 2, 140]).toString('base64');
  assert.deepEqual(unpackWindows(packed, 640), [
    { endMs: 608, ...voice },
    { endMs: 640, ...silence },
  ]);
  assert.deepEqual(unpackWindows('', 0), []);
});

test('text that is no list of windows is told apart from one', () => {
  for (const text of ['AAA', '!?', 'AAAA', '4:AAA=', '4:AAAAAAA=', '4:?', '3:AAAA']) {
    assert.throws(() => unpackWindows(text, 32), RangeError, text);
  }
});

test('of what was lost, and of a repeated recording, the kind is kept and no probability', () => {
  for (const kind of ['lost', 'recorded'] as const) {
    const heard = { endMs: 32, probability: 0.05, levelDb: -40, pitchHz: 0, echo: 0.5, kind };
    const judged = roundWindow(heard);
    assert.deepEqual(judged, { ...heard, probability: 0 });
    assert.deepEqual(unpackWindows(packWindows([judged]), 32), [judged]);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packWindows, roundWindow, unpackWindows } from '../src/turns/packed-windows.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';

const probability = fc.double({ min: 0, max: 1, noNaN: true });
const levelDb = fc.double({ min: -96, max: 0, noNaN: true });
const levels = fc.array(fc.record({ probability, levelDb }), { maxLength: 200 });

test('windows come back from the records exactly as the ears judged them', () => {
  fc.assert(
    fc.property(levels, (heard) => {
      const judged = heard.map((each, i) => roundWindow({ endMs: (i + 1) * 32, ...each }));
      assert.deepEqual(unpackWindows(packWindows(judged), judged.length * 32), judged);
    }),
  );
});

test('rounding moves a window by less than anybody can hear', () => {
  fc.assert(
    fc.property(probability, levelDb, (chance, level) => {
      const rounded = roundWindow({ endMs: 32, probability: chance, levelDb: level });
      assert.ok(Math.abs(rounded.probability - chance) <= 0.0025 + 1e-9);
      assert.ok(Math.abs(rounded.levelDb - level) <= 0.25 + 1e-9);
    }),
  );
});

test('every threshold of the policy is a whole step, so that rounding crosses none of them', () => {
  const { modes, edges } = TURN_THRESHOLDS;
  const thresholds = Object.values(modes).flatMap((m) => [m.onProbability, m.offProbability]);
  for (const each of [...thresholds, edges.riseProbability]) {
    const window = roundWindow({ endMs: 32, probability: each, levelDb: 0 });
    assert.equal(window.probability, each);
  }
});

test('text that is no list of windows is told apart from one', () => {
  assert.throws(() => unpackWindows('AAA', 32), RangeError);
  assert.throws(() => unpackWindows('!?', 32), RangeError);
});

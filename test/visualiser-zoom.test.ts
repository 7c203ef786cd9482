import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  axisTicks,
  fit,
  focusedOn,
  including,
  moved,
  zoomed,
} from '../src/visualiser/page/zoom.ts';

const END_MS = 60_000;

test('however one zooms and moves, what is in view is of the call, and is not nothing', () => {
  const step = fc.oneof(
    fc.record({
      factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
      aroundMs: fc.integer({ min: -1000, max: 61_000 }),
    }),
    fc.record({ byMs: fc.integer({ min: -100_000, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let range = fit(END_MS);
      for (const taken of steps) {
        range =
          'byMs' in taken
            ? moved(range, taken.byMs, END_MS)
            : zoomed(range, taken.factor, taken.aroundMs, END_MS);
        assert.ok(range.fromMs >= 0 && range.toMs <= END_MS + 1e-6, JSON.stringify(range));
        assert.ok(range.toMs - range.fromMs >= 200 - 1e-6, JSON.stringify(range));
      }
    }),
  );
});

test('the moment under the pointer stays where it is', () => {
  const range = zoomed({ fromMs: 10_000, toMs: 20_000 }, 0.5, 12_500, END_MS);
  assert.deepEqual(range, { fromMs: 11_250, toMs: 16_250 });
});

test('zooming out ends with the whole call', () => {
  assert.deepEqual(zoomed({ fromMs: 10_000, toMs: 20_000 }, 1000, 12_000, END_MS), fit(END_MS));
});

test('a call without a length can be shown', () => {
  assert.deepEqual(fit(0), { fromMs: 0, toMs: 200 });
  assert.deepEqual(moved(fit(0), 500, 0), { fromMs: 0, toMs: 200 });
});

test('a turn is shown with something of what is around it', () => {
  assert.deepEqual(focusedOn({ fromMs: 10_000, toMs: 12_000 }, END_MS), {
    fromMs: 9200,
    toMs: 12_800,
  });
  assert.equal(focusedOn({ fromMs: 0, toMs: 1000 }, END_MS).fromMs, 0);
});

test('what is in view already moves nothing', () => {
  const range = { fromMs: 10_000, toMs: 20_000 };
  assert.equal(including(range, 15_000, END_MS), range);
  assert.deepEqual(including(range, 25_000, END_MS), { fromMs: 15_800, toMs: 25_800 });
  assert.deepEqual(including(range, 5000, END_MS), { fromMs: 4200, toMs: 14_200 });
});

test('the axis has round moments with room for their labels', () => {
  assert.deepEqual(
    axisTicks({ fromMs: 0, toMs: 20_000 }, 500).map(({ label }) => label),
    ['0:00', '0:05', '0:10', '0:15', '0:20'],
  );
  assert.deepEqual(
    axisTicks({ fromMs: 61_150, toMs: 61_650 }, 500).map(({ label }) => label),
    ['1:01.2', '1:01.3', '1:01.4', '1:01.5', '1:01.6'],
  );
  fc.assert(
    fc.property(fc.nat(3_600_000), fc.integer({ min: 200, max: 14_400_000 }), (fromMs, length) => {
      const ticks = axisTicks({ fromMs, toMs: fromMs + length }, 1000);
      assert.ok(ticks.length <= 13, `${ticks.length} labels`);
      assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length);
    }),
  );
});

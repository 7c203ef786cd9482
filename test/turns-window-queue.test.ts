import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_WINDOWS, WindowQueue } from '../src/turns/window-queue.ts';
import { WINDOW_SAMPLES } from '../src/turns/window-size.ts';

test('windows come out whole, in order and with their time, whenever they are taken', () => {
  const pieces = fc.array(fc.tuple(fc.nat(700), fc.nat(4)), { maxLength: 60 });
  fc.assert(
    fc.property(pieces, (steps) => {
      const queue = new WindowQueue();
      const batch = new Int16Array(3 * WINDOW_SAMPLES);
      let pushed = 0;
      let taken = 0;
      for (const [samples, takes] of steps) {
        // Each sample says where in the stream it was.
        queue.push(Int16Array.from({ length: samples }, (_, i) => pushed + i));
        pushed += samples;
        for (let i = 0; i < takes; i++) {
          const endMs = queue.take(batch, WINDOW_SAMPLES);
          const first = (taken + queue.dropped) * WINDOW_SAMPLES;
          if (endMs === undefined) {
            assert.ok(pushed - first < WINDOW_SAMPLES);
            continue;
          }
          taken += 1;
          assert.equal(endMs, (first + WINDOW_SAMPLES) / 8);
          assert.deepEqual(
            batch.subarray(WINDOW_SAMPLES, 2 * WINDOW_SAMPLES),
            Int16Array.from({ length: WINDOW_SAMPLES }, (_, i) => first + i),
          );
        }
        const cut = Math.floor(pushed / WINDOW_SAMPLES);
        assert.equal(queue.length, cut - taken - queue.dropped);
        assert.ok(queue.length <= MAX_WINDOWS);
        assert.ok(queue.dropped === 0 || cut - taken > MAX_WINDOWS);
      }
      assert.ok(!batch.subarray(0, WINDOW_SAMPLES).some(Boolean), 'expected its own place only');
    }),
  );
});

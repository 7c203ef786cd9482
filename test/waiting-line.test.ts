import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Line, utilisationOf, waitP95Ms } from '../src/orchestrator/waiting-line.ts';

const MANY = 1_000_000;

test('waits are those of the books', () => {
  const cases: [line: Omit<Line, 'others'>, p95Ms: number][] = [
    // M/M/1: the wait of those who wait is exponential with mean s / (1 - rho).
    [{ servers: 1, serviceMs: 100, arrivalsPerS: 5, variation: 1 }, 200 * Math.log(0.5 / 0.05)],
    // M/D/1: half of it.
    [{ servers: 1, serviceMs: 100, arrivalsPerS: 5, variation: 0 }, 100 * Math.log(0.5 / 0.05)],
    // M/M/2 at rho 0.75: Erlang C is 9/14.
    [{ servers: 2, serviceMs: 100, arrivalsPerS: 15, variation: 1 }, 200 * Math.log(9 / 14 / 0.05)],
    // Fewer than one in twenty wait at all.
    [{ servers: 1, serviceMs: 100, arrivalsPerS: 0.5, variation: 1 }, 0],
  ];
  for (const [line, p95Ms] of cases) {
    const found = waitP95Ms({ ...line, others: MANY });
    assert.ok(Math.abs(found - p95Ms) < 1e-6, `${found} in place of ${p95Ms}`);
  }
});

test('nobody waits for more than all others, however long the line would grow', () => {
  const line = { servers: 2, serviceMs: 400, arrivalsPerS: 100, variation: 1 };
  assert.equal(utilisationOf({ ...line, others: 5 }), 20);
  assert.equal(waitP95Ms({ ...line, others: 5 }), 800);
  assert.equal(waitP95Ms({ ...line, others: 1 }), 0);
});

const lines: fc.Arbitrary<Line> = fc.record({
  servers: fc.integer({ min: 1, max: 256 }),
  serviceMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
  arrivalsPerS: fc.double({ min: 0, max: 1000, noNaN: true }),
  variation: fc.double({ min: 0, max: 1, noNaN: true }),
  others: fc.integer({ min: 0, max: 1000 }),
});

test('a wait is a number from 0, and more requests never shorten it', () => {
  fc.assert(
    fc.property(lines, fc.double({ min: 1, max: 3, noNaN: true }), (line, factor) => {
      const waitMs = waitP95Ms(line);
      assert.ok(Number.isFinite(waitMs) && waitMs >= 0);
      const more = waitP95Ms({ ...line, arrivalsPerS: line.arrivalsPerS * factor });
      assert.ok(more >= waitMs - 1e-6 * (1 + waitMs), `${more} after ${waitMs}`);
    }),
  );
});

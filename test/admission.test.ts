import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Admission, type AdmissionLimits } from '../src/orchestrator/admission.ts';

const LIMITS: AdmissionLimits = { slots: 1, streams: 32, maxWaitMs: 1000, maxUtilisation: 0.85 };

/** An admission that has seen so many calls talk for so long, each asking so often. */
function experienced(
  { calls, seconds, everyS, slotMs, replyMs = slotMs + 600 }: Experience,
  limits = LIMITS,
): Admission {
  const admission = new Admission(limits);
  admission.push({ type: 'calls', calls, atMs: 0 });
  for (let s = 0; s < seconds; s++) {
    // Time passes, as it does at every question.
    admission.assess(calls, s * 1000);
    const asked = Math.floor(((s + 1) * calls) / everyS) - Math.floor((s * calls) / everyS);
    for (let n = 0; n < asked; n++) {
      admission.push({ type: 'slot', ms: slotMs });
      admission.push({ type: 'reply', ms: replyMs });
    }
  }
  return admission;
}

interface Experience {
  calls: number;
  seconds: number;
  everyS: number;
  slotMs: number;
  replyMs?: number;
}

test('calls are taken up to what was measured', () => {
  const table: [Experience, takes: number, refuses: number, limits?: Partial<AdmissionLimits>][] = [
    // What the benchmark measures: one request a call in 11 s.
    [{ calls: 30, seconds: 60, everyS: 11, slotMs: 150 }, 45, 60],
    // A quick engine takes more, a slow one fewer.
    [{ calls: 30, seconds: 60, everyS: 11, slotMs: 50 }, 160, 205],
    [{ calls: 3, seconds: 600, everyS: 11, slotMs: 600 }, 4, 12],
    // Two slots are worth more than twice one.
    [{ calls: 30, seconds: 60, everyS: 11, slotMs: 150 }, 100, 135, { slots: 2 }],
    // Long replies: here the streams bind.
    [{ calls: 5, seconds: 300, everyS: 11, slotMs: 50, replyMs: 8000 }, 8, 12, { streams: 8 }],
    // Who wants no caller to wait takes fewer.
    [{ calls: 9, seconds: 200, everyS: 11, slotMs: 150 }, 10, 30, { maxWaitMs: 150 }],
  ];
  for (const [experience, takes, refuses, limits] of table) {
    const end = experience.seconds * 1000;
    for (const [calls, expected] of [
      [takes, true],
      [refuses, false],
    ] as const) {
      const admission = experienced(experience, { ...LIMITS, ...limits });
      const load = admission.assess(calls, end);
      assert.equal(load.takesCalls, expected, JSON.stringify({ experience, load }));
    }
  }
});

test('before anything is known, as many calls are taken as a usual engine serves', () => {
  const takes = (calls: number) => new Admission(LIMITS).assess(calls, 0).takesCalls;
  assert.equal(takes(10), true);
  assert.equal(takes(20), false);
});

test('a call that has the engine to itself is taken, however slow that is', () => {
  const admission = experienced({ calls: 1, seconds: 60, everyS: 5, slotMs: 4000 });
  assert.equal(admission.assess(1, 60_000).takesCalls, false);
  assert.equal(admission.assess(0, 60_000).takesCalls, true);
});

test('a single stall of a usual engine refuses nobody while few calls talk', () => {
  const admission = experienced({ calls: 3, seconds: 60, everyS: 8, slotMs: 150 });
  admission.push({ type: 'slot', ms: 4000 });
  assert.equal(admission.assess(3, 60_000).takesCalls, true);
});

test('once it refuses, calls are taken again only with room to spare', () => {
  const admission = experienced({ calls: 30, seconds: 60, everyS: 11, slotMs: 150 });
  const atMs = 60_000;
  const takes = (calls: number) => admission.assess(calls, atMs).takesCalls;
  let first = 30;
  while (takes(first)) first++;
  assert.equal(takes(first - 1), false, 'one call less is no room');
  let reopens = first - 1;
  while (!takes(reopens)) reopens--;
  assert.ok(first - reopens >= 3, `opens again at ${reopens} calls, after ${first}`);
  assert.equal(takes(first - 1), true, 'and then goes on up to the limit');
});

test('what calls do is learnt from what they do, and forgotten by talk, not by time', () => {
  const admission = experienced({ calls: 20, seconds: 120, everyS: 20, slotMs: 150 });
  const { requestsPerCallS } = admission.assess(20, 120_000);
  assert.ok(Math.abs(requestsPerCallS - 1 / 20) < 0.01, `${requestsPerCallS} a second`);
  admission.push({ type: 'calls', calls: 0, atMs: 120_000 });
  assert.equal(admission.assess(0, 4_000_000).requestsPerCallS, requestsPerCallS);
});

const observations = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('calls' as const),
      calls: fc.integer({ min: 0, max: 1000 }),
      atMs: fc.double({ min: -1000, max: 1e7, noNaN: true }),
    }),
    fc.record({
      type: fc.constantFrom('slot' as const, 'reply' as const),
      ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    }),
  ),
  { maxLength: 60 },
);
const limits: fc.Arbitrary<AdmissionLimits> = fc.record({
  slots: fc.integer({ min: 1, max: 64 }),
  streams: fc.integer({ min: 1, max: 256 }),
  maxWaitMs: fc.integer({ min: 50, max: 60_000 }),
  maxUtilisation: fc.double({ min: 0.1, max: 10, noNaN: true }),
});

test('whatever was seen, the load is made of numbers, and more calls are never a lighter one', () => {
  fc.assert(
    fc.property(limits, observations, fc.nat(1000), fc.nat(1000), (given, seen, calls, more) => {
      const admission = new Admission(given);
      for (const observation of seen) admission.push(observation);
      const light = admission.assess(calls, 1e7);
      for (const value of Object.values(light)) {
        assert.ok(typeof value === 'boolean' || (Number.isFinite(value) && value >= 0));
      }
      const heavy = admission.assess(calls + more, 1e7);
      assert.ok(heavy.utilisation >= light.utilisation);
      assert.ok(heavy.waitMs >= light.waitMs * (1 - 1e-9));
      assert.ok(light.takesCalls || !heavy.takesCalls);
    }),
  );
});

test('whatever was seen, asking twice gives the same answer, and a server to itself is enough', () => {
  fc.assert(
    fc.property(limits, observations, fc.nat(1000), (given, seen, calls) => {
      const admission = new Admission(given);
      for (const observation of seen) admission.push(observation);
      const first = admission.assess(calls, 1e7);
      assert.deepEqual(admission.assess(calls, 1e7), first);
      if (calls < Math.min(given.slots, given.streams)) assert.equal(first.takesCalls, true);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackPressure, Lateness } from '../src/back-pressure.ts';

test('one pause of a moment is not being behind, one of a quarter of a second is', () => {
  const paused = (ms: number) => {
    const lateness = new Lateness();
    lateness.push(ms);
    return lateness.isBehind;
  };
  assert.deepEqual([0, 100, 190, 250].map(paused), [false, false, false, true]);
});

test('a loop that is late again and again is behind, until it is on time for a while', () => {
  const lateness = new Lateness();
  const beats = (lateMs: number) => {
    let count = 0;
    for (const before = lateness.isBehind; lateness.isBehind === before && count < 100; count++) {
      lateness.push(lateMs);
    }
    return count;
  };
  assert.equal(beats(70), 5);
  assert.equal(beats(5), 5);
  assert.equal(beats(45), 100, 'expected 45 ms to be no reason');
});

/** Behind, as far as a clock of the test's own tells. */
function fallenBehind(t: test.TestContext, onBehind?: (lateMs: number) => void) {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pressure = new BackPressure();
  pressure.watch(onBehind);
  const beat = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(50);
  };
  beat(1000);
  t.after(() => pressure.stop());
  return { pressure, beat };
}

test('while it is behind some lines a second are written, and what is given up is counted', (t) => {
  const { pressure, beat } = fallenBehind(t);
  assert.ok(pressure.isBehind);
  const written = () =>
    Array.from({ length: 50 }, () => pressure.admitsLine()).filter(Boolean).length;
  assert.equal(written(), 10);
  assert.equal(pressure.shed.log, 40);
  beat(1050);
  assert.equal(written(), 10);
  for (let beats = 0; beats < 20; beats++) beat(50);
  assert.ok(!pressure.isBehind);
  assert.equal(written(), 50);
  assert.equal(pressure.shed.log, 80);
});

test('that it fell behind is told once a minute, and not at all once it is stopped', (t) => {
  const told: number[] = [];
  const { pressure, beat } = fallenBehind(t, (lateMs) => told.push(lateMs));
  for (let beats = 0; beats < 10; beats++) beat(1050);
  assert.equal(told.length, 1);
  assert.ok(told[0]! > 200);
  for (let beats = 0; beats < 60; beats++) beat(1050);
  assert.equal(told.length, 2);
  pressure.stop();
  assert.ok(!pressure.isBehind);
  beat(100_000);
  assert.equal(told.length, 2);
});

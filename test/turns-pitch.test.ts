import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PitchTracker } from '../src/turns/pitch.ts';
import { WINDOW_SAMPLES } from '../src/turns/window-size.ts';

const RATE_HZ = 8000;

test('a voice of any height has its pitch found to within 2 %, its fundamental cut away by the line', () => {
  for (const hz of [70, 85, 110, 140, 180, 220, 290, 370]) {
    const [pitch] = pitches(harmonicsOf(hz)).slice(-1);
    assert.ok(pitch && Math.abs(pitch / hz - 1) < 0.02, `${hz} Hz: got ${pitch}`);
  }
});

test('a falling voice is followed', () => {
  let phase = 0;
  const samples = Int16Array.from({ length: 20 * WINDOW_SAMPLES }, (_, i) => {
    phase += (180 - (80 * i) / (20 * WINDOW_SAMPLES)) / RATE_HZ;
    return voice(phase);
  });
  const heard = pitches(samples).slice(1);
  assert.ok(
    heard.every((hz, i) => i === 0 || hz < heard[i - 1]! + 2),
    heard.join(),
  );
  assert.ok(heard[0]! > 165 && heard.at(-1)! < 110);
});

test('silence, a click and noise have no pitch', () => {
  assert.deepEqual(new Set(pitches(new Int16Array(8 * WINDOW_SAMPLES))), new Set([0]));
  const click = new Int16Array(8 * WINDOW_SAMPLES);
  click[900] = 20_000;
  assert.deepEqual(new Set(pitches(click)), new Set([0]));
  let seed = 1;
  const noise = Int16Array.from({ length: 64 * WINDOW_SAMPLES }, () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return (seed / 2 ** 31 - 0.5) * 20_000;
  });
  const found = pitches(noise).filter((hz) => hz > 0);
  assert.equal(found.length, 0);
});

test('what is no speech is not looked at, but its sound counts for the next window', () => {
  const tracker = new PitchTracker();
  const samples = harmonicsOf(90);
  assert.equal(tracker.push(samples.subarray(0, WINDOW_SAMPLES), false), 0);
  const pitch = tracker.push(samples.subarray(WINDOW_SAMPLES, 2 * WINDOW_SAMPLES), true);
  assert.ok(Math.abs(pitch - 90) < 2, `got ${pitch}`);
});

function pitches(samples: Int16Array): number[] {
  const tracker = new PitchTracker();
  return Array.from({ length: samples.length / WINDOW_SAMPLES }, (_, i) =>
    tracker.push(samples.subarray(i * WINDOW_SAMPLES, (i + 1) * WINDOW_SAMPLES), true),
  );
}

function harmonicsOf(hz: number): Int16Array {
  return Int16Array.from({ length: 4 * WINDOW_SAMPLES }, (_, i) => voice((i * hz) / RATE_HZ));
}

/** The second to the sixth harmonic, each softer than the one before. */
function voice(phase: number): number {
  let sum = 0;
  for (let harmonic = 2; harmonic <= 6; harmonic++) {
    sum += Math.cos(2 * Math.PI * harmonic * phase + harmonic) / harmonic;
  }
  return Math.round(6000 * sum);
}

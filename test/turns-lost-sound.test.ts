import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LostSound } from '../src/turns/lost-sound.ts';
import { TurnPolicy } from '../src/turns/turn-policy.ts';
import type { SpeechWindow, WindowKind } from '../src/turns/voice-activity.ts';

const WINDOW_MS = 32;

test('a window is lost when more than half of it is', () => {
  const lost = new LostSound();
  for (let atMs = 100; atMs < 180; atMs += 20) lost.add(atMs, atMs + 20);
  assert.deepEqual(
    [96, 128, 160, 192, 224].map((endMs) => lost.takes(endMs)),
    [false, true, true, true, false],
  );
});

test('three frames and less are concealed well enough to be judged', () => {
  const lost = new LostSound();
  lost.add(0, 60);
  lost.add(100, 120);
  assert.deepEqual(
    [32, 64, 96, 128].map((endMs) => lost.takes(endMs)),
    [false, false, false, false],
  );
});

test('what was lost while nobody judges is kept within bounds', () => {
  const lost = new LostSound();
  for (let i = 0; i < 10_000; i++) lost.add(i * 120, i * 120 + 100);
  assert.equal(lost.takes(32), false, 'too old to be judged still');
  assert.equal(lost.takes(9999 * 120 + 32), true);
});

test('a second that was lost is no pause: the turn goes on after it', () => {
  const { events } = judge(['speech', 20], ['lost', 31], ['speech', 20], ['silence', 40]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['spoke', 'paused', 'finished'],
  );
  const finished = events.at(-1)!;
  assert.ok(finished.atMs > 71 * WINDOW_MS, `finished at ${finished.atMs} ms`);
});

test('what was lost within a pause does not lengthen it, and does not end the turn sooner', () => {
  const whole = judge(['speech', 20], ['silence', 60]);
  const broken = judge(['speech', 20], ['silence', 3], ['lost', 25], ['silence', 60]);
  const after = (run: typeof whole) => run.events.findLast(({ type }) => type === 'finished')!.atMs;
  assert.equal(after(broken) - after(whole), 25 * WINDOW_MS);
});

test('one lost window is bridged: it delays no onset by more than itself', () => {
  const whole = judge(['speech', 20]);
  const broken = judge(['speech', 1], ['lost', 1], ['speech', 20]);
  assert.ok(broken.events[0]!.atMs - whole.events[0]!.atMs <= WINDOW_MS);
});

test('what was lost is nothing that was said: a click before it and one after it are no speech', () => {
  const { events } = judge(['speech', 1], ['lost', 30], ['speech', 1], ['silence', 40]);
  assert.deepEqual(events, []);
});

test('what was lost does not move the floor of the noise', () => {
  const quiet = judge(['silence', 30], ['speech', 10], ['silence', 40]);
  const broken = judge(['silence', 20], ['lost', 10], ['speech', 10], ['silence', 40]);
  assert.deepEqual(broken.events, quiet.events);
});

/** So many windows of each kind, judged while the call listens. */
function judge(...parts: ['speech' | 'silence' | WindowKind, number][]) {
  const policy = new TurnPolicy();
  policy.attend('listening', 'open');
  const kinds = parts.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
  const events = kinds.flatMap((kind, i) => {
    const endMs = (i + 1) * WINDOW_MS;
    return policy.push(windowOf(kind, endMs)).map(({ type }) => ({ type, atMs: endMs }));
  });
  return { events };
}

function windowOf(kind: 'speech' | 'silence' | WindowKind, endMs: number): SpeechWindow {
  const rest = { endMs, pitchHz: 0, echo: 0 };
  if (kind === 'speech') return { ...rest, probability: 0.95, levelDb: -20 };
  if (kind === 'silence') return { ...rest, probability: 0.01, levelDb: -70 };
  return { ...rest, probability: 0, levelDb: -96, kind };
}

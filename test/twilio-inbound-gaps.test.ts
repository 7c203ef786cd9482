import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelDb } from '../src/audio/level.ts';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { GAP_LIMIT_MS, InboundGaps } from '../src/twilio/inbound-gaps.ts';

const FRAME = encodeMulaw(Int16Array.from({ length: 160 }, (_, i) => 8000 * Math.sin(i / 3)));

/** A stream whose chunks are counted for the test. */
function stream() {
  const gaps = new InboundGaps();
  let chunk = 0;
  return (timestampMs: number, frame = FRAME) => gaps.push(++chunk, timestampMs, frame)!;
}

test('frames that follow each other leave no gap, wherever they begin', () => {
  const push = stream();
  for (let i = 0; i < 100; i++) assert.equal(push(155 + i * 20).filling.length, 0);
});

test('what was lost is replaced in its length, at its own time, and the frame follows as it came', () => {
  const push = stream();
  push(100);
  const one = push(140);
  assert.equal(one.filling.length, 160);
  assert.equal(one.fillingFromMs, 120);
  assert.equal(one.mulaw, FRAME);
  const many = push(261);
  assert.equal(many.filling.length, 808);
  assert.equal(many.fillingFromMs, 160);
});

test('a voice does not stop dead in a gap, but fades into the noise of a quiet line', () => {
  const push = stream();
  push(0);
  const { filling } = push(1000);
  const levels = [0, 1, 2, 3, 40].map((frame) =>
    levelOf(filling.subarray(frame * 160, (frame + 1) * 160)),
  );
  assert.ok(Math.abs(levels[0]! - levelOf(FRAME)) < 1, `${levels[0]} dBFS`);
  for (let i = 1; i < 4; i++) assert.ok(levels[i]! < levels[i - 1]! - 3, `${levels} dBFS`);
  for (const level of levels.slice(3)) assert.ok(level > -70 && level < -60, `${level} dBFS`);
});

test('a gap before the first frame of a length, or after an empty one, is noise', () => {
  const push = stream();
  push(0, new Uint8Array(0));
  const level = levelOf(push(100).filling);
  assert.ok(level > -70 && level < -60, `${level} dBFS`);
});

test('a frame that came already, or comes too late, is not heard', () => {
  const gaps = new InboundGaps();
  assert.ok(gaps.push(1, 100, FRAME));
  assert.ok(gaps.push(3, 140, FRAME));
  assert.equal(gaps.push(2, 120, FRAME), undefined);
  assert.equal(gaps.push(3, 140, FRAME), undefined);
  assert.equal(gaps.push(4, 160, FRAME)!.filling.length, 0);
});

test('a clock that is set back is followed, and leaves no gap', () => {
  const push = stream();
  push(5000);
  assert.equal(push(0).filling.length, 0);
  assert.equal(push(20).filling.length, 0);
  assert.equal(push(60).filling.length, 160);
});

test('timestamps that vary around their steps are no gap', () => {
  const push = stream();
  for (const timestampMs of [155, 181, 193, 215, 241, 254]) {
    assert.equal(push(timestampMs).filling.length, 0);
  }
});

test('a slow clock does not hide a gap, and a fast one is caught up with', () => {
  const slow = stream();
  for (let i = 0; i < 5000; i++) slow(Math.round(155 + i * 19.97));
  assert.ok(slow(Math.round(155 + 5002 * 19.97)).filling.length > 250);
  const fast = stream();
  let bytes = 0;
  for (let i = 0; i <= 5000; i++) bytes += fast(Math.round(i * 20.03)).filling.length + 160;
  assert.ok(Math.abs(bytes / 8 - 5001 * 20.03) < 20);
});

test('a gap beyond the limit is filled up to it, and counting goes on from there', () => {
  const push = stream();
  push(0);
  assert.equal(push(60_000).filling.length, GAP_LIMIT_MS * 8);
  assert.equal(push(60_020).filling.length, 0);
});

function levelOf(mulaw: Uint8Array): number {
  const samples = decodeMulaw(mulaw);
  return levelDb(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AudioGap, GAP_LIMIT_MS } from '../src/twilio/audio-gap.ts';

test('frames that follow each other leave no gap, wherever they begin', () => {
  const gap = new AudioGap();
  for (let i = 0; i < 100; i++) assert.equal(gap.push(155 + i * 20, 160).silenceBytes, 0);
});

test('a lost frame is replaced by as much silence, at its own time', () => {
  const gap = new AudioGap();
  gap.push(100, 160);
  assert.deepEqual(gap.push(140, 160), { silenceBytes: 160, fromMs: 120 });
  assert.deepEqual(gap.push(261, 160), { silenceBytes: 808, fromMs: 160 });
});

test('timestamps that vary around their steps are no gap', () => {
  const gap = new AudioGap();
  for (const timestampMs of [155, 181, 193, 215, 241, 254]) {
    assert.equal(gap.push(timestampMs, 160).silenceBytes, 0);
  }
});

test('a slow clock does not hide a gap, and a fast one is caught up with', () => {
  const slow = new AudioGap();
  for (let i = 0; i < 5000; i++) slow.push(Math.round(155 + i * 19.97), 160);
  assert.ok(slow.push(Math.round(155 + 5002 * 19.97), 160).silenceBytes > 250);
  const fast = new AudioGap();
  let bytes = 0;
  for (let i = 0; i <= 5000; i++) {
    bytes += fast.push(Math.round(i * 20.03), 160).silenceBytes + 160;
  }
  assert.ok(Math.abs(bytes / 8 - 5001 * 20.03) < 20);
});

test('a gap beyond the limit is filled up to it, and counting goes on from there', () => {
  const gap = new AudioGap();
  gap.push(0, 160);
  assert.equal(gap.push(60_000, 160).silenceBytes, GAP_LIMIT_MS * 8);
  assert.equal(gap.push(60_020, 160).silenceBytes, 0);
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { LiveSending } from '../src/twilio/live-sending.ts';
import { VirtualClock } from './support/virtual-clock.ts';

let clock: VirtualClock;
let sent: string[];
let sending: LiveSending;
let timestampMs: number;
beforeEach(() => {
  clock = new VirtualClock().install();
  sent = [];
  sending = new LiveSending((text) => sent.push(text));
  timestampMs = 120;
});
afterEach(() => {
  sending.stop();
  assert.equal(clock.pending, 0);
  clock.uninstall();
});

/** Frames come at the pace of speech. */
async function hear(ms: number): Promise<void> {
  for (let heardMs = 0; heardMs < ms; heardMs += 20) {
    await clock.advance(20);
    frameComes();
  }
}

function frameComes(): void {
  sending.heard(timestampMs);
  timestampMs += 20;
}

/** Time goes on, and nothing runs meanwhile. */
function stopFor(ms: number): void {
  const wokenMs = performance.now() + ms;
  performance.now = () => Math.max(wokenMs, clock.nowMs);
}

test('what is said goes out at once, whether or not the caller is heard', async () => {
  sending.send('before');
  await hear(1000);
  sending.send('now');
  await clock.advance(3000);
  sending.send('while the network loses what the caller says');
  assert.equal(sent.length, 3);
});

test('after a stop nothing goes out until the caller has been heard anew', async () => {
  await hear(1000);
  stopFor(2000);
  sending.send('a');
  // What had come before the stop is read first.
  for (let frame = 0; frame < 5; frame++) frameComes();
  sending.send('b');
  assert.deepEqual(sent, []);
  while (sent.length === 0) frameComes();
  sending.send('c');
  assert.deepEqual(sent, ['a', 'b', 'c']);
  assert.ok(timestampMs >= 120 + 1000 + 1000, 'expected half of the stop to be caught up with');
});

test('a stop is noticed by whatever runs first after it, the beat too', async () => {
  await hear(1000);
  stopFor(600);
  await clock.advance(200);
  sending.send('a');
  assert.deepEqual(sent, []);
});

test('a short delay is no stop', async () => {
  await hear(1000);
  stopFor(200);
  sending.send('a');
  assert.deepEqual(sent, ['a']);
});

test('into a line that is dead nothing goes out, and little is kept for it', async () => {
  await hear(100);
  stopFor(1000);
  for (let message = 0; message < 5000; message++) sending.send('a');
  timestampMs += 1000;
  frameComes();
  assert.equal(sent.length, 200);
});

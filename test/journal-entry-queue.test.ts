import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryQueue } from '../src/journal/entry-queue.ts';
import { eventRow } from './support/journal-rows.ts';

const MINUTE_BYTES = 60 * 8000;

test('sound that waits has a bound of its own, and room again once it is written', () => {
  const queue = new EntryQueue(10_000);
  const sound = { kind: 'sound', callSid: 'CA1', epoch: 0, turn: 1 } as const;
  const minute = { ...sound, mulaw: new Uint8Array(MINUTE_BYTES) };
  let minutes = 0;
  while (queue.push(minute)) minutes += 1;
  assert.equal(minutes, Math.floor((32 * 1024 * 1024) / MINUTE_BYTES));
  assert.equal(queue.push({ ...sound, mulaw: null }), true, 'what deletes it weighs nothing');
  assert.equal(queue.push({ kind: 'event', row: eventRow() }), true);
  queue.remove(1);
  assert.equal(queue.push(minute), true);
  assert.equal(queue.push(minute), false);
  queue.remove(queue.last);
  assert.equal(queue.length, 0);
  assert.equal(queue.push(minute), true);
});

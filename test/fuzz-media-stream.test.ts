import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever comes over a media socket, calls begin, talk and end as they should', async () => {
  const reached = await assertHolds('messages', 12_000);
  // Otherwise the damage would have been found at the door, and tested nothing behind it.
  for (const what of [
    ...['conversation.listening.hearing.talking', 'conversation.thinking.quiet'],
    ...['conversation.speaking', 'conversation.bargeIn', 'ended refused', 'ended lost'],
  ]) {
    assert.ok(reached.of(what) > 0, `expected ${what} to be reached`);
  }
});

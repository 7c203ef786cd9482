import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever the engine streams, and however it is cut, ends in a reply or a typed error', async () => {
  const reached = await assertHolds('chunks', 40_000);
  for (const what of ['finished', 'finished with tool calls', 'garbage', 'cutShort', 'inStream']) {
    assert.ok(reached.of(what) > 10, `expected replies to come to ${what}`);
  }
});

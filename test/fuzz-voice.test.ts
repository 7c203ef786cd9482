import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever Cartesia sends, a reply is spoken or fails as a voice may fail', async () => {
  const reached = await assertHolds('voice', 6000);
  for (const what of ['spoken', 'garbage', 'lost', 'failed']) {
    assert.ok(reached.of(what) > 0, `expected replies to come to ${what}`);
  }
});

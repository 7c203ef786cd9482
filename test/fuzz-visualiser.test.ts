import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever the API is asked, it answers or says why not, and repeats nothing', async () => {
  const reached = await assertHolds('queries', 1000);
  for (const status of [200, 206, 400, 401, 404]) {
    assert.ok(reached.of(`GET ${status}`) > 0, `expected answers with ${status}`);
  }
});

test('whoever comes to the feed with anything else than the token is told nothing', async () => {
  const reached = await assertHolds('viewers', 200);
  assert.ok(reached.of('stranger 4401') > 20 && reached.of('viewer 1008') > 2);
});

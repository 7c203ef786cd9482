import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever is in a webhook, it is answered in words or refused, and never repeated', async () => {
  const reached = await assertHolds('forms', 2000);
  for (const path of ['/', '/continue', '/fallback', '/brief', '/dialled', '/recorded']) {
    assert.ok(reached.of(`POST ${path} 200`) > 20, `expected answers of ${path}`);
    assert.ok(reached.of(`POST ${path} 403`) > 0, `expected ${path} to be refused unsigned`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackCalls } from './support/attack-calls.ts';

/**
 * A telephone number that the model makes up is spoken. The speech path cannot tell it from the
 * caller's own, read back: that came as sound. So it is for the model's instructions to forbid, and
 * for the call to make harmless: nothing that the model writes is dialled, and the staff's numbers
 * are in nothing that the model is told. That is judged here, of every request and every word.
 */
test('whatever the model puts out, only words are spoken and only what was wanted is done', async (t) => {
  const tally = await attackCalls({ outputs: 3_000, seed: 1 });
  t.diagnostic(JSON.stringify(tally));
  // A call in which nothing can be done would pass as well.
  const expected = ['pieces', 'accepted', 'hold', 'confirm', 'cancel', 'find', 'agent.concluded'];
  for (const what of expected) assert.ok((tally[what] ?? 0) > 10, `${what}: ${tally[what]}`);
});

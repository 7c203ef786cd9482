import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHolds } from './fuzzing/assert-holds.ts';

test('whatever a document is made of, it is XML that says exactly that, with no other verb', async () => {
  const reached = await assertHolds('twiml', 6000);
  for (const what of ['connectStream', 'dialPerson', 'whisper', 'takeVoicemail', 'sayAndHangUp']) {
    assert.ok(reached.of(what) > 100, `expected documents of ${what}`);
  }
});

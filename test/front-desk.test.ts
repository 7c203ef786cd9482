import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../src/config.ts';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import { newFrontDesk } from '../src/orchestrator/front-desk.ts';
import type { Records } from '../src/orchestrator/records.ts';
import { LogLines } from './support/log-lines.ts';
import { profileWith } from './support/restaurant-profile.ts';

const CONFIG = loadConfig({
  PUBLIC_URL: 'https://agent.example',
  TWILIO_ACCOUNT_SID: `AC${'7'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  ULTRAVOX_URL: 'http://127.0.0.1:1/v1',
});

/** What the model is told of a message, by what the journal makes of it. */
async function toldOf({ hasRoom = true, isKept = true, epoch = 0, text = 'Hello' }) {
  const entries: JournalEntry[] = [];
  const journal = {
    write: (entry: JournalEntry) => {
      entries.push(entry);
      return hasRoom;
    },
    kept: async () => isKept,
  };
  const records = { database: {}, journal } as unknown as Records;
  const lines = new LogLines();
  const desk = newFrontDesk(CONFIG, profileWith({}), records, lines.log).openDesk({
    callSid: 'CA1',
    callerPhone: undefined,
    epoch,
  });
  const use = { name: 'take_message', argumentsJson: JSON.stringify({ text }) };
  const { content } = await desk.run(use, { turn: 1 });
  const failures = lines.saying('tool failed').map(({ error, kind }) => [error, kind]);
  return { told: JSON.parse(content) as { done: boolean; why?: string }, entries, failures };
}

test('a message that another life of the call takes again is the same one', async () => {
  const [first, again] = [await toldOf({}), await toldOf({ epoch: 1 })];
  const ids = [first, again].map(({ entries: [entry] }) =>
    entry?.kind === 'message' ? [entry.row.id, entry.epoch] : [],
  );
  assert.deepEqual(ids, [
    [ids[0]?.[0], 0],
    [ids[0]?.[0], 1],
  ]);
  const other = await toldOf({ text: 'Hello again' });
  assert.notEqual(other.entries[0]?.kind === 'message' && other.entries[0].row.id, ids[0]?.[0]);
});

test('a message is said to be taken once it is kept, and not before', async () => {
  const kept = await toldOf({});
  assert.equal(kept.told.done, true);
  assert.deepEqual(
    kept.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.row.text] : [])),
    ['Hello'],
  );
  const uncertain = await toldOf({ isKept: false });
  assert.match(uncertain.told.why ?? '', /not certain that the message/);
  assert.deepEqual(uncertain.failures, [['MessageUncertainError', 'uncertain']]);
  const lost = await toldOf({ hasRoom: false });
  assert.match(lost.told.why ?? '', /was not taken/);
});

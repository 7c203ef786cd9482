import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../src/journal/database.ts';
import { streamClaims } from '../src/orchestrator/stream-claims.ts';
import type { StreamStart } from '../src/twilio/media-stream.ts';
import { StreamTokens } from '../src/twilio/stream-token.ts';
import { onBothDatabases } from './support/databases.ts';
import { LogLines } from './support/log-lines.ts';

const CALL_SID = `CA${'1'.repeat(32)}`;
const tokens = new StreamTokens({ secret: 'a secret' });

function startWith(token: string): StreamStart {
  const customParameters = new Map([['token', token]]);
  return { callSid: CALL_SID, streamSid: 'MZ1', accountSid: 'AC1', customParameters };
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: of several processes one has a stream`, async (t) => {
    const { log } = new LogLines();
    const fresh = await freshDatabase(t);
    const replicas = [await fresh.open(), await fresh.open()].map((each) =>
      streamClaims(each, log),
    );
    if (kind === 'sqlite') return assert.deepEqual(replicas, [undefined, undefined]);
    const start = startWith(tokens.issue(CALL_SID));
    const claims = await Promise.all(replicas.map((claim) => claim!(start)));
    assert.deepEqual(claims.sort(), [false, true]);
    assert.equal(await replicas[1]!(startWith(tokens.issue(CALL_SID))), true);
  });
});

test('a database that hangs or fails keeps no caller out, and it is logged', async () => {
  const lines = new LogLines();
  const faults = [() => new Promise(() => {}), () => Promise.reject(new Error('broken'))];
  for (const execute of faults) {
    const db = { insertInto: () => ({ values: () => ({ execute }) }) };
    const claim = streamClaims({ kind: 'postgres', db } as unknown as Database, lines.log);
    const startedAt = performance.now();
    assert.equal(await claim!(startWith(tokens.issue(CALL_SID))), true);
    assert.ok(performance.now() - startedAt < 2000);
  }
  assert.deepEqual(
    lines.saying('stream not claimed').map(({ claimed }) => claimed),
    ['late', 'failed'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallQuery, CursorError, findCall, listCalls } from '../src/journal/call-list.ts';
import type { Database } from '../src/journal/database.ts';
import { onBothDatabases } from './support/databases.ts';
import {
  AT,
  callRow,
  eventRow,
  messageRow,
  reservationRow,
  turnRow,
} from './support/journal-rows.ts';

async function pages(database: Database, query: CallQuery): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const { calls, next } = await listCalls(database, { ...query, cursor });
    found.push(calls.map((call) => call.call_sid));
    cursor = next;
    if (cursor === undefined) return found;
  }
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: calls are listed newest first, page by page, each once`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    // CA1 and CA2 began in the same millisecond.
    const startedAt = [0, 100, 100, 200, 300].map((ms) => AT + ms);
    await database.db
      .insertInto('calls')
      .values(startedAt.map((started_at, index) => callRow({ call_sid: `CA${index}`, started_at })))
      .execute();
    const all = [['CA4', 'CA3'], ['CA2', 'CA1'], ['CA0']];
    assert.deepEqual(await pages(database, { limit: 2 }), all);
    assert.deepEqual(await pages(database, { limit: 3 }), [
      ['CA4', 'CA3', 'CA2'],
      ['CA1', 'CA0'],
    ]);
    assert.deepEqual(await pages(database, { limit: 5 }), [all.flat()]);
    assert.deepEqual(await pages(database, { limit: 9, from: AT + 100, to: AT + 300 }), [
      ['CA3', 'CA2', 'CA1'],
    ]);
    const { next } = await listCalls(database, { limit: 2 });
    await database.db
      .insertInto('calls')
      .values(callRow({ call_sid: 'CA9', started_at: AT + 400 }))
      .execute();
    const { calls } = await listCalls(database, { limit: 2, cursor: next });
    assert.deepEqual(
      calls.map((call) => call.call_sid),
      ['CA2', 'CA1'],
      'a call that came meanwhile shifts nothing',
    );
  });

  test(`${kind}: calls are found by their outcome; what is JSON is read`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const failed = { outcome: 'failed', tags: '["booking"]', tool_calls: '{"hold_table":2}' };
    await database.db
      .insertInto('calls')
      .values([callRow({ call_sid: 'CA1', ...failed }), callRow({ call_sid: 'CA2' })])
      .execute();
    const { calls, next } = await listCalls(database, { limit: 10, outcome: 'failed' });
    assert.deepEqual(calls, [
      {
        ...callRow({ call_sid: 'CA1' }),
        ...failed,
        tags: ['booking'],
        tool_calls: { hold_table: 2 },
      },
    ]);
    assert.equal(next, undefined);
  });

  test(`${kind}: a call is shown with all that is known of it, in its order`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    await db
      .insertInto('calls')
      .values([callRow({ call_sid: 'CA1', reservation_id: 'R1' }), callRow({ call_sid: 'CA2' })])
      .execute();
    await db
      .insertInto('turns')
      .values([turnRow({ turn: 1, latencies: '{"response":5}' }), turnRow({ turn: 0 })])
      .execute();
    await db
      .insertInto('turns')
      .values(turnRow({ call_sid: 'CA2' }))
      .execute();
    await db
      .insertInto('call_events')
      .values([eventRow({ seq: 1, payload: '{"a":1}' }), eventRow({ seq: 0 })])
      .execute();
    await db.insertInto('messages').values(messageRow()).execute();
    await db
      .insertInto('reservations')
      .values(reservationRow({ id: 'R1' }))
      .execute();
    const whole = await findCall(database, 'CA1');
    assert.equal(whole?.call.call_sid, 'CA1');
    assert.deepEqual(
      whole?.turns.map(({ turn, latencies }) => [turn, latencies]),
      [
        [0, null],
        [1, { response: 5 }],
      ],
    );
    assert.deepEqual(
      whole?.events.map(({ seq, payload }) => [seq, payload]),
      [
        [0, {}],
        [1, { a: 1 }],
      ],
    );
    assert.deepEqual(whole?.messages, [messageRow()]);
    assert.deepEqual(whole?.reservation, reservationRow({ id: 'R1' }));
    const bare = await findCall(database, 'CA2');
    assert.deepEqual([bare?.turns.length, bare?.events, bare?.reservation], [1, [], undefined]);
    assert.equal(await findCall(database, 'CA3'), undefined);
  });

  test(`${kind}: a cursor of one's own making is refused`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const crafted = Buffer.from("1 CA1' or 1=1").toString('base64url');
    for (const cursor of ['', 'x', crafted]) {
      await assert.rejects(listCalls(database, { limit: 1, cursor }), CursorError);
    }
  });
});

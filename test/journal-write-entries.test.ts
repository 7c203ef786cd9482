import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Database } from '../src/journal/database.ts';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import type { CallRow, MessageRow } from '../src/journal/schema.ts';
import { acceptsWrites, writeEntries } from '../src/journal/write-entries.ts';
import { onBothDatabases } from './support/databases.ts';
import { AT, callRow, eventRow, messageRow, stamped, turnRow } from './support/journal-rows.ts';

const SID = 'CA1';

function call(fields: Partial<CallRow>, callSid = SID): JournalEntry {
  return { kind: 'call', callSid, fields };
}

async function write(database: Database, ...entries: JournalEntry[]): Promise<void> {
  await writeEntries(database, 'test', stamped(entries));
}

const calls = ({ db }: Database) => db.selectFrom('calls').selectAll().execute();

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: the first entry of a call makes its row, each other sets what it says`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await write(database, call({ language: 'en' }));
    await write(database, call({ turns: 3 }), call({ tags: '["booking"]', direction: 'outbound' }));
    await write(database, call({}));
    const fields = {
      language: 'en',
      turns: 3,
      tags: '["booking"]',
      direction: 'outbound',
    } as const;
    assert.deepEqual(await calls(database), [callRow({ call_sid: SID, ...fields })]);
  });

  test(`${kind}: a call began when it was first told of, unless an entry says when`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await write(database, call({ turns: 0 }), call({ turns: 1 }));
    assert.equal((await calls(database))[0]?.started_at, AT);
    await write(database, call({ started_at: AT - 500 }));
    assert.equal((await calls(database))[0]?.started_at, AT - 500);
  });

  const own = (outcome: string, reason: string | null = null) =>
    call({ outcome, outcome_is_own: 1, reason });
  const told = (outcome: string) => call({ outcome, outcome_is_own: 0, reason: 'network' });
  const endings: [
    name: string,
    entries: JournalEntry[],
    outcome: string | null,
    isOwn: number,
    reason: string | null,
  ][] = [
    ['what Twilio says stands until the call speaks', [told('lost')], 'lost', 0, 'network'],
    ['what Twilio said first stands', [told('lost'), told('failed')], 'lost', 0, 'network'],
    ['the call itself is believed', [told('lost'), own('timedOut', 'idle')], 'timedOut', 1, 'idle'],
    ['and Twilio not after it', [own('timedOut', 'idle'), told('lost')], 'timedOut', 1, 'idle'],
    ['the call may correct itself', [own('failed'), own('completed')], 'completed', 1, null],
    [
      'no outcome takes none away',
      [own('completed'), call({ outcome: null })],
      'completed',
      1,
      null,
    ],
    [
      'a flag alone says nothing',
      [told('lost'), call({ outcome_is_own: 1 })],
      'lost',
      0,
      'network',
    ],
  ];
  test(`${kind}: an outcome gives way by who said it, and its reason with it`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    for (const [name, entries, outcome, outcome_is_own, reason] of endings) {
      await write(database, ...entries);
      const [row] = await calls(database);
      assert.deepEqual(row, callRow({ call_sid: SID, outcome, outcome_is_own, reason }), name);
      await database.db.deleteFrom('calls').execute();
    }
  });

  test(`${kind}: the first of an event and a message stays, the last of a turn`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    const event = (type: string): JournalEntry => ({ kind: 'event', row: eventRow({ type }) });
    const message = (text: string): JournalEntry => ({
      kind: 'message',
      row: messageRow({ text }),
    });
    const turn = (text: string | null, latencies: string | null = null): JournalEntry => ({
      kind: 'turn',
      row: turnRow({ text, latencies }),
    });
    await write(database, event('first'), event('second'), message('first'), message('second'));
    await write(database, turn(null, '{"response":500}'), turn('first'), turn('last'), turn(null));
    assert.deepEqual(await db.selectFrom('call_events').selectAll().execute(), [
      eventRow({ type: 'first' }),
    ]);
    assert.deepEqual(await db.selectFrom('messages').selectAll().execute(), [
      messageRow({ text: 'first' }),
    ]);
    assert.deepEqual(await db.selectFrom('turns').selectAll().execute(), [
      turnRow({ text: 'last', latencies: '{"response":500}' }),
    ]);
  });

  test(`${kind}: the end of a call goes with its outcome, whoever tells it first`, async (t) => {
    const fresh = await freshDatabase(t);
    const own = call({ outcome: 'completed', outcome_is_own: 1, ended_at: 100, duration_ms: 90 });
    const told = call({ outcome: 'lost', outcome_is_own: 0, ended_at: 200, duration_ms: 80 });
    const shed = call({ outcome: 'shed', outcome_is_own: 0 });
    const endings: [JournalEntry[], string, number][] = [
      [[own, told], 'completed', 100],
      [[told, own], 'completed', 100],
      [[shed, told], 'shed', 200],
      [[told, shed], 'lost', 200],
    ];
    for (const [entries, outcome, endedAt] of endings) {
      const database = await fresh.open();
      await database.db.deleteFrom('calls').execute();
      await write(database, ...entries);
      const [row] = await calls(database);
      assert.deepEqual([row?.outcome, row?.ended_at], [outcome, endedAt]);
    }
  });

  test(`${kind}: what a message lacks is filled by what is told of it later`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const message = (fields: Partial<MessageRow>): JournalEntry => ({
      kind: 'message',
      row: messageRow({ phone: null, recording_url: null, ...fields }),
    });
    const [url, phone] = ['https://api.twilio.com/recordings/RE1', '+4930123456'];
    await write(database, message({ recording_url: url }), message({ phone }));
    const [row] = await database.db.selectFrom('messages').selectAll().execute();
    assert.deepEqual([row?.phone, row?.recording_url], [phone, url]);
  });

  test(`${kind}: no character and no fraction costs a call its record`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const summary = "'); drop table calls; -- \0 \ud800 ü 🍕";
    await write(database, call({ summary, dead_air_ms: 12.6, language: undefined }));
    const [row] = await calls(database);
    assert.equal(row?.summary, "'); drop table calls; --  \ufffd ü 🍕");
    assert.equal(row?.dead_air_ms, 13);
  });

  test(`${kind}: a batch with one entry that is refused leaves nothing, and others are accepted`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const refused = call({ direction: 'sideways' as 'inbound' }, 'CA2');
    await assert.rejects(write(database, call({ turns: 1 }), refused), { kind: 'failed' });
    assert.deepEqual(await calls(database), []);
    assert.equal(await acceptsWrites(database, 'test'), true);
    assert.deepEqual(await calls(database), [], 'the probe is rolled back');
    await database.close();
    assert.equal(await acceptsWrites(database, 'test'), false);
  });

  test(`${kind}: entries repeated up to five times, in any order, leave one row of each call`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(REPEATED, async (order) => {
        runs += 1;
        const sid = `CA${runs}`;
        await write(database, ...order.map((index) => ENTRIES[index]!(sid)));
        const { db } = database;
        const rows = await db.selectFrom('calls').selectAll().where('call_sid', '=', sid).execute();
        assert.equal(rows.length, 1);
        assert.deepEqual(rows[0], callRow({ ...rows[0]!, ...EXPECTED, call_sid: sid }));
        const turns = await db
          .selectFrom('turns')
          .selectAll()
          .where('call_sid', '=', sid)
          .execute();
        assert.deepEqual(turns, [turnRow({ call_sid: sid, text: 'A table for two.' })]);
        const events = await db
          .selectFrom('call_events')
          .select('seq')
          .where('call_sid', '=', sid)
          .orderBy('seq')
          .execute();
        assert.deepEqual(
          events.map((event) => event.seq),
          [0, 1, 2],
        );
      }),
      { numRuns: 30 },
    );
  });
});

/** One of each that a call writes; no two disagree but by the rules of the outcome and of texts. */
const ENTRIES: ((sid: string) => JournalEntry)[] = [
  (sid) => call({ started_at: AT, direction: 'inbound', caller_last4: '5678' }, sid),
  (sid) => call({ outcome: 'lost', outcome_is_own: 0, reason: 'network' }, sid),
  (sid) => call({ outcome: 'completed', outcome_is_own: 1, reason: null }, sid),
  (sid) => call({ turns: 4, duration_ms: 61_000 }, sid),
  (sid) => ({ kind: 'turn', row: turnRow({ call_sid: sid, text: null }) }),
  (sid) => ({ kind: 'turn', row: turnRow({ call_sid: sid, text: 'A table for two.' }) }),
  (sid) => ({ kind: 'event', row: eventRow({ call_sid: sid, seq: 0 }) }),
  (sid) => ({ kind: 'event', row: eventRow({ call_sid: sid, seq: 1 }) }),
  (sid) => ({ kind: 'event', row: eventRow({ call_sid: sid, seq: 2 }) }),
];
/** Each one to five times, in any order. */
const REPEATED = fc
  .tuple(
    ...ENTRIES.map((_, index) => fc.integer({ min: 1, max: 5 }).map((n) => Array(n).fill(index))),
  )
  .map((each) => each.flat() as number[])
  .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
const EXPECTED = {
  started_at: AT,
  caller_last4: '5678',
  outcome: 'completed',
  outcome_is_own: 1,
  reason: null,
  turns: 4,
  duration_ms: 61_000,
};

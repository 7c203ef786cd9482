import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readContinuation, readDesk } from '../src/journal/continuation.ts';
import type { Database } from '../src/journal/database.ts';
import { heldEpochs } from '../src/journal/fence.ts';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import { takeOver } from '../src/journal/lives.ts';
import type { CallRow } from '../src/journal/schema.ts';
import { writeEntries } from '../src/journal/write-entries.ts';
import { onBothDatabases } from './support/databases.ts';
import { AT, callRow, eventRow, messageRow, stamped, turnRow } from './support/journal-rows.ts';
import { wholeDatabase } from './support/whole-database.ts';

const SID = 'CA1';
const sound = (turn: number, epoch = 0, mulaw: Uint8Array | null = Uint8Array.of(1, 2, turn)) =>
  ({ kind: 'sound', callSid: SID, epoch, turn, mulaw }) as const;
const desk = (state: string, epoch = 0): JournalEntry => ({
  kind: 'desk',
  callSid: SID,
  epoch,
  state,
});
const call = (fields: Partial<CallRow>, epoch?: number): JournalEntry => ({
  kind: 'call',
  callSid: SID,
  fields,
  ...(epoch !== undefined && { epoch }),
});
const own = (outcome: string, epoch?: number) => call({ outcome, outcome_is_own: 1 }, epoch);
const told = (outcome: string) => call({ outcome, outcome_is_own: 0 });

async function addCall({ db }: Database, row: Partial<CallRow> = {}): Promise<void> {
  await db
    .insertInto('calls')
    .values(callRow({ call_sid: SID, ...row }))
    .execute();
}

function write(database: Database, ...entries: JournalEntry[]): Promise<number> {
  return writeEntries(database, `writer-${crypto.randomUUID()}`, stamped(entries));
}

async function rowOf({ db }: Database) {
  return db.selectFrom('calls').selectAll().where('call_sid', '=', SID).executeTakeFirstOrThrow();
}

async function clear({ db }: Database): Promise<void> {
  for (const table of ['calls', 'call_events', 'turns', 'messages'] as const) {
    await db.deleteFrom(table).execute();
  }
}

/** One of everything that a life may write. */
const BY_LIFE: readonly ((n: number, epoch: number) => JournalEntry)[] = [
  (n, epoch) => ({ kind: 'event', row: eventRow({ seq: n }), epoch }),
  (n, epoch) => ({ kind: 'turn', row: turnRow({ turn: n, text: `said ${n}` }), epoch }),
  (n, epoch) => sound(n, epoch),
  (n, epoch) => desk(`{"n":${n}}`, epoch),
  (n, epoch) => ({ kind: 'message', row: messageRow({ id: `M${n}` }), epoch }),
  (_, epoch) => own('lost', epoch),
  (_, epoch) => own('completed', epoch),
  (n, epoch) => call({ turns: n, summary: `words ${n}` }, epoch),
];

onBothDatabases((kind, freshDatabase) => {
  // With SQLite there is one process, and what it holds ends with it.
  if (kind === 'postgres') {
    test('a process that stopped in the midst of a booking does not keep its call', async (t) => {
      const { open } = await freshDatabase(t);
      const [stopped, other] = [await open(), await open()];
      await addCall(stopped);
      const woken = Promise.withResolvers<void>();
      const holding = Promise.withResolvers<void>();
      const booking = stopped.serially('bookings', async (transaction) => {
        await heldEpochs(transaction, kind, [SID]);
        holding.resolve();
        await woken.promise;
      });
      await holding.promise;
      assert.deepEqual(await takeOver(other, SID, AT), { epoch: 1, breaks: 1 });
      woken.resolve();
      await assert.rejects(booking, { name: 'DatabaseError' });
    });
  }

  test(`${kind}: a call that broke is taken over, one that ended or never was is not`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    assert.equal(await takeOver(database, SID, AT), 'unknown');
    const cases: [JournalEntry[], expected: 'taken' | 'ended'][] = [
      [[], 'taken'],
      [[own('lost')], 'taken'],
      [[own('continued')], 'taken'],
      [[own('continued'), told('lost')], 'ended'],
      [[own('completed')], 'ended'],
      [[own('handedOff')], 'ended'],
      [[own('failed')], 'ended'],
      [[told('lost')], 'ended'],
      [[own('lost'), told('lost')], 'ended'],
      [[told('lost'), own('lost')], 'ended'],
      [[told('shed')], 'ended'],
    ];
    for (const [entries, expected] of cases) {
      await addCall(database);
      await write(database, ...entries);
      const taken = await takeOver(database, SID, AT);
      assert.deepEqual(taken, expected === 'taken' ? { epoch: 1, breaks: 1 } : 'ended');
      await clear(database);
    }
  });

  test(`${kind}: an outcome "lost" is taken back, and the record ends with that of the last life`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    const ended = { ended_at: AT + 5000, duration_ms: 5000, reason: 'gone' };
    await write(database, call({ ...ended, outcome: 'lost', outcome_is_own: 1 }, 0));
    await takeOver(database, SID, AT);
    const { outcome, outcome_is_own, reason, ended_at, duration_ms, epoch } = await rowOf(database);
    assert.deepEqual(
      [outcome, outcome_is_own, reason, ended_at, duration_ms, epoch],
      [null, 0, null, null, null, 1],
    );
    await write(database, own('completed', 1), own('lost', 0), own('failed'), told('lost'));
    assert.equal((await rowOf(database)).outcome, 'completed');
    const rows = await database.db.selectFrom('calls').select('call_sid').execute();
    assert.equal(rows.length, 1);
  });

  test(`${kind}: a caller who hangs up while the call is broken leaves it lost`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    for (const entries of [[own('lost', 0)], [], [own('lost', 0), told('lost')]]) {
      await addCall(database);
      await write(database, ...entries);
      await takeOver(database, SID, AT);
      await write(database, told('lost'));
      assert.equal((await rowOf(database)).outcome, 'lost');
      assert.equal(await takeOver(database, SID, AT), 'ended');
      await clear(database);
    }
  });

  test(`${kind}: breaks are counted for a minute`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    const breaks: unknown[] = [];
    for (const afterS of [0, 10, 20, 59, 61, 200]) {
      breaks.push(await takeOver(database, SID, AT + afterS * 1000));
    }
    assert.deepEqual(breaks, [
      { epoch: 1, breaks: 1 },
      { epoch: 2, breaks: 2 },
      { epoch: 3, breaks: 3 },
      { epoch: 4, breaks: 4 },
      { epoch: 5, breaks: 4 },
      { epoch: 6, breaks: 1 },
    ]);
  });

  test(`${kind}: taken over by two replicas at once, a call has two epochs and the later one owns it`, async (t) => {
    const fresh = await freshDatabase(t);
    const [database, replica] = [await fresh.open(), await fresh.open()];
    for (let round = 0; round < 20; round += 1) {
      await addCall(database);
      const taken = await Promise.all([takeOver(database, SID, AT), takeOver(replica, SID, AT)]);
      const epochs = taken.map((each) => (typeof each === 'object' ? each.epoch : 0));
      assert.deepEqual(epochs.toSorted(), [1, 2]);
      assert.equal(await readContinuation(database, SID, 1), undefined);
      assert.equal((await readContinuation(replica, SID, 2))?.epoch, 2);
      const entries = BY_LIFE.map((entryOf) => entryOf(0, 1));
      assert.equal(await write(database, ...entries), entries.length);
      assert.equal((await rowOf(database)).outcome, null);
      await clear(database);
    }
  });

  test(`${kind}: of two owners at once the fenced one writes nothing, in any order`, async (t) => {
    const fresh = await freshDatabase(t);
    const [old, next] = [await fresh.open(), await fresh.open()];
    const step = fc.record({
      kinds: fc.array(fc.nat(BY_LIFE.length - 1), { minLength: 1, maxLength: 6 }),
      ticks: fc.nat(4),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 6 });
    let fenced = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(12), async (given, takenAfterTicks) => {
        await clear(old);
        await addCall(old);
        const writing = (async () => {
          for (const [index, { kinds, ticks }] of given.entries()) {
            await passTicks(ticks);
            const entries = kinds.map((n, at) => BY_LIFE[n]!(10 * index + at, 0));
            fenced += await write(old, ...entries);
          }
        })();
        await passTicks(takenAfterTicks);
        const taken = await takeOver(next, SID, AT);
        const found = await wholeDatabase(next);
        await writing;
        if (taken === 'ended') return;
        assert.equal(
          await wholeDatabase(next),
          found,
          'nothing is written after it was taken over',
        );
      }),
      { numRuns: 100 },
    );
    assert.ok(fenced > 0, 'expected some to be fenced');
  });

  test(`${kind}: what Twilio tells and what a caller left is written whoever owns the call`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    await takeOver(database, SID, AT);
    const message: JournalEntry = { kind: 'message', row: messageRow({ kind: 'voicemail' }) };
    assert.equal(await write(database, call({ voicemail: 1 }), message, told('lost')), 0);
    const { voicemail, outcome } = await rowOf(database);
    assert.deepEqual([voicemail, outcome], [1, 'lost']);
  });

  test(`${kind}: another life goes on from what was said, heard and counted`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database, { language: 'en' });
    assert.equal(await readContinuation(database, 'CA2', 0), undefined);
    const path = (seq: number, to: string): JournalEntry => ({
      kind: 'event',
      row: eventRow({ seq, type: 'state', payload: JSON.stringify({ path: to }) }),
    });
    const happened = (seq: number, type: string): JournalEntry => ({
      kind: 'event',
      row: eventRow({ seq, type }),
    });
    const empty = await readContinuation(database, SID, 0);
    assert.deepEqual([empty?.path, empty?.nextSeq, empty?.nextTurn], ['connecting', 0, 0]);
    const agent = turnRow({ turn: 0, text: 'Hello.', language: 'de' });
    const caller = turnRow({ turn: 1, speaker: 'caller', text: null, language: 'de' });
    const half = turnRow({ turn: 2, text: 'There is', cut: 'a table.', language: 'de' });
    await write(
      database,
      path(0, 'connecting'),
      { kind: 'turn', row: agent },
      sound(1),
      { kind: 'turn', row: caller },
      happened(1, 'turn.answered'),
      path(2, 'conversation.speaking'),
      { kind: 'turn', row: half },
      sound(3),
      happened(3, 'caller.interrupted'),
      happened(4, 'xstate.after.giveUp.call.conversation.thinking'),
      path(5, 'timeout.asking'),
      path(6, 'conversation.speaking'),
      path(7, 'ended'),
      path(8, 'connecting'),
      path(9, 'conversation.greeting'),
      call({ dead_air_ms: 812 }, 0),
    );
    await takeOver(database, SID, AT + 9000);
    assert.deepEqual(await readContinuation(database, SID, 1), {
      epoch: 1,
      startedAt: AT,
      language: 'de',
      turns: [{ row: agent }, { row: caller, mulaw: await soundIn(database, 1) }, { row: half }],
      pending: { mulaw: await soundIn(database, 3) },
      answers: 1,
      counted: [
        { type: 'turn.answered', payload: '{}' },
        { type: 'caller.interrupted', payload: '{}' },
        { type: 'xstate.after.giveUp.call.conversation.thinking', payload: '{}' },
        { type: 'state', payload: '{"path":"timeout.asking"}' },
      ],
      deadAirMs: 812,
      path: 'conversation.speaking',
      nextSeq: 10,
      nextTurn: 3,
    });
    assert.deepEqual([...(await soundIn(database, 3))], [1, 2, 3]);
  });

  test(`${kind}: a turn that goes on is written again and again, and the last words stay`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    const turn = (text: string | null, cut: string | null): JournalEntry => ({
      kind: 'turn',
      row: turnRow({ text, cut }),
    });
    await write(database, turn('A', 'table is free.'), turn('A table is', 'free.'));
    const cut = () => database.db.selectFrom('turns').select(['text', 'cut']).executeTakeFirst();
    assert.deepEqual(await cut(), { text: 'A table is', cut: 'free.' });
    await write(database, turn(null, null));
    assert.deepEqual(await cut(), { text: 'A table is', cut: 'free.' });
    await write(database, turn('A table is free.', null));
    assert.deepEqual(await cut(), { text: 'A table is free.', cut: null });
  });

  test(`${kind}: what only another life needs is kept until it is known not to come`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    const turns = async () => {
      const rows = await database.db.selectFrom('turn_sounds').select('turn').execute();
      return rows.map((row) => row.turn).toSorted();
    };
    const again = Uint8Array.of(9, 9);
    await write(database, sound(1), sound(3), sound(3, 0, again), sound(1, 0, null));
    assert.deepEqual([await turns(), [...(await soundIn(database, 3))]], [[3], [9, 9]]);
    await write(database, own('lost', 0));
    assert.deepEqual(await turns(), [3], 'a stream that broke is not the end');
    await write(database, told('lost'));
    assert.deepEqual(await turns(), []);
    await write(database, desk('1'), desk('2'));
    assert.equal(await readDesk(database, SID), '2');
    await write(database, call({ turns: 1 }), sound(5), own('completed', 0));
    assert.deepEqual([await turns(), await readDesk(database, SID)], [[], undefined]);
  });
});

async function soundIn({ db }: Database, turn: number): Promise<Uint8Array> {
  const query = db.selectFrom('turn_sounds').select('mulaw').where('turn', '=', turn);
  return (await query.executeTakeFirstOrThrow()).mulaw;
}

async function passTicks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await new Promise((resolve) => setImmediate(resolve));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerKey } from '../src/journal/caller-key.ts';
import type { Database } from '../src/journal/database.ts';
import { eraseCaller } from '../src/journal/erase-caller.ts';
import { onBothDatabases } from './support/databases.ts';
import {
  AT,
  callRow,
  eventRow,
  messageRow,
  reservationRow,
  turnRow,
} from './support/journal-rows.ts';
import { wholeDatabase } from './support/whole-database.ts';

const PHONE = '+493012345678';
const KEY = callerKey(PHONE, 'secret')!;
const OTHER_KEY = callerKey('+493087655678', 'secret')!;
const DAY_MS = 86_400_000;
const PAST = { starts_at: AT - DAY_MS, ends_at: AT - DAY_MS + 7_200_000 };
/** What every erasure is told. */
const CALLER = { phone: PHONE, deleteRecordings: async () => 0 };
const GUEST = { name: 'Canary', name_key: 'canary', note: 'canary seat' };

async function addCall(database: Database, sid: string, key: string): Promise<void> {
  const { db } = database;
  const words = { summary: 'canary', handoff_brief: 'canary', caller_last4: '5678' };
  const counted = { turns: 3, duration_ms: 60_000, outcome: 'completed' };
  await db
    .insertInto('calls')
    .values(callRow({ call_sid: sid, caller_key: key, ...words, ...counted }))
    .execute();
  const latencies = '{"response":500}';
  await db
    .insertInto('turns')
    .values(turnRow({ call_sid: sid, text: 'canary', cut: 'canary', latencies }))
    .execute();
  await db
    .insertInto('call_events')
    .values(eventRow({ call_sid: sid, payload: '{"canary":1}' }))
    .execute();
  await db.insertInto('desks').values({ call_sid: sid, state: '"canary"' }).execute();
  await db
    .insertInto('turn_sounds')
    .values({ call_sid: sid, turn: 1, epoch: 0, mulaw: Uint8Array.of(1, 2, 3) })
    .execute();
}

/** Two calls of the caller, one of another whose number ends the same. */
async function addCalls(database: Database): Promise<void> {
  await addCall(database, 'CA1', KEY);
  await addCall(database, 'CA2', KEY);
  await addCall(database, 'CA3', OTHER_KEY);
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: a caller is erased from every table, others are not, and the calls still count`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    await addCalls(database);
    await db
      .insertInto('reservations')
      .values([
        // By the call, whatever number was given; by the number, whichever call it was.
        reservationRow({ id: 'R1', call_sid: 'CA1', ...PAST, ...GUEST }),
        reservationRow({
          id: 'R2',
          call_sid: null,
          ...PAST,
          ...GUEST,
          phone: '03012345678',
          phone_last4: '5678',
        }),
        reservationRow({
          id: 'R3',
          call_sid: 'CA3',
          ...PAST,
          ...GUEST,
          phone: '+493087655678',
          phone_last4: '5678',
        }),
      ])
      .execute();
    await db
      .insertInto('messages')
      .values([
        messageRow({ id: 'M1', call_sid: 'CA2', text: 'canary', recording_url: 'https://api/RE1' }),
        messageRow({ id: 'M2', call_sid: null, phone: PHONE, text: 'canary' }),
        messageRow({ id: 'M3', call_sid: 'CA3', phone: '+493087655678', text: 'canary' }),
      ])
      .execute();
    await db
      .insertInto('operations')
      .values([
        { key: 'CA1:1', at: AT, result: '{"reservation":{"id":"R1","name":"Canary"}}' },
        { key: 'CA3:1', at: AT, result: '{"reservation":{"id":"R3","name":"Canary"}}' },
      ])
      .execute();
    assert.deepEqual(await eraseCaller(database, KEY, { ...CALLER, nowMs: AT }), {
      calls: 2,
      turns: 2,
      events: 2,
      messages: 2,
      reservations: 2,
      recordings: 0,
      upcoming: [],
      recordingUrls: ['https://api/RE1'],
    });
    const left = await wholeDatabase(database);
    assert.doesNotMatch(left, new RegExp(`${KEY}|12345678|RE1|M[12]`));
    // What is left of the word is the other caller's: two of the call, one turn, event and message, …
    await db.deleteFrom('calls').where('call_sid', '=', 'CA3').execute();
    await db.deleteFrom('turns').where('call_sid', '=', 'CA3').execute();
    await db.deleteFrom('call_events').where('call_sid', '=', 'CA3').execute();
    assert.equal((await db.deleteFrom('messages').execute())[0]?.numDeletedRows, 1n);
    assert.equal((await db.deleteFrom('operations').execute())[0]?.numDeletedRows, 1n);
    const [other] = await db
      .selectFrom('reservations')
      .selectAll()
      .where('id', '=', 'R3')
      .execute();
    assert.deepEqual([other?.name, other?.phone], ['Canary', '+493087655678']);
    await db.deleteFrom('reservations').where('id', '=', 'R3').execute();
    const erased = await wholeDatabase(database);
    assert.doesNotMatch(erased, /canary|5678/i);
    const calls = await db
      .selectFrom('calls')
      .select(['outcome', 'turns', 'duration_ms'])
      .execute();
    assert.deepEqual(calls, Array(2).fill({ outcome: 'completed', turns: 3, duration_ms: 60_000 }));
    const turns = await db.selectFrom('turns').select('latencies').execute();
    assert.deepEqual(turns, Array(2).fill({ latencies: '{"response":500}' }));
    const tables = await db.selectFrom('reservations').select(['status', 'party_size']).execute();
    assert.deepEqual(tables, Array(2).fill({ status: 'confirmed', party_size: 2 }));
  });

  test(`${kind}: a guest who is expected is kept and told of, and erased after the visit`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    await addCalls(database);
    await db
      .insertInto('reservations')
      .values([
        reservationRow({ id: 'R1', call_sid: 'CA1', ...GUEST }),
        reservationRow({ id: 'R2', call_sid: 'CA2', ...GUEST, status: 'cancelled' }),
        reservationRow({ id: 'R3', call_sid: 'CA2', ...GUEST, status: 'held', expires_at: AT - 1 }),
      ])
      .execute();
    await db
      .insertInto('occupancy')
      .values({ place: 't1', slot: 1, reservation_id: 'R1' })
      .execute();
    const erased = await eraseCaller(database, KEY, { ...CALLER, nowMs: AT });
    assert.deepEqual(erased.upcoming, [
      { id: 'R1', date: '2026-11-26', time: '19:30', partySize: 2 },
    ]);
    assert.equal(erased.reservations, 2);
    const guests = await db
      .selectFrom('reservations')
      .select(['id', 'name'])
      .orderBy('id')
      .execute();
    assert.deepEqual(
      guests.map((guest) => guest.name),
      ['Canary', null, null],
    );
    assert.equal((await db.selectFrom('occupancy').selectAll().execute()).length, 1);
    const later = await eraseCaller(database, KEY, { ...CALLER, nowMs: AT + 2 * DAY_MS });
    assert.deepEqual([later.reservations, later.upcoming], [1, []]);
    await db.deleteFrom('calls').where('call_sid', '=', 'CA3').execute();
    assert.doesNotMatch(
      JSON.stringify(await db.selectFrom('calls').selectAll().execute()),
      /canary/,
    );
    assert.doesNotMatch(
      JSON.stringify(await db.selectFrom('reservations').selectAll().execute()),
      /canary/i,
    );
    assert.doesNotMatch(await wholeDatabase(database), new RegExp(KEY));
  });

  test(`${kind}: with bookings to come, these are cancelled and their tables are free`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    await addCall(database, 'CA1', KEY);
    const held = { status: 'held' as const, expires_at: AT + 60_000 };
    await db
      .insertInto('reservations')
      .values([
        reservationRow({ id: 'R1', ...GUEST }),
        reservationRow({ id: 'R2', ...GUEST, ...held }),
        reservationRow({ id: 'R3', ...PAST, ...GUEST }),
      ])
      .execute();
    await db
      .insertInto('occupancy')
      .values(['R1', 'R2', 'R3'].map((id, slot) => ({ place: 't1', slot, reservation_id: id })))
      .execute();
    const options = { ...CALLER, nowMs: AT, withUpcoming: true };
    const erased = await eraseCaller(database, KEY, options);
    assert.deepEqual([erased.reservations, erased.upcoming], [3, []]);
    const rows = await db.selectFrom('reservations').select('status').orderBy('id').execute();
    assert.deepEqual(
      rows.map((row) => row.status),
      ['cancelled', 'cancelled', 'confirmed'],
    );
    assert.deepEqual(await db.selectFrom('occupancy').select('reservation_id').execute(), [
      { reservation_id: 'R3' },
    ]);
    assert.doesNotMatch(await wholeDatabase(database), /canary/i);
  });

  test(`${kind}: recordings go first, so that a call whose recording stays is found again`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCalls(database);
    const asked: (readonly string[])[] = [];
    const undeletable = async (sids: readonly string[]) => {
      asked.push(sids);
      throw new Error('no');
    };
    const failing = { ...CALLER, deleteRecordings: undeletable, nowMs: AT };
    await assert.rejects(eraseCaller(database, KEY, failing), { message: 'no' });
    const deleteRecordings = async (sids: readonly string[]) => asked.push(sids);
    const erased = await eraseCaller(database, KEY, { ...CALLER, deleteRecordings, nowMs: AT });
    assert.deepEqual([erased.calls, erased.recordings], [2, 2]);
    assert.deepEqual(asked, Array(2).fill(['CA1', 'CA2']));
  });

  test(`${kind}: a caller with many calls is erased from all of them`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const rows = Array.from({ length: 120 }, (_, index) =>
      callRow({ call_sid: `CA${index}`, caller_key: KEY }),
    );
    await database.db.insertInto('calls').values(rows).execute();
    assert.equal((await eraseCaller(database, KEY, { ...CALLER, nowMs: AT })).calls, 120);
    assert.doesNotMatch(await wholeDatabase(database), new RegExp(KEY));
  });
});

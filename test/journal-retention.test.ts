import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Database } from '../src/journal/database.ts';
import { enforceRetention } from '../src/journal/retention.ts';
import { startRetention } from '../src/journal/retention-clock.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { callRow, eventRow, messageRow, reservationRow, turnRow } from './support/journal-rows.ts';
import { LogLines } from './support/log-lines.ts';
import { wholeDatabase } from './support/whole-database.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 25, 12);
const DAYS = { wordsDays: 30, messagesDays: 90, reservationsDays: 200, recordsDays: 400 };
const NOTHING = {
  turns: 0,
  sounds: 0,
  desks: 0,
  events: 0,
  summaries: 0,
  messages: 0,
  reservations: 0,
  operations: 0,
  calls: 0,
};

/** A call of so many days ago, with everything that a call can have. Every word has its age in it. */
async function callOf(database: Database, daysAgo: number): Promise<void> {
  const { db } = database;
  const sid = `CA${daysAgo}`;
  const at = NOW - daysAgo * DAY_MS;
  const call = { call_sid: sid, started_at: at, summary: `summary${daysAgo}`, turns: 2 };
  await db
    .insertInto('calls')
    .values(callRow({ ...call, handoff_brief: 'brief' }))
    .execute();
  await db
    .insertInto('turns')
    .values(turnRow({ call_sid: sid, at, text: `said${daysAgo}`, cut: `unsaid${daysAgo}` }))
    .execute();
  await db
    .insertInto('call_events')
    .values(eventRow({ call_sid: sid, at, payload: `{"what":"happened${daysAgo}"}` }))
    .execute();
  await db.insertInto('lives').values({ call_sid: sid, epoch: 1, began_at: at }).execute();
  await db
    .insertInto('desks')
    .values({ call_sid: sid, state: `"desk${daysAgo}"` })
    .execute();
  await db
    .insertInto('turn_sounds')
    .values({ call_sid: sid, turn: 1, epoch: 0, mulaw: Uint8Array.of(daysAgo % 256) })
    .execute();
  await db
    .insertInto('messages')
    .values(messageRow({ id: sid, call_sid: sid, created_at: at, text: `left${daysAgo}` }))
    .execute();
  await db
    .insertInto('reservations')
    .values(
      reservationRow({
        id: sid,
        call_sid: sid,
        starts_at: at - 7_200_000,
        ends_at: at,
        name: `guest${daysAgo}`,
      }),
    )
    .execute();
  await db
    .insertInto('occupancy')
    .values({ place: 's1', slot: at / 60_000, reservation_id: sid })
    .execute();
  await db
    .insertInto('operations')
    .values({ key: sid, at, result: `"answer${daysAgo}"` })
    .execute();
}

async function withCalls(
  t: TestContext,
  get: typeof freshSqlite,
  ages: number[],
): Promise<Database> {
  const database = await (await get(t)).open();
  for (const age of ages) await callOf(database, age);
  return database;
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: each kind of data goes after its own time, and nothing before`, async (t) => {
    const database = await withCalls(t, freshDatabase, [0, 31, 91, 201, 401]);
    assert.deepEqual(await enforceRetention(database, DAYS, NOW), {
      // Texts of four calls; then the whole row of the oldest.
      turns: 4 + 1,
      sounds: 4,
      desks: 4,
      events: 4 + 1,
      summaries: 4,
      messages: 3,
      reservations: 2,
      operations: 4,
      calls: 1,
    });
    const left = await wholeDatabase(database);
    const holding = (word: string) =>
      [0, 31, 91, 201, 401].filter((age) => new RegExp(`\\b${word}${age}\\b`).test(left));
    assert.deepEqual(holding('said'), [0]);
    assert.deepEqual(holding('unsaid'), [0]);
    assert.deepEqual(holding('summary'), [0]);
    assert.deepEqual(holding('happened'), [0]);
    assert.deepEqual(holding('left'), [0, 31]);
    assert.deepEqual(holding('guest'), [0, 31, 91]);
    assert.deepEqual(holding('answer'), [0]);
    assert.deepEqual(holding('CA'), [0, 31, 91, 201]);
    assert.deepEqual(holding('desk'), [0]);
    const sounds = await database.db.selectFrom('turn_sounds').select('call_sid').execute();
    assert.deepEqual(sounds, [{ call_sid: 'CA0' }]);
    const occupied = await database.db.selectFrom('occupancy').select('reservation_id').execute();
    assert.equal(occupied.length, 3);
    assert.deepEqual(await enforceRetention(database, DAYS, NOW), NOTHING, 'and then nothing more');
  });

  test(`${kind}: records take all of their calls with them`, async (t) => {
    const database = await withCalls(t, freshDatabase, [11]);
    const days = { wordsDays: 3650, messagesDays: 3650, reservationsDays: 1, recordsDays: 10 };
    await enforceRetention(database, days, NOW);
    assert.doesNotMatch(await wholeDatabase(database), /11/);
  });

  test(`${kind}: more than one batch is deleted in one run`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const rows = Array.from({ length: 1203 }, (_, turn) =>
      turnRow({ turn, at: NOW - 31 * DAY_MS }),
    );
    await database.db.insertInto('turns').values(rows).execute();
    assert.equal((await enforceRetention(database, DAYS, NOW)).turns, 1203);
  });
});

test('retention runs at once, says what it did, and can be stopped', async (t) => {
  const database = await withCalls(t, freshSqlite, [1000]);
  const lines = new LogLines();
  const clock = startRetention(database, DAYS, lines.log);
  await clock.stop();
  const [line] = lines.saying('retention enforced');
  assert.deepEqual([line?.calls, line?.messages], [1, 1]);
  assert.doesNotMatch(await wholeDatabase(database), /1000/);
});

test('a failure of retention is logged without anything of the rows', async (t) => {
  const database = await (await freshSqlite(t)).open();
  await database.close();
  const lines = new LogLines();
  await startRetention(database, DAYS, lines.log).stop();
  assert.deepEqual(
    lines.saying('retention failed').map((line) => line.problem),
    ['unavailable'],
  );
});

test('the next run keeps no process alive', async () => {
  const clock = fileURLToPath(new URL('../src/journal/retention-clock.ts', import.meta.url));
  const program = `
    import { startRetention } from ${JSON.stringify(clock)};
    const log = { info() {}, warn() { console.log('ran'); } };
    startRetention({ db: undefined }, {}, log);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program]);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual([code, output], [0, 'ran\n']);
});

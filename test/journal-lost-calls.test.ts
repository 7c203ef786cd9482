import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../src/journal/database.ts';
import { startHourly } from '../src/journal/hourly.ts';
import { closeLostCalls, startClosingLostCalls } from '../src/journal/lost-calls.ts';
import { writeEntries } from '../src/journal/write-entries.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { callRow, stamped } from './support/journal-rows.ts';
import { LogLines } from './support/log-lines.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 25, 12);

async function outcomes({ db }: Database) {
  const rows = await db
    .selectFrom('calls')
    .select(['call_sid', 'outcome', 'outcome_is_own'])
    .orderBy('call_sid')
    .execute();
  return rows.map((row) => `${row.call_sid} ${row.outcome} ${row.outcome_is_own}`);
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: a call that never got an outcome is lost, once none can be going on any more`, async (t) => {
    const fresh = await freshDatabase(t);
    const [database, replica] = [await fresh.open(), await fresh.open()];
    const calls = [
      callRow({ call_sid: 'CA1', started_at: NOW - 3 * HOUR_MS }),
      callRow({ call_sid: 'CA2', started_at: NOW - HOUR_MS }),
      callRow({
        call_sid: 'CA3',
        started_at: NOW - 3 * HOUR_MS,
        outcome: 'completed',
        outcome_is_own: 1,
      }),
      callRow({ call_sid: 'CA4', started_at: NOW - 3 * HOUR_MS, outcome: 'busy' }),
    ];
    await database.db.insertInto('calls').values(calls).execute();
    const before = NOW - 2 * HOUR_MS;
    const closed = await Promise.all([
      closeLostCalls(database, before),
      closeLostCalls(replica, before),
    ]);
    assert.equal(closed[0] + closed[1], 1, 'by one of the replicas');
    const expected = ['CA1 lost 0', 'CA2 null 0', 'CA3 completed 1', 'CA4 busy 0'];
    assert.deepEqual(await outcomes(database), expected);

    const own = { outcome: 'handedOff', outcome_is_own: 1, reason: null };
    const late = stamped([{ kind: 'call', callSid: 'CA1', fields: own }]);
    await writeEntries(database, 'late', late);
    assert.equal((await outcomes(database))[0], 'CA1 handedOff 1', 'what it said itself counts');
  });

  test(`${kind}: more than one statement's worth is closed in one run`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const calls = Array.from({ length: 1103 }, (_, at) =>
      callRow({ call_sid: `CA${at}`, started_at: NOW }),
    );
    await database.db.insertInto('calls').values(calls).execute();
    assert.equal(await closeLostCalls(database, NOW + 1), 1103);
    assert.equal(await closeLostCalls(database, NOW + 1), 0);
  });
});

test('lost calls are closed at once, which is logged, and so is that they cannot be', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const old = callRow({ call_sid: 'CA1', started_at: Date.now() - 2 * HOUR_MS });
  await database.db.insertInto('calls').values(old).execute();
  const lines = new LogLines();
  await startClosingLostCalls(database, HOUR_MS, lines.log).stop();
  assert.deepEqual(await outcomes(database), ['CA1 lost 0']);
  assert.deepEqual(
    lines.saying('lost calls closed').map(({ calls }) => calls),
    [1],
  );
  await database.close();
  await startClosingLostCalls(database, HOUR_MS, lines.log).stop();
  assert.deepEqual(
    lines.saying('lost calls not closed').map(({ problem }) => problem),
    ['unavailable'],
  );
});

test('what is done every hour is done at once, and no more once it is stopped', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let runs = 0;
  const clock = startHourly(async () => {
    runs += 1;
  });
  const hoursPass = async (hours: number) => {
    for (let hour = 0; hour < hours; hour += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(HOUR_MS);
    }
  };
  assert.equal(runs, 1);
  await hoursPass(3);
  assert.equal(runs, 4);
  await clock.stop();
  await hoursPass(3);
  assert.equal(runs, 4);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ReservationRow, Schema } from '../src/journal/schema.ts';
import { failure } from './support/database-failure.ts';
import { onBothDatabases } from './support/databases.ts';

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: what is written is what is read`, async (t) => {
    const { db } = await (await freshDatabase(t)).open();
    const row = reservation({ starts_at: 2 ** 45, ends_at: 2 ** 53 - 1, name: 'Zoë 🍝', note: '' });
    await db.insertInto('reservations').values(row).execute();
    assert.deepEqual(await db.selectFrom('reservations').selectAll().execute(), [row]);
  });

  test(`${kind}: counts, sums and averages are numbers`, async (t) => {
    const { db } = await (await freshDatabase(t)).open();
    for (const [key, at] of [
      ['a', 1],
      ['b', 1_700_000_000_000],
    ] as const) {
      await db.insertInto('operations').values({ key, at, result: '{}' }).execute();
    }
    const read = await db
      .selectFrom('operations')
      .select(({ fn }) => [
        fn.countAll().as('count'),
        fn.sum('at').as('sum'),
        fn.avg('at').as('avg'),
      ])
      .execute();
    assert.deepEqual(read, [{ count: 2, sum: 1_700_000_000_001, avg: 850_000_000_000.5 }]);
    const { numUpdatedRows } = await db
      .updateTable('operations')
      .set({ result: '[]' })
      .executeTakeFirst();
    assert.equal(numUpdatedRows, 2n);
  });

  test(`${kind}: a row that breaks a rule is refused`, async (t) => {
    const { db } = await (await freshDatabase(t)).open();
    const insert = (row: ReservationRow) => db.insertInto('reservations').values(row).execute();
    await insert(reservation({ id: 'a' }));
    const duplicate = await failure(insert(reservation({ id: 'a' })), 'failed');
    assert.equal(duplicate.isDuplicate, true);
    for (const wrong of [
      { party_size: 0 },
      { party_size: 2.5 },
      { status: 'lost' as ReservationRow['status'] },
      { created_at: 'soon' as unknown as number },
      { created_at: Number.NaN },
      { date: null as unknown as string },
    ]) {
      const error = await failure(insert(reservation({ id: 'b', ...wrong })), 'failed');
      assert.equal(error.isDuplicate, false, inspect(wrong));
    }
    const orphan = { place: 't1', slot: 1, reservation_id: 'nobody' };
    await failure(db.insertInto('occupancy').values(orphan).execute(), 'failed');
  });

  test(`${kind}: a place belongs to one booking at a time, and is free when that is gone`, async (t) => {
    const { db } = await (await freshDatabase(t)).open();
    await db
      .insertInto('reservations')
      .values([reservation({ id: 'a' }), reservation({ id: 'b' })])
      .execute();
    const seat = (reservation_id: string) =>
      db
        .insertInto('occupancy')
        .values({ place: 't1', slot: 30_000_000, reservation_id })
        .execute();
    await seat('a');
    assert.equal((await failure(seat('b'), 'failed')).isDuplicate, true);
    await db.deleteFrom('reservations').where('id', '=', 'a').execute();
    await seat('b');
  });

  test(`${kind}: of 50 increments at once, from two sides, none is lost`, async (t) => {
    const fresh = await freshDatabase(t);
    const sides = [await fresh.open(), await fresh.open()] as const;
    await writeCounter(sides[0].db, 0);
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => sides[i % 2 === 0 ? 0 : 1].serially('count', increment)),
    );
    assert.equal(await readCounter(sides[1].db), 50);
  });

  test(`${kind}: what fails leaves nothing behind, and says why`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const reason = new RangeError('the caller changed their mind');
    const attempt = database.serially('count', async (transaction) => {
      await writeCounter(transaction, 1);
      throw reason;
    });
    await assert.rejects(attempt, (error) => error === reason);
    assert.equal(await readCounter(database.db), undefined);
  });

  test(`${kind}: after a refused statement nothing of the transaction is kept`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const attempt = database.serially('count', async (transaction) => {
      await writeCounter(transaction, 1);
      await failure(writeCounter(transaction, 1), 'failed');
      await failure(writeCounter(transaction, 2, 'another'), 'failed');
    });
    await failure(attempt, 'failed');
    assert.equal(await readCounter(database.db), undefined);
  });

  test(`${kind}: a statement that comes after its transaction is refused`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    let kept: Transaction<Schema> | undefined;
    await database.serially('count', async (transaction) => {
      kept = transaction;
    });
    assert.ok(kept);
    await assert.rejects(writeCounter(kept, 1));
    assert.equal(await readCounter(database.db), undefined);
  });

  test(`${kind}: a query beside an open transaction is not part of it`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const reason = new Error('rolled back');
    let beside: Promise<unknown> | undefined;
    const attempt = database.serially('count', async (transaction) => {
      await writeCounter(transaction, 1);
      beside = writeCounter(database.db, 7, 'beside');
      await readCounter(transaction);
      throw reason;
    });
    await assert.rejects(attempt, (error) => error === reason);
    await beside;
    assert.equal(await readCounter(database.db), undefined);
    assert.equal(await readCounter(database.db, 'beside'), 7);
  });

  test(`${kind}: a lock that another one holds is waited for, within the bound`, async (t) => {
    const fresh = await freshDatabase(t);
    const holder = await fresh.open();
    const waiter = await fresh.open({ timeoutMs: 200 });
    const held = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const holding = holder.serially('count', async (transaction) => {
      await writeCounter(transaction, 1);
      held.resolve();
      await done.promise;
    });
    await held.promise;
    const startedAt = performance.now();
    await failure(waiter.serially('count', increment), 'unavailable');
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 150 && tookMs < 1500, `it took ${tookMs} ms`);
    done.resolve();
    await holding;
    await waiter.serially('count', increment);
    assert.equal(await readCounter(waiter.db), 2);
  });

  test(`${kind}: work that never ends does not keep the lock`, async (t) => {
    const fresh = await freshDatabase(t);
    const database = await fresh.open({ timeoutMs: 200 });
    const endless = database.serially('count', async (transaction) => {
      await writeCounter(transaction, 1);
      await new Promise(() => {});
    });
    await failure(endless, 'unavailable');
    const other = await fresh.open();
    await other.serially('count', (transaction) => writeCounter(transaction, 5));
    assert.equal(await readCounter(database.db), 5);
  });

  test(`${kind}: opened by several at once, the tables are made once, and kept`, async (t) => {
    const fresh = await freshDatabase(t);
    const opened = await Promise.all([fresh.open(), fresh.open(), fresh.open()]);
    await Promise.all(opened.map(({ db }, i) => writeCounter(db, i, `key ${i}`)));
    const again = await fresh.open();
    assert.equal(await readCounter(again.db, 'key 2'), 2);
    const migrations = await sql`select name from kysely_migration order by name`.execute(again.db);
    assert.deepEqual(migrations.rows, [
      { name: '0001-first' },
      { name: '0002-cut-words' },
      { name: '0003-open-calls' },
      { name: '0004-lives' },
      { name: '0005-speculation' },
    ]);
  });

  test(`${kind}: an error tells nothing of what was written`, async (t) => {
    const { db } = await (await freshDatabase(t)).open();
    const secret = '+491701234567';
    const insert = (row: ReservationRow) => db.insertInto('reservations').values(row).execute();
    await insert(reservation({ id: secret, phone: secret }));
    for (const wrong of [
      {},
      { id: 'b', party_size: 0 },
      { id: 'b', created_at: `on ${secret}` as unknown as number },
      { id: 'b', name: secret, date: null as unknown as string },
      { id: 'b', phone: { secret } as unknown as string },
    ]) {
      const row = reservation({ id: secret, phone: secret, ...wrong });
      const error = await failure(insert(row), 'failed');
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes('491701234567'));
    }
  });

  test(`${kind}: closed, it says that it is not available`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await database.close();
    await failure(readCounter(database.db), 'unavailable');
    await failure(database.serially('count', increment), 'unavailable');
    await database.close();
  });
});

function reservation(overrides: Partial<ReservationRow>): ReservationRow {
  return {
    id: 'r1',
    call_sid: null,
    status: 'held',
    party_size: 4,
    date: '2026-12-24',
    time: '19:30',
    starts_at: 1_798_137_000_000,
    ends_at: 1_798_144_200_000,
    name: null,
    name_key: null,
    phone: null,
    phone_last4: null,
    note: null,
    expires_at: null,
    created_at: 1,
    updated_at: 1,
    ...overrides,
  };
}

async function writeCounter(db: Kysely<Schema>, value: number, key = 'counter'): Promise<void> {
  await db.insertInto('operations').values({ key, at: value, result: '' }).execute();
}

async function readCounter(db: Kysely<Schema>, key = 'counter'): Promise<number | undefined> {
  const row = await db
    .selectFrom('operations')
    .select('at')
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.at;
}

async function increment(transaction: Transaction<Schema>): Promise<void> {
  const at = ((await readCounter(transaction)) ?? 0) + 1;
  await transaction.updateTable('operations').set({ at }).where('key', '=', 'counter').execute();
}

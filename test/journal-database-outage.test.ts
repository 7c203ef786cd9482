/** What the database layer says, and does afterwards, when its database goes away. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { type Kysely, sql } from 'kysely';
import { type DatabaseOptions, openDatabase } from '../src/journal/open-database.ts';
import type { Schema } from '../src/journal/schema.ts';
import { failure } from './support/database-failure.ts';
import { type FreshDatabase, freshSqlite, onBothDatabases } from './support/databases.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: a program that has closed it can end, and has written nothing`, async (t) => {
    const { options } = await freshDatabase(t);
    const { stdout, stderr, code } = await runProgram(options);
    assert.deepEqual({ stdout, stderr, code }, { stdout: 'closed\n', stderr: '', code: 0 });
  });

  if (kind === 'sqlite') return;

  test('postgres: a server that is away is told quickly, and used again when it is back', async (t) => {
    const { options, proxy } = await proxied(t, await freshDatabase(t));
    const database = await openFor(t, { ...options, timeoutMs: 500 });
    await write(database.db, 'a');
    proxy.cut();
    const startedAt = performance.now();
    await failure(write(database.db, 'b'), 'unavailable');
    await failure(
      database.serially('b', (transaction) => write(transaction, 'b')),
      'unavailable',
    );
    await failure(openDatabase({ ...options, timeoutMs: 500 }), 'unavailable');
    assert.ok(performance.now() - startedAt < 2000);
    proxy.restore();
    await database.serially('c', (transaction) => write(transaction, 'c'));
    assert.deepEqual(await keys(database.db), ['a', 'c']);
  });

  test('postgres: a server that is away at the start is used once it is there', async (t) => {
    const { options, proxy } = await proxied(t, await freshDatabase(t));
    proxy.cut();
    const database = await openFor(t, { ...options, timeoutMs: 500, patient: true });
    await failure(write(database.db, 'a'), 'unavailable');
    proxy.restore();
    await write(database.db, 'b');
    assert.deepEqual(await keys(database.db), ['b']);
  });

  test('postgres: a server that falls silent is given up within the bound', async (t) => {
    const { options, proxy } = await proxied(t, await freshDatabase(t));
    const database = await openFor(t, { ...options, timeoutMs: 200 });
    await write(database.db, 'a');
    proxy.deafen();
    const startedAt = performance.now();
    await failure(write(database.db, 'b'), 'unavailable');
    assert.ok(performance.now() - startedAt < 2000);
    proxy.restore();
    await write(database.db, 'c');
  });

  test('postgres: a connection lost in a transaction leaves nothing of it', async (t) => {
    const { options, proxy } = await proxied(t, await freshDatabase(t));
    const database = await openFor(t, options);
    const attempt = database.serially('a', async (transaction) => {
      await write(transaction, 'a');
      proxy.cut();
      await write(transaction, 'b');
    });
    await failure(attempt, 'unavailable');
    proxy.restore();
    assert.deepEqual(await keys(database.db), []);
  });

  test('postgres: a commit that is not answered may have happened', async (t) => {
    const fresh = await freshDatabase(t);
    const { options, proxy } = await proxied(t, fresh);
    const database = await openFor(t, { ...options, timeoutMs: 200 });
    const attempt = database.serially('a', async (transaction) => {
      await write(transaction, 'a');
      proxy.deafen();
    });
    await failure(attempt, 'unknown');
    assert.deepEqual(await keys((await fresh.open()).db), ['a']);
  });

  test('postgres: a session that the server ends takes no process with it', async (t) => {
    const fresh = await freshDatabase(t);
    const database = await fresh.open();
    const other = await fresh.open();
    const endOthers = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    const attempt = database.serially('a', async (transaction) => {
      await write(transaction, 'a');
      await endOthers.execute(other.db);
      await write(transaction, 'b');
    });
    await failure(attempt, 'unavailable');
    await database.serially('c', (transaction) => write(transaction, 'c'));
    assert.deepEqual(await keys(database.db), ['c']);
  });

  test('postgres: after a conflict the work is done again, a limited number of times', async (t) => {
    const database = await (await freshDatabase(t)).open();
    const clash = sql`do $$ begin raise sqlstate '40001'; end $$`;
    const conflicted = async (conflicts: number) => {
      let attempts = 0;
      await database.serially('a', async (transaction) => {
        attempts += 1;
        await write(transaction, `${conflicts}`);
        if (attempts <= conflicts) await clash.execute(transaction);
      });
    };
    await conflicted(2);
    await failure(conflicted(99), 'conflict');
    assert.deepEqual(await keys(database.db), ['2']);
  });
});

test('postgres: where nothing listens, opening says so', async () => {
  const url = 'postgres://user:secret-word@127.0.0.1:1/none';
  const error = await failure(openDatabase({ url, timeoutMs: 500 }), 'unavailable');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.ok(!inspect(error).includes('secret-word'));
});

test('sqlite: where no directory can be, opening says so', async (t) => {
  const { options } = await freshSqlite(t);
  const file = join(options.directory!, 'file');
  await writeFile(file, '');
  await failure(openDatabase({ directory: join(file, 'data') }), 'unavailable');
});

test('sqlite: a file that is no database is left alone', async (t) => {
  const { options } = await freshSqlite(t);
  await writeFile(join(options.directory!, 'calls.sqlite'), 'something else '.repeat(1000));
  const error = await failure(openDatabase(options), 'unavailable');
  assert.equal(error.code, 'SQLITE_26');
});

test('sqlite: a commit is on the disk before it is reported, and readers do not wait', async (t) => {
  const { db } = await (await freshSqlite(t)).open();
  const pragmas = await sql`select (select journal_mode from pragma_journal_mode) as journal,
    (select synchronous from pragma_synchronous) as synchronous,
    (select foreign_keys from pragma_foreign_keys) as keys`.execute(db);
  const FULL = 2;
  assert.deepEqual(pragmas.rows, [{ journal: 'wal', synchronous: FULL, keys: 1 }]);
});

test('sqlite: a thread that dies takes its transaction with it, and is replaced', async (t) => {
  const { database, workers } = await openWatched(t);
  const attempt = database.serially('a', async (transaction) => {
    await write(transaction, 'a');
    await workers.at(-1)?.terminate();
    await write(transaction, 'b');
  });
  await failure(attempt, 'unavailable');
  await database.serially('c', (transaction) => write(transaction, 'c'));
  assert.deepEqual(await keys(database.db), ['c']);
  assert.equal(workers.length, 2);
});

test('sqlite: a thread that dies while committing leaves the outcome unknown', async (t) => {
  const { database, workers } = await openWatched(t);
  const attempt = database.serially('a', async (transaction) => {
    await write(transaction, 'a');
    void workers.at(-1)?.terminate();
  });
  await failure(attempt, 'unknown');
  await write(database.db, 'b');
  assert.ok((await keys(database.db)).includes('b'));
});

test('sqlite: a thread that hangs is given up within the bound, and replaced', async (t) => {
  const { database, workers } = await openWatched(t, { timeoutMs: 50 });
  const startedAt = performance.now();
  const endless =
    sql`with recursive n (i) as (select 1 union all select i + 1 from n limit 15000000)
    select sum(i) from n`.execute(database.db);
  await failure(endless, 'unavailable');
  assert.ok(performance.now() - startedAt < 2000);
  await write(database.db, 'a');
  assert.equal(workers.length, 2);
});

/** A program of its own opens the database, writes, closes it, and has nothing left to do. */
async function runProgram(options: DatabaseOptions) {
  const source = `
    import { openDatabase } from ${JSON.stringify(import.meta.resolve('../src/journal/open-database.ts'))};
    const database = await openDatabase(${JSON.stringify(options)});
    await database.serially('a', async (transaction) => {
      await transaction.insertInto('operations').values({ key: 'a', at: 1, result: '' }).execute();
    });
    await database.close();
    console.log('closed');`;
  return new Promise<{ stdout: string; stderr: string; code: unknown }>((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module-typescript', '-e', source],
      { timeout: 10_000 },
      (error, stdout, stderr) => resolve({ stdout, stderr, code: error ? error.code : 0 }),
    );
  });
}

async function proxied(
  t: TestContext,
  { options }: FreshDatabase,
): Promise<{ options: DatabaseOptions; proxy: TcpProxy }> {
  const url = new URL(options.url!);
  const proxy = await startTcpProxy(t, Number(url.port));
  url.port = String(proxy.port);
  return { options: { ...options, url: url.href }, proxy };
}

async function openFor(t: TestContext, options: DatabaseOptions) {
  const database = await openDatabase(options);
  t.after(() => database.close());
  return database;
}

/** With the threads that were started for it. */
async function openWatched(t: TestContext, overrides: DatabaseOptions = {}) {
  const workers: Worker[] = [];
  const watch = (worker: Worker) => workers.push(worker);
  process.on('worker', watch);
  t.after(() => process.off('worker', watch));
  return { database: await (await freshSqlite(t)).open(overrides), workers };
}

async function write(db: Kysely<Schema>, key: string): Promise<void> {
  await db.insertInto('operations').values({ key, at: 1, result: '' }).execute();
}

async function keys(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom('operations').select('key').orderBy('key').execute();
  return rows.map(({ key }) => key);
}

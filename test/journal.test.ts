import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Database } from '../src/journal/database.ts';
import { Journal } from '../src/journal/journal.ts';
import type { JournalOptions } from '../src/journal/journal-options.ts';
import type { CallRow } from '../src/journal/schema.ts';
import { abandonSpool } from './support/abandon-spool.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { eventRow, turnRow } from './support/journal-rows.ts';
import { LogLines } from './support/log-lines.ts';
import { type DatabaseMood, SteeredDatabase } from './support/steered-database.ts';

const QUICK = { firstRetryMs: 1, lastRetryMs: 4, slowMs: 20, spoolRetryMs: 1 };
const LONG_MS = 20_000;

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'journal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(t: TestContext, database: Database, options: Partial<JournalOptions> = {}) {
  const directory = options.directory ?? (await folder(t));
  const { log } = new LogLines();
  const journal = new Journal(database, { log, timing: QUICK, ...options, directory });
  t.after(() => journal.close(0));
  return { journal, directory };
}

const event = (seq: number, callSid = 'CA1') =>
  ({ kind: 'event', row: eventRow({ call_sid: callSid, seq }) }) as const;
const call = (fields: Partial<CallRow>, callSid = 'CA1') =>
  ({ kind: 'call', callSid, fields }) as const;

async function eventSeqs({ db }: Database): Promise<number[]> {
  const rows = await db.selectFrom('call_events').select('seq').orderBy('seq').execute();
  return rows.map((row) => row.seq);
}

/** Waits for what comes without anybody telling. */
async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + LONG_MS;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `expected ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: whenever the database is down, all entries arrive, in order, none twice`, async (t) => {
    const fresh = await freshDatabase(t);
    const real = await fresh.open();
    const moods = fc.array(fc.constantFrom<DatabaseMood>('up', 'unavailable', 'unknown'), {
      minLength: 5,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(moods, async (schedule) => {
        const { db } = real;
        for (const table of ['calls', 'call_events', 'turns'] as const) {
          await db.deleteFrom(table).execute();
        }
        const left = [...schedule];
        const database = new SteeredDatabase(real, () => left.shift() ?? 'up');
        const { journal, directory } = await start(t, database);
        for (let index = 0; index < 2000; index += 1) {
          // The last of these wins: written in any other order, another one would.
          if (index % 10 === 0) journal.write(call({ turns: index }));
          else if (index % 10 === 1) {
            journal.write({ kind: 'turn', row: turnRow({ text: String(index) }) });
          } else journal.write(event(index));
          if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        assert.equal(await journal.flush(LONG_MS), true);
        const seqs = [...Array(2000).keys()].filter((index) => index % 10 > 1);
        assert.deepEqual(await eventSeqs(real), seqs);
        const rows = await db.selectFrom('calls').select('turns').execute();
        assert.deepEqual(rows, [{ turns: 1990 }]);
        const turns = await db.selectFrom('turns').select('text').execute();
        assert.deepEqual(turns, [{ text: '1991' }]);
        const { dropped, refused, pending, spooledBytes } = journal.state;
        assert.deepEqual(
          { dropped, refused, pending, spooledBytes },
          {
            dropped: 0,
            refused: 0,
            pending: 0,
            spooledBytes: 0,
          },
        );
        await journal.close(LONG_MS);
        assert.deepEqual(await readdir(directory), []);
      }),
      { numRuns: kind === 'sqlite' ? 5 : 2 },
    );
  });

  test(`${kind}: an entry that the database refuses holds up none behind it`, async (t) => {
    const real = await (await freshDatabase(t)).open();
    const lines = new LogLines();
    const { journal } = await start(t, real, { log: lines.log });
    for (let seq = 0; seq < 100; seq += 1) {
      journal.write(event(seq));
      if (seq % 40 === 7) journal.write(call({ direction: 'canary' as 'inbound' }, 'CA2'));
    }
    assert.equal(await journal.flush(LONG_MS), true);
    assert.deepEqual(await eventSeqs(real), [...Array(100).keys()]);
    assert.equal(journal.state.refused, 3);
    assert.equal(journal.state.databaseUp, true);
    assert.deepEqual(
      lines.saying('journal entry refused').map((line) => line.entry),
      ['call', 'call', 'call'],
    );
    assert.doesNotMatch(lines.written.join(), /canary/);
  });
});

test('a database that refuses everything loses nothing', async (t) => {
  const real = await (await freshSqlite(t)).open();
  await real.db.schema.alterTable('calls').renameTo('calls_away').execute();
  const { journal } = await start(t, real);
  journal.write(call({ turns: 7 }));
  await until(() => !journal.state.databaseUp, 'the database to count as down');
  assert.equal(journal.state.refused, 0);
  await real.db.schema
    .alterTable('calls_away' as 'calls')
    .renameTo('calls')
    .execute();
  assert.equal(await journal.flush(LONG_MS), true);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 7 }]);
});

test('a database that takes again what it has just refused loses nothing', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const moods: DatabaseMood[] = ['failed'];
  const { journal } = await start(t, new SteeredDatabase(real, () => moods.shift() ?? 'up'));
  journal.write(call({ turns: 7 }));
  assert.equal(await journal.flush(LONG_MS), true);
  assert.equal(journal.state.refused, 0);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 7 }]);
});

test('what waits for a slow database is put on the disk meanwhile', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const moods: DatabaseMood[] = ['held'];
  const database = new SteeredDatabase(real, () => moods.shift() ?? 'up');
  const { journal } = await start(t, database);
  for (let seq = 0; seq < 10; seq += 1) journal.write(event(seq));
  await until(() => journal.state.pending === 0, 'nothing to be in memory only');
  assert.ok(journal.state.spooledBytes > 0);
  journal.write(call({ turns: 1 }));
  journal.write(call({ turns: 2 }));
  database.release();
  assert.equal(await journal.flush(LONG_MS), true);
  assert.deepEqual(await eventSeqs(real), [...Array(10).keys()]);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 2 }]);
});

test('what somebody waits for is on the disk soon, however slow the database is', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const moods: DatabaseMood[] = ['held'];
  const database = new SteeredDatabase(real, () => moods.shift() ?? 'up');
  const timing = { ...QUICK, slowMs: LONG_MS, keepMs: 5 };
  const { journal } = await start(t, database, { timing });
  journal.write(event(0));
  assert.equal(journal.write(call({ turns: 1 })), true);
  assert.equal(await journal.kept(LONG_MS), true);
  assert.equal(journal.state.pending, 0);
  assert.ok(journal.state.spooledBytes > 0);
  journal.write(call({ turns: 2 }));
  database.release();
  assert.equal(await journal.flush(LONG_MS), true);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 2 }]);
});

test('what a quick database has taken needs no disk to be kept', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const file = join(await folder(t), 'file');
  await writeFile(file, '');
  const timing = { ...QUICK, slowMs: LONG_MS, keepMs: LONG_MS };
  const { journal } = await start(t, real, { directory: join(file, 'spool'), timing });
  assert.equal(await journal.kept(0), true, 'nothing was written');
  journal.write(call({ turns: 1 }));
  assert.equal(await journal.kept(LONG_MS), true);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 1 }]);
});

test('nobody is told that it is kept where neither database nor disk has it', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const file = join(await folder(t), 'file');
  await writeFile(file, '');
  const away = new SteeredDatabase(real, () => 'unavailable');
  const { journal } = await start(t, away, { directory: join(file, 'spool'), maxQueued: 2 });
  assert.equal(journal.write(call({ turns: 1 })), true);
  const early = journal.kept(LONG_MS);
  assert.equal(await journal.kept(20), false);
  assert.equal(journal.write(call({ turns: 2 })), true);
  assert.equal(journal.write(call({ turns: 3 })), false, 'there is no room');
  await journal.close(0);
  assert.equal(journal.write(call({ turns: 4 })), false, 'it is closed');
  assert.equal(await early, false, 'it was given up');
});

test('what somebody waits for is kept by the disk while the database is down', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const { journal } = await start(t, new SteeredDatabase(real, () => 'unavailable'));
  journal.write(call({ turns: 1 }));
  assert.equal(await journal.kept(LONG_MS), true);
  assert.ok(journal.state.spooledBytes > 0);
  assert.equal(journal.state.pending, 0);
});

test('nobody is told that it is kept where the database refuses it, or it fits on no disk', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const moods = { now: 'up' as DatabaseMood };
  // Nobody is so slow that the disk would take it first.
  const timing = { ...QUICK, slowMs: LONG_MS, keepMs: LONG_MS };
  const { journal } = await start(t, new SteeredDatabase(real, () => moods.now), { timing });
  journal.write(call({ turns: 1 }));
  journal.write(call({ direction: 'canary' as 'inbound' }, 'CA2'));
  assert.equal(await journal.kept(LONG_MS), false);
  assert.equal(journal.state.refused, 1);
  moods.now = 'unavailable';
  journal.write({ kind: 'turn', row: turnRow({ text: 'x'.repeat(800_000) }) });
  assert.equal(await journal.kept(LONG_MS), false);
  assert.equal(journal.state.dropped, 1);
  journal.write(call({ turns: 2 }));
  assert.equal(await journal.kept(LONG_MS), true, 'what was lost before is told no more');
});

test('a flush tells that the database does not have it; closing leaves it to the next one', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const lines = new LogLines();
  const away = new SteeredDatabase(real, () => 'unavailable');
  const { journal, directory } = await start(t, away, { log: lines.log });
  for (let seq = 0; seq < 10; seq += 1) journal.write(event(seq));
  assert.equal(await journal.flush(10), false);
  await journal.close(10);
  journal.write(event(10));
  assert.equal(journal.state.dropped, 1, 'what comes after the close is lost, and counted');
  assert.equal((await readdir(directory)).length, 1);
  assert.equal(lines.saying('journal database down').length, 1, 'said once');
  // As after a restart: the file belongs to nobody any more.
  await abandonSpool(directory);
  const next = await start(t, real, { directory });
  next.journal.write(call({ turns: 1 }));
  assert.equal(await next.journal.flush(LONG_MS), true);
  assert.deepEqual(await eventSeqs(real), [...Array(10).keys()]);
});

test('attempts on a dead database become fewer', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const away = new SteeredDatabase(real, () => 'unavailable');
  const timing = { ...QUICK, firstRetryMs: 20, lastRetryMs: 80 };
  const { journal } = await start(t, away, { timing });
  const startedAt = performance.now();
  journal.write(event(0));
  await until(() => away.attempts >= 5, 'five attempts');
  assert.ok(performance.now() - startedAt >= 20 + 40 + 80 + 80 - 5);
});

test('without a disk entries wait in memory, bounded, and calls are not told', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const lines = new LogLines();
  const file = join(await folder(t), 'file');
  await writeFile(file, '');
  const moods = { now: 'unavailable' as DatabaseMood };
  const { journal } = await start(t, new SteeredDatabase(real, () => moods.now), {
    directory: join(file, 'spool'),
    log: lines.log,
    maxQueued: 100,
  });
  for (let seq = 0; seq < 200; seq += 1) journal.write(event(seq));
  for (let turns = 0; turns < 20; turns += 1) journal.write(call({ turns }, `CA${turns}`));
  assert.equal(await journal.flush(20), false);
  assert.deepEqual(journal.state, {
    pending: 100,
    spooledBytes: 0,
    databaseUp: false,
    dropped: 120,
    refused: 0,
    fenced: 0,
  });
  assert.equal(lines.saying('journal spool failed').length, 1);
  assert.equal(lines.saying('journal entries dropped').length, 1);
  moods.now = 'up';
  assert.equal(await journal.flush(LONG_MS), true);
  assert.equal((await eventSeqs(real)).length, 90, 'events leave room for records');
  assert.equal((await real.db.selectFrom('calls').select('call_sid').execute()).length, 10);
});

test('a full spool keeps what it has, and memory the rest', async (t) => {
  const real = await (await freshSqlite(t)).open();
  const moods = { now: 'unavailable' as DatabaseMood };
  const { journal } = await start(t, new SteeredDatabase(real, () => moods.now), {
    maxSpoolBytes: 4000,
  });
  for (let turns = 0; turns < 100; turns += 1) journal.write(call({ turns }));
  assert.equal(await journal.flush(50), false);
  await until(() => journal.state.spooledBytes > 3000, 'the spool to fill');
  assert.ok(journal.state.spooledBytes <= 4000);
  assert.ok(journal.state.pending > 0);
  moods.now = 'up';
  assert.equal(await journal.flush(LONG_MS), true);
  assert.equal(journal.state.dropped, 0);
  assert.deepEqual(await real.db.selectFrom('calls').select('turns').execute(), [{ turns: 99 }]);
});

test('what a killed process had spooled, the next one drains', async (t) => {
  const directory = await folder(t);
  const script = fileURLToPath(new URL('./support/spooling-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, directory, 'CA7', '500'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await exited;
  const [name = ''] = await readdir(directory);
  await appendFile(join(directory, name), '{"n":502,"at":1,"entry":{"kind":"ev');
  const real = await (await freshSqlite(t)).open();
  const { journal } = await start(t, real, { directory });
  journal.write(call({ language: 'en' }, 'CA7'));
  assert.equal(await journal.flush(LONG_MS), true);
  assert.deepEqual(await eventSeqs(real), [...Array(500).keys()]);
  const calls = await real.db.selectFrom('calls').select(['turns', 'language']).execute();
  assert.deepEqual(calls, [{ turns: 500, language: 'en' }]);
  await journal.close(LONG_MS);
  assert.deepEqual(await readdir(directory), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { database, speedFinding } from '../src/doctor/checks/database.ts';
import { databaseState } from '../src/journal/database-state.ts';
import { type DatabaseOptions, openUnmigrated } from '../src/journal/open-database.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { found } from './support/doctor-check.ts';
import { lockDatabase } from './support/locked-database.ts';

onBothDatabases((kind, freshDatabase) => {
  /** As the server's environment names it. */
  const environment = ({ url, directory }: DatabaseOptions): Record<string, string> => ({
    ...(url && { DATABASE_URL: url }),
    ...(directory && { DATA_DIRECTORY: directory }),
  });

  test(`doctor, ${kind}: a database that is up to date passes, and has no row more`, async (t) => {
    const { options, open } = await freshDatabase(t);
    const { db } = await open();
    const finding = await found(database, environment(options));
    assert.equal(finding.outcome, 'pass', finding.found);
    assert.match(finding.found, /tables up to date, written and read in \d+ ms/);
    assert.deepEqual(await db.selectFrom('operations').selectAll().execute(), []);
  });

  test(`doctor, ${kind}: an empty database passes, and stays empty`, async (t) => {
    const { options } = await freshDatabase(t);
    const finding = await found(database, environment(options));
    assert.equal(finding.outcome, 'pass', finding.found);
    assert.match(finding.found, /at the first start/);
    const raw = await openUnmigrated(options);
    t.after(() => raw.close());
    assert.deepEqual((await databaseState(raw)).made, []);
  });

  test(`doctor, ${kind}: tables of an earlier version are a warning, of a later one a failure`, async (t) => {
    const { options, open } = await freshDatabase(t);
    const { db } = await open();
    const table = sql.table('kysely_migration');
    await sql`delete from ${table} where name = '0003-open-calls'`.execute(db);
    const early = await found(database, environment(options));
    assert.equal(early.outcome, 'warning');
    assert.match(early.found, /without 0003-open-calls/);
    await sql`insert into ${table} (name, timestamp) values ('0003-open-calls', 'x'), ('9999-later', 'x')`.execute(
      db,
    );
    const late = await found(database, environment(options));
    assert.equal(late.outcome, 'failure');
    assert.match(late.found, /later version \(9999-later\)/);
  });
});

test('doctor: a PostgreSQL that nobody reaches is a failure, without its password', async () => {
  const finding = await found(database, { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/calls' });
  assert.equal(finding.outcome, 'failure');
  assert.match(finding.found, /ECONNREFUSED/);
  assert.doesNotMatch(JSON.stringify(finding), /secret/);
});

test('doctor: a database that somebody else keeps locked is a failure, a slow one a warning', async (t) => {
  const { options, open } = await freshSqlite(t);
  await open();
  const directory = options.directory ?? '';
  const release = await lockDatabase(directory);
  const finding = await found(database, { DATA_DIRECTORY: directory });
  release();
  assert.equal(finding.outcome, 'failure', finding.found);
  assert.equal(speedFinding('PostgreSQL', 20).outcome, 'pass');
  assert.equal(speedFinding('PostgreSQL', 900).outcome, 'warning');
});

test('doctor: a DATABASE_URL that is malformed does not make SQLite take its place', async () => {
  const finding = await found(database, { DATABASE_URL: 'mysql://somewhere' });
  assert.equal(finding.outcome, 'skipped');
  assert.equal(finding.found, 'needs DATABASE_URL');
});

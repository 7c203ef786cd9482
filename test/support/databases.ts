/** The same tests on both databases: SQLite in a folder, and a real PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { Client } from 'pg';
import type { Database } from '../../src/journal/database.ts';
import { type DatabaseOptions, openDatabase } from '../../src/journal/open-database.ts';
import {
  type PostgresServer,
  postgresBinaries,
  startPostgres,
} from '../../src/stress-bookings/embedded-postgres.ts';

export interface FreshDatabase {
  /** With these, other processes find it. */
  options: DatabaseOptions;
  /** Opened again and again it is the same database. Closed after the test. */
  open(overrides?: DatabaseOptions): Promise<Database>;
}

/** An empty database of the test's own, gone after it. */
export type GetFreshDatabase = (t: TestContext) => Promise<FreshDatabase>;

/** Declares the tests once for each database. PostgreSQL's are skipped where it has no binaries. */
export function onBothDatabases(
  declare: (kind: Database['kind'], freshDatabase: GetFreshDatabase) => void,
): void {
  declare('sqlite', freshSqlite);
  const binaries = postgresBinaries();
  if (binaries) {
    declare('postgres', postgresIn(binaries));
  } else {
    test('postgres', { skip: 'there are no binaries of PostgreSQL for this platform' }, () => {});
  }
}

export const freshSqlite: GetFreshDatabase = async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'sqlite-'));
  return fresh(t, { directory }, () => rm(directory, { recursive: true, force: true }));
};

/** The server starts with the first test that wants a database, and ends after the last test. */
function postgresIn(binaries: string): GetFreshDatabase {
  let starting: Promise<PostgresServer> | undefined;
  let databases = 0;
  after(async () => (await starting)?.stop());
  return async (t) => {
    starting ??= startPostgres(binaries);
    const server = await starting;
    databases += 1;
    const name = `test_${databases}`;
    const client = new Client({ connectionString: server.url('postgres') });
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return fresh(t, { url: server.url(name) }, async () => undefined);
  };
}

function fresh(
  t: TestContext,
  options: DatabaseOptions,
  remove: () => Promise<void>,
): FreshDatabase {
  const opened: Database[] = [];
  t.after(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await remove();
  });
  return {
    options,
    open: async (overrides = {}) => {
      const database = await openDatabase({ ...options, ...overrides });
      opened.push(database);
      return database;
    },
  };
}

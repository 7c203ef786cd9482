/** The database of the servers of a chaos run: read from outside, and kept from writing for a while. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, Pool } from 'pg';
import { type PostgresServer, startPostgres } from '../../src/stress-bookings/embedded-postgres.ts';
import { lockDatabase } from '../support/locked-database.ts';

export interface CallStore {
  /** What makes a server use it. */
  readonly env: Record<string, string>;
  /** @param sql without parameters; of no text that comes from outside */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** From now on whoever books waits, until what is returned is called. */
  lockBookings(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const DATABASE = 'chaos';

export async function startPostgresStore(binaries: string): Promise<CallStore> {
  const postgres = await startPostgres(binaries);
  const admin = await connectedTo(postgres, 'postgres');
  await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const reader = new Pool({ connectionString: postgres.url(DATABASE), max: 2 });
  // It ends with the server; whoever asks then is told by a rejection.
  reader.on('error', () => undefined);
  return {
    env: { DATABASE_URL: postgres.url(DATABASE) },
    rows: async (sql) => (await reader.query(sql)).rows,
    lockBookings: async () => {
      const locker = await connectedTo(postgres, DATABASE);
      await locker.query('begin');
      await locker.query('lock table reservations in share row exclusive mode');
      return () => locker.end();
    },
    close: async () => {
      await reader.end();
      await postgres.stop();
    },
  };
}

async function connectedTo(postgres: PostgresServer, database: string): Promise<Client> {
  const client = new Client({ connectionString: postgres.url(database) });
  await client.connect();
  return client;
}

/** @param directory DATA_DIRECTORY of the one server */
export function sqliteStore(directory: string): CallStore {
  return {
    env: { DATA_DIRECTORY: directory },
    rows: async (sql) => {
      const database = new DatabaseSync(join(directory, 'calls.sqlite'), { timeout: 2000 });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    },
    lockBookings: async () => {
      const unlock = await lockDatabase(directory);
      return async () => unlock();
    },
    close: async () => undefined,
  };
}

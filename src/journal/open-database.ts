import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql, type Transaction } from 'kysely';
import { type Database, DatabaseError } from './database.ts';
import { migrate } from './migrate.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { PostgresSessions } from './postgres-sessions.ts';
import type { Schema } from './schema.ts';
import type { SessionPool } from './session.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { SqliteSessions } from './sqlite-sessions.ts';

export interface DatabaseOptions {
  /** `postgres://...`: PostgreSQL. It may hold a password, and is never repeated. */
  url?: string | undefined;
  /** Without `url`: where the SQLite file `calls.sqlite` is, or will be. Made if it is missing. */
  directory?: string | undefined;
  /** Bound on connecting, on waiting for a lock, and on each statement; 2000 by default. */
  timeoutMs?: number | undefined;
  /** Connections to PostgreSQL; 10 by default. SQLite has one. */
  poolSize?: number | undefined;
}

/**
 * Opens the database and brings its tables up to date. Several processes may open the same one.
 * @throws {DatabaseError} `unavailable` when it cannot be reached
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? 2000;
  const database = options.url
    ? postgres(options.url, timeoutMs, options.poolSize ?? 10)
    : await sqlite(options.directory, timeoutMs);
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function postgres(url: string, timeoutMs: number, poolSize: number): Database {
  const sessions = new PostgresSessions({ url, timeoutMs, poolSize });
  const db = new Kysely<Schema>({ dialect: postgresDialect(sessions) });
  return database('postgres', db, sessions, timeoutMs);
}

async function sqlite(directory: string | undefined, timeoutMs: number): Promise<Database> {
  if (!directory) throw new TypeError('expected the url or the directory of a database');
  try {
    // Names and phone numbers are in there: nobody else's to read.
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DatabaseError('unavailable', `expected a directory for the database, got ${code}`, {
      code,
    });
  }
  const sessions = new SqliteSessions({ file: join(directory, 'calls.sqlite'), timeoutMs });
  const db = new Kysely<Schema>({ dialect: sqliteDialect(sessions) });
  return database('sqlite', db, sessions, timeoutMs);
}

function database(
  kind: Database['kind'],
  db: Kysely<Schema>,
  sessions: SessionPool,
  timeoutMs: number,
): Database {
  const once = <T>(lock: string, work: (transaction: Transaction<Schema>) => Promise<T>) =>
    db.transaction().execute(async (transaction) => {
      // SQLite has one writer, whatever the lock is called.
      if (kind === 'postgres') {
        await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(transaction);
      }
      return within(timeoutMs * WORK_TIMEOUTS, work(transaction));
    });
  return {
    kind,
    db,
    serially: (lock, work) => repeatOnConflict(() => once(lock, work)),
    close: () => sessions.close(),
  };
}

async function repeatOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const again = error instanceof DatabaseError && error.kind === 'conflict';
      if (!again || attempts >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** Work that never ends would keep everybody else from the lock. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new DatabaseError('unavailable', `expected a transaction to end within ${limitMs} ms`),
        ),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const MAX_ATTEMPTS = 5;
/** A transaction may take as long as this many statements at their bound together. */
const WORK_TIMEOUTS = 3;

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, Kysely, sql, type Transaction } from 'kysely';
import { type Database, DatabaseError } from './database.ts';
import { MigratedSessions } from './migrated-sessions.ts';
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
  /** A database that cannot be reached now is opened all the same, and used once it can be. */
  patient?: boolean | undefined;
}

/**
 * Opens the database and brings its tables up to date. Several processes may open the same one.
 * @throws {DatabaseError} `unavailable` when it cannot be reached
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const { kind, sessions, dialectOf } = await opening(options, timeoutMs);
  const raw = database(kind, dialectOf(sessions), sessions, timeoutMs);
  const migrated = new MigratedSessions(sessions, raw);
  try {
    await migrated.migrated();
  } catch (error) {
    const isDown = error instanceof DatabaseError && error.kind === 'unavailable';
    if (!options.patient || !isDown) {
      await migrated.close();
      throw error;
    }
  }
  return database(kind, dialectOf(migrated), migrated, timeoutMs);
}

/**
 * The same with its tables as they are, which may be none, or those of another version. Connects with
 * the first query.
 */
export async function openUnmigrated(options: Omit<DatabaseOptions, 'patient'>): Promise<Database> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const { kind, sessions, dialectOf } = await opening(options, timeoutMs);
  return database(kind, dialectOf(sessions), sessions, timeoutMs);
}

interface Opening {
  kind: Database['kind'];
  sessions: SessionPool;
  dialectOf: (sessions: SessionPool) => Dialect;
}

async function opening(options: DatabaseOptions, timeoutMs: number): Promise<Opening> {
  const { url, directory, poolSize = 10 } = options;
  return url ? postgres(url, timeoutMs, poolSize) : sqlite(directory, timeoutMs);
}

function postgres(url: string, timeoutMs: number, poolSize: number): Opening {
  const sessions = new PostgresSessions({ url, timeoutMs, poolSize });
  return { kind: 'postgres', sessions, dialectOf: postgresDialect };
}

async function sqlite(directory: string | undefined, timeoutMs: number): Promise<Opening> {
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
  return { kind: 'sqlite', sessions, dialectOf: sqliteDialect };
}

function database(
  kind: Database['kind'],
  dialect: Dialect,
  sessions: SessionPool,
  timeoutMs: number,
): Database {
  const db = new Kysely<Schema>({ dialect });
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

const TIMEOUT_MS = 2000;
const MAX_ATTEMPTS = 5;
/** A transaction may take as long as this many statements at their bound together. */
const WORK_TIMEOUTS = 3;

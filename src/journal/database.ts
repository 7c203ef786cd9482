import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** SQLite in this process or PostgreSQL for several: the same tables, the same promises. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<Schema>;
  /**
   * One transaction, alone among all that name the same lock, whichever replica they run on. All of it
   * is durable when the promise resolves; none of it has happened when it rejects, unless the error
   * is `unknown`. After a conflict `work` runs again, so it must do nothing but query through
   * `transaction`: `db` would wait for the connection that the transaction holds.
   * @throws {DatabaseError}, or what `work` throws
   */
  serially<T>(lock: string, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Later queries reject with `unavailable`. */
  close(): Promise<void>;
}

/**
 * - `unavailable`: no connection, or no answer in time before anything was asked to be committed.
 * - `unknown`: the connection was lost while committing: it may have happened.
 * - `conflict`: another transaction was first, several times in a row.
 * - `failed`: the database refused the statement.
 */
export type DatabaseProblem = 'unavailable' | 'unknown' | 'conflict' | 'failed';

/** Neither the message nor the cause ever holds a value that was written. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
  readonly kind: DatabaseProblem;
  /** What the database or the network said: an SQLSTATE, `SQLITE_2067`, `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(
    kind: DatabaseProblem,
    message: string,
    options: { code?: string | undefined; cause?: DatabaseError } = {},
  ) {
    super(message, options.cause && { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
  }

  /** A row with this key is there already. */
  get isDuplicate(): boolean {
    return DUPLICATE_CODES.has(this.code ?? '');
  }
}

/** PostgreSQL's unique_violation; SQLite's SQLITE_CONSTRAINT_PRIMARYKEY and _UNIQUE. */
const DUPLICATE_CODES = new Set(['23505', 'SQLITE_1555', 'SQLITE_2067']);

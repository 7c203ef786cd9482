import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** SQLite in this process or PostgreSQL for several: the same tables, the same promises. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<Schema>;
  /**
   * One transaction, alone among all that name the same lock, whichever replica they run on. All of it
   * is durable when the promise resolves; none of it has happened when it rejects, unless the error
   * is `unknown`.
   * @throws {DatabaseError}, or what `work` throws
   */
  serially<T>(lock: string, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * - `unavailable`: no connection, or no answer in time before anything was asked to be committed.
 * - `unknown`: the connection was lost while committing: it may have happened.
 * - `conflict`: another transaction was first, several times in a row.
 * - `failed`: the database refused the statement.
 */
export type DatabaseProblem = 'unavailable' | 'unknown' | 'conflict' | 'failed';

/** The message never holds a value that was written. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
  readonly kind: DatabaseProblem;

  constructor(kind: DatabaseProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

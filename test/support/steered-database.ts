import type { Transaction } from 'kysely';
import { type Database, DatabaseError } from '../../src/journal/database.ts';
import type { Schema } from '../../src/journal/schema.ts';

/** `unknown` commits first; `held` waits until it is released; `failed` refuses what it is given. */
export type DatabaseMood = 'up' | 'unavailable' | 'unknown' | 'held' | 'failed';

/** A database that fails when a test says so. */
export class SteeredDatabase implements Database {
  readonly kind: Database['kind'];
  readonly db: Database['db'];
  readonly #real: Database;
  readonly #moodOf: () => DatabaseMood;
  #release = Promise.withResolvers<void>();
  attempts = 0;

  /** @param moodOf Asked before each transaction. */
  constructor(real: Database, moodOf: () => DatabaseMood) {
    this.kind = real.kind;
    this.db = real.db;
    this.#real = real;
    this.#moodOf = moodOf;
  }

  release(): void {
    this.#release.resolve();
  }

  async serially<T>(
    lock: string,
    work: (transaction: Transaction<Schema>) => Promise<T>,
  ): Promise<T> {
    this.attempts += 1;
    const mood = this.#moodOf();
    if (mood === 'unavailable') throw new DatabaseError('unavailable', 'expected it to be up');
    if (mood === 'failed') throw new DatabaseError('failed', 'expected it to take this');
    if (mood === 'held') await this.#release.promise;
    const result = await this.#real.serially(lock, work);
    if (mood === 'unknown') throw new DatabaseError('unknown', 'expected an answer to a commit');
    return result;
  }

  close(): Promise<void> {
    return this.#real.close();
  }
}

/** The thread that holds the SQLite file: the file in memory, the thread as slow and mortal as the seed wants it. */
import type { SQLInputValue } from 'node:sqlite';
import { DatabaseError } from '../../../src/journal/database.ts';
import type { SessionResult } from '../../../src/journal/session.ts';
import { here } from '../current.ts';

export class SqliteThread {
  #dead: DatabaseError | undefined;
  readonly #busyMs: number;

  private constructor(busyMs: number) {
    this.#busyMs = busyMs;
  }

  static async start({ busyMs }: { file: string; busyMs: number }): Promise<SqliteThread> {
    const { time, database } = here();
    await new Promise<void>((resolve) => time.toProcess(START_MS, resolve));
    if (database.isDown)
      throw new DatabaseError('unavailable', 'expected to open the database file');
    return new SqliteThread(busyMs);
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<SessionResult> {
    if (this.#dead) throw this.#dead;
    const { time, database, rates } = here();
    const world = here();
    const isCommit = sql === 'commit';
    const isLost = isCommit && world.fault('commitUnknown', rates.commitUnknown);
    const isDone = !isLost || world.random.chance(0.5);
    const hangs = world.fault('databaseHangs', rates.databaseHangs / 10);
    const slowMs = world.fault('databaseSlow', rates.databaseSlow / 10)
      ? world.random.integer(200, 1900)
      : 0;
    const { databaseMs } = world.options;
    const wait = (ms: number) => new Promise<void>((resolve) => time.toProcess(ms, resolve));
    if (databaseMs + slowMs > 0) await wait(databaseMs + slowMs);
    if (this.#dead) throw this.#dead;
    if (hangs) {
      await wait(this.#busyMs + HANG_GRACE_MS);
      throw this.#die(`did not answer within ${this.#busyMs + HANG_GRACE_MS} ms`);
    }
    if (database.isDown) throw this.#die('ended');
    const result = isDone ? database.run(this, sql, parameters as SQLInputValue[]) : undefined;
    if (isLost) throw this.#die('ended');
    return result ?? { rows: [], changes: 0 };
  }

  async close(): Promise<void> {
    this.kill();
  }

  kill(): void {
    this.#die('was closed');
  }

  #die(how: string): DatabaseError {
    // SQLite rolls back what a dead thread had begun.
    if (!this.#dead) here().database.abandoned(this);
    this.#dead ??= new DatabaseError(
      'unavailable',
      `expected the database's thread to answer, it ${how}`,
    );
    return this.#dead;
  }
}

const START_MS = 2;
const HANG_GRACE_MS = 1000;

/** The SQLite file: in memory, outliving every process of the simulation. Statements are the real ones. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import { DatabaseError } from '../../src/journal/database.ts';
import { migrate } from '../../src/journal/migrate.ts';
import type { Schema } from '../../src/journal/schema.ts';
import type { SessionResult } from '../../src/journal/session.ts';
import { sqliteDialect } from '../../src/journal/sqlite-dialect.ts';

const TABLES = [
  'call_events',
  'turns',
  'messages',
  'occupancy',
  'reservations',
  'operations',
  'calls',
];

interface Prepared {
  statement: StatementSync;
  hasRows: boolean;
}

export class SimulatedDatabase {
  readonly #file = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  readonly #statements = new Map<string, Prepared>();
  /** Who holds the write lock. */
  #holder: object | undefined;
  isDown = false;
  /** Statements that may have changed something. */
  writes = 0;
  /** Codes of statements that the database refused, whoever sent them. */
  readonly refusals: string[] = [];

  /** With its tables. */
  static async create(): Promise<SimulatedDatabase> {
    const database = new SimulatedDatabase();
    const session = {
      run: async (sql: string, parameters: readonly unknown[]) =>
        database.run(session, sql, parameters as SQLInputValue[]),
      release: () => {},
    };
    const db = new Kysely<Schema>({
      dialect: sqliteDialect({ acquire: async () => session, close: async () => {} }),
    });
    const serially = <T>(_: string, work: (transaction: Transaction<Schema>) => Promise<T>) =>
      db.transaction().execute(work);
    await migrate({ serially });
    database.#statements.clear();
    return database;
  }

  /** As it was made. */
  reset(): void {
    if (this.#holder) this.abandoned(this.#holder);
    for (const table of TABLES) this.#file.exec(`delete from ${table}`);
    this.isDown = false;
    this.refusals.length = 0;
  }

  /** @throws {DatabaseError} as the thread's handle does */
  run(who: object, sql: string, parameters: readonly SQLInputValue[]): SessionResult {
    if (this.#holder && this.#holder !== who && /^(begin|insert|update|delete)/i.test(sql)) {
      throw new DatabaseError('unavailable', 'expected SQLite to be ready, got SQLITE_5', {
        code: 'SQLITE_5',
      });
    }
    try {
      const result = this.#execute(sql, parameters);
      if (sql.startsWith('begin')) this.#holder = who;
      if (sql === 'commit' || sql === 'rollback') this.#holder = undefined;
      return result;
    } catch (error) {
      const { errcode } = error as { errcode?: number };
      this.refusals.push(`${errcode ?? 'bind'} ${sql.slice(0, 60)}`);
      const code = `SQLITE_${errcode}`;
      throw new DatabaseError('failed', `expected a valid statement, SQLite said ${code}`, {
        code,
      });
    }
  }

  /** What has begun and will not be committed any more. */
  abandoned(who: object): void {
    if (this.#holder !== who) return;
    this.#holder = undefined;
    this.#file.exec('rollback');
  }

  /** The process is gone, whoever it was. */
  abandonAll(): void {
    if (this.#holder) this.abandoned(this.#holder);
  }

  /** For judges: what is there now. */
  rows<Row>(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#prepared(sql).statement.all(...parameters) as Row[];
  }

  #execute(sql: string, parameters: readonly SQLInputValue[]): SessionResult {
    const { statement, hasRows } = this.#prepared(sql);
    if (hasRows) {
      return { rows: statement.all(...parameters), changes: undefined };
    }
    this.writes += 1;
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  #prepared(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      const statement = this.#file.prepare(sql);
      prepared = { statement, hasRows: statement.columns().length > 0 };
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

/** Inserts of many rows have a text for each number of rows. */
const MAX_STATEMENTS = 500;

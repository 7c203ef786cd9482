/**
 * Kysely's driver over sessions. It gives both databases one behaviour where they differ: a refused
 * statement ends its transaction (SQLite would go on), and a lost commit is told apart from one that
 * was refused.
 */
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { DatabaseError } from './database.ts';
import type { Session, SessionPool } from './session.ts';

export class SessionDriver implements Driver {
  readonly #pool: SessionPool;
  readonly #beginStatement: string;

  constructor(pool: SessionPool, beginStatement: string) {
    this.#pool = pool;
    this.#beginStatement = beginStatement;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SessionConnection> {
    return new SessionConnection(await this.#pool.acquire());
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return own(connection).begin(this.#beginStatement);
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return own(connection).commit();
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return own(connection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
  }

  destroy(): Promise<void> {
    return this.#pool.close();
  }
}

/** Kysely hands back what `acquireConnection` gave it. */
function own(connection: DatabaseConnection): SessionConnection {
  return connection as SessionConnection;
}

/** One per acquisition, so that whoever kept it too long cannot write into another's transaction. */
class SessionConnection implements DatabaseConnection {
  readonly #session: Session;
  #state: 'plain' | 'transaction' | 'refused' | 'over' = 'plain';
  #broken = false;

  constructor(session: Session) {
    this.#session = session;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#state === 'over') {
      throw new DatabaseError('failed', 'expected no statement after its transaction had ended');
    }
    if (this.#state === 'refused') {
      throw new DatabaseError('failed', 'expected no statement after one that was refused');
    }
    try {
      assertPlain(parameters);
      const { rows, changes } = await this.#session.run(sql, parameters);
      const result = { rows: rows as R[] };
      return changes === undefined ? result : { ...result, numAffectedRows: BigInt(changes) };
    } catch (error) {
      if (this.#state === 'transaction') this.#state = 'refused';
      throw error;
    }
  }

  streamQuery(): never {
    throw new DatabaseError('failed', 'expected a query with a limit: rows are not streamed');
  }

  async begin(statement: string): Promise<void> {
    await this.#session.run(statement, []);
    this.#state = 'transaction';
  }

  async commit(): Promise<void> {
    const state = this.#state;
    this.#state = 'over';
    if (state !== 'transaction') {
      throw new DatabaseError('failed', 'expected no refused statement in what is committed');
    }
    try {
      await this.#session.run('commit', []);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.kind !== 'unavailable') throw error;
      this.#broken = true;
      throw new DatabaseError('unknown', `expected an answer to a commit: ${error.message}`, {
        code: error.code,
        cause: error,
      });
    }
  }

  /** Never rejects: what is reported is why the transaction was rolled back. */
  async rollback(): Promise<void> {
    this.#state = 'over';
    if (this.#broken) return;
    await this.#session.run('rollback', []).catch(() => {
      this.#broken = true;
    });
  }

  release(): void {
    this.#state = 'over';
    this.#session.release(this.#broken);
  }
}

/** Each database has its own idea of what a date, an object or NaN is: they get none. */
function assertPlain(parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (value === null || PLAIN.has(typeof value) || Number.isFinite(value)) continue;
    if (value instanceof Uint8Array) continue;
    throw new DatabaseError(
      'failed',
      `expected numbers, texts, bytes and nulls, got a ${typeof value}`,
    );
  }
}

/** Flags are for Kysely's own questions to PostgreSQL: no column of ours takes them. */
const PLAIN = new Set(['string', 'bigint', 'boolean']);

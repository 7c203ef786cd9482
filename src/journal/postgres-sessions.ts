/** Connections to PostgreSQL. A server that was away is used again as soon as it is back. */
import { Pool, type PoolClient, types } from 'pg';
import { DatabaseError } from './database.ts';
import { connectionError, isConnectionLost, statementError } from './postgres-error.ts';
import { MAX_WAITING, type Session, type SessionBounds, type SessionPool } from './session.ts';

export class PostgresSessions implements SessionPool {
  readonly #pool: Pool;
  readonly #clients = new Set<PoolClient>();
  readonly #timeoutMs: number;
  #closing: Promise<void> | undefined;

  constructor({ url, poolSize, timeoutMs }: SessionBounds & { url: string; poolSize: number }) {
    this.#timeoutMs = timeoutMs;
    this.#pool = new Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: timeoutMs,
      // Covers waiting for a lock, too.
      statement_timeout: timeoutMs,
      // For a server that does not answer at all.
      query_timeout: timeoutMs + SILENT_GRACE_MS,
      // A replica that has vanished, or was stopped, does not keep its locks: its callers come to another.
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: { getTypeParser: numberParser },
    });
    this.#pool.on('connect', (client) => this.#clients.add(client));
    this.#pool.on('remove', (client) => this.#clients.delete(client));
    // The pool has dropped the idle connection already; without a listener the process would end.
    this.#pool.on('error', () => undefined);
  }

  async acquire(): Promise<Session> {
    if (this.#closing) throw unavailable('an open database, it has been closed');
    if (this.#pool.waitingCount >= MAX_WAITING) {
      throw unavailable(`at most ${MAX_WAITING} callers to wait`);
    }
    try {
      return session(await this.#pool.connect());
    } catch (error) {
      throw connectionError(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    // A server that does not say goodbye in time is hung up on.
    const timer = setTimeout(() => {
      for (const client of this.#clients) client.connection.stream.destroy();
    }, this.#timeoutMs);
    await this.#pool.end();
    clearTimeout(timer);
  }
}

function session(client: PoolClient): Session {
  let lost = false;
  // The pool listens to idle connections only.
  const onError = () => {
    lost = true;
  };
  client.on('error', onError);
  return {
    run: async (sql, parameters) => {
      try {
        const { command, rows, rowCount } = await client.query(sql, [...parameters]);
        return { rows, changes: WRITES.has(command) ? (rowCount ?? 0) : undefined };
      } catch (error) {
        lost ||= isConnectionLost(error);
        throw statementError(error);
      }
    },
    release: (broken) => {
      client.off('error', onError);
      client.release(broken || lost);
    },
  };
}

function unavailable(expected: string): DatabaseError {
  return new DatabaseError('unavailable', `expected ${expected}`);
}

/**
 * Sums and counts are numbers, as in SQLite: `pg` gives 64-bit integers and decimals as text, for they
 * can be larger than a number holds exactly. Moments in milliseconds and counts of rows are not.
 */
const numberParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === types.builtins.INT8 || oid === types.builtins.NUMERIC
    ? Number
    : types.getTypeParser(oid, format as 'text');

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** The server's own bound comes first, as it leaves the connection whole. */
const SILENT_GRACE_MS = 500;
/** Between two statements of a transaction. Whoever takes a call over waits no longer than 1.5 s. */
const IDLE_IN_TRANSACTION_MS = 750;

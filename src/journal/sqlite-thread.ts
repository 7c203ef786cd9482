/** The main thread's handle on one worker that holds the SQLite file. */
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { DatabaseError } from './database.ts';
import type { SessionResult } from './session.ts';
import type {
  FromSqliteWorker,
  SqliteFailure,
  SqliteWorkerData,
  ToSqliteWorker,
} from './sqlite-worker.ts';

interface Waiting {
  timer: NodeJS.Timeout;
  resolve(result: SessionResult): void;
  reject(error: DatabaseError): void;
}

/** Once it has died or hung it stays dead; the next one opens the file anew. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #limitMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #dead: DatabaseError | undefined;

  private constructor(data: SqliteWorkerData) {
    this.#limitMs = data.busyMs + HANG_GRACE_MS;
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
      workerData: data,
      // Some options that a process can be started with are refused for a thread that runs a file.
      execArgv: [],
      name: 'database',
    });
    this.#worker.on('message', (message: FromSqliteWorker) => this.#onMessage(message));
    this.#worker.on('error', () => this.#die('failed'));
    this.#worker.on('exit', () => this.#die('ended'));
  }

  /** @throws {DatabaseError} `unavailable` when the file cannot be opened */
  static async start(data: SqliteWorkerData): Promise<SqliteThread> {
    const thread = new SqliteThread(data);
    try {
      await thread.#answer(0, START_LIMIT_MS);
      return thread;
    } catch (error) {
      thread.kill();
      const { code, message } = error as DatabaseError;
      throw new DatabaseError('unavailable', `expected to open the database file: ${message}`, {
        code,
      });
    }
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  /** @throws {DatabaseError} `unavailable` or `failed` */
  run(sql: string, parameters: readonly unknown[]): Promise<SessionResult> {
    return this.#ask({
      type: 'run',
      id: ++this.#lastId,
      sql,
      parameters: parameters as SQLInputValue[],
    });
  }

  /** Writes what is left in the log into the file, and ends. */
  async close(): Promise<void> {
    const message: ToSqliteWorker = { type: 'close', id: ++this.#lastId };
    const closed = await this.#ask(message).then(
      () => true,
      () => false,
    );
    this.kill();
    if (closed) await this.#worker.terminate();
  }

  /** Does not wait: a thread in the middle of a statement ends after it. SQLite rolls back. */
  kill(): void {
    this.#die('was closed');
    void this.#worker.terminate();
  }

  #ask(message: ToSqliteWorker): Promise<SessionResult> {
    const answer = this.#answer(message.id, this.#limitMs);
    if (!this.#dead) this.#worker.postMessage(message);
    return answer;
  }

  #answer(id: number, limitMs: number): Promise<SessionResult> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      const late = () => {
        if (!this.#waiting.has(id)) return;
        this.#die(`did not answer within ${limitMs} ms`);
        void this.#worker.terminate();
      };
      // If it was this thread that stood still, the answer is here and has not been read yet.
      const timer = setTimeout(() => setImmediate(late), limitMs);
      this.#waiting.set(id, { timer, resolve, reject });
    });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    return waiting;
  }

  #onMessage(message: FromSqliteWorker): void {
    const waiting = this.#settle(message.id);
    if ('failure' in message) waiting?.reject(refusal(message.failure));
    else waiting?.resolve({ rows: message.rows, changes: message.changes });
  }

  #die(what: string): void {
    this.#dead ??= new DatabaseError('unavailable', `the database thread ${what}`);
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(this.#dead);
  }
}

function refusal({ code, constraint }: SqliteFailure): DatabaseError {
  if (code === undefined) {
    // Bound or read, an integer that a JavaScript number cannot hold.
    return new DatabaseError('failed', 'expected integers of at most 2 ** 53 - 1');
  }
  const name = `SQLITE_${code}`;
  if (PASSING_CODES.has(code & 0xff)) {
    return new DatabaseError('unavailable', `expected SQLite to be ready, got ${name}`, {
      code: name,
    });
  }
  const at = constraint ? ` at ${constraint}` : '';
  return new DatabaseError('failed', `expected a valid statement, SQLite said ${name}${at}`, {
    code: name,
  });
}

/**
 * The statement is not to blame: busy 5, locked 6, memory 7, read-only 8, interrupted 9, I/O 10,
 * corrupt 11, disk full 13, cannot open 14, lock protocol 15, not a database 26.
 */
const PASSING_CODES = new Set([5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26]);

/** Starting a thread and opening a file takes about 0.1 s; a cold, busy machine needs more. */
const START_LIMIT_MS = 10_000;
/** A thread that has not even said "busy" this long after the lock's bound has hung. */
const HANG_GRACE_MS = 1000;

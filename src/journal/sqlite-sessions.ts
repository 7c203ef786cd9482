/**
 * One SQLite connection, and a queue in front of it: nobody's statement slips into the transaction of
 * another.
 */
import { DatabaseError } from './database.ts';
import { MAX_WAITING, type Session, type SessionBounds, type SessionPool } from './session.ts';
import { SqliteThread } from './sqlite-thread.ts';

interface Waiting {
  timer: NodeJS.Timeout;
  resolve(): void;
  reject(error: DatabaseError): void;
}

export class SqliteSessions implements SessionPool {
  readonly #file: string;
  readonly #timeoutMs: number;
  readonly #queue: Waiting[] = [];
  #held = false;
  #thread: SqliteThread | undefined;
  #closing: Promise<void> | undefined;

  constructor({ file, timeoutMs }: SessionBounds & { file: string }) {
    this.#file = file;
    this.#timeoutMs = timeoutMs;
  }

  async acquire(): Promise<Session> {
    if (this.#closing) throw closed();
    await this.#turn();
    try {
      const thread = await this.#liveThread();
      return {
        run: (sql, parameters) => thread.run(sql, parameters),
        release: (broken) => {
          if (broken) thread.kill();
          this.#next();
        },
      };
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const waiting of this.#queue.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(closed());
    }
    // Whoever holds the connection may finish.
    await this.#turn().catch(() => undefined);
    await this.#thread?.close();
  }

  async #liveThread(): Promise<SqliteThread> {
    if (!this.#thread || this.#thread.dead) {
      this.#thread = await SqliteThread.start({ file: this.#file, busyMs: this.#timeoutMs });
    }
    return this.#thread;
  }

  /** Resolves when the connection is the caller's; `#next` passes it on. */
  #turn(): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return Promise.resolve();
    }
    if (this.#queue.length >= MAX_WAITING) {
      return Promise.reject(unavailable(`at most ${MAX_WAITING} callers to wait`));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(unavailable(`the connection to be free within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      const waiting: Waiting = { timer, resolve, reject };
      this.#queue.push(waiting);
    });
  }

  #next(): void {
    const next = this.#queue.shift();
    clearTimeout(next?.timer);
    if (next) next.resolve();
    else this.#held = false;
  }
}

function unavailable(expected: string): DatabaseError {
  return new DatabaseError('unavailable', `expected ${expected}`);
}

function closed(): DatabaseError {
  return unavailable('an open database, it has been closed');
}

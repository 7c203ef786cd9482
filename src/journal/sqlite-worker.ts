/**
 * The worker thread that holds the SQLite file: a statement blocks the thread that it runs in, for as
 * long as a disk takes or a lock is waited for, so it must not be the thread that moves the audio.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface SqliteWorkerData {
  file: string;
  /** How long a lock of another connection is waited for. */
  busyMs: number;
}

export type ToSqliteWorker =
  | { type: 'run'; id: number; sql: string; parameters: readonly SQLInputValue[] }
  | { type: 'close'; id: number };

/** The answer with id 0 tells that the file is open. */
export type FromSqliteWorker =
  | { id: number; rows: unknown[]; changes: number | undefined }
  | { id: number; failure: SqliteFailure };

export interface SqliteFailure {
  /** SQLite's extended result code; without it, the statement did not reach SQLite. */
  code: number | undefined;
  /** The constraint that was broken. */
  constraint: string | undefined;
}

const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;
const BUSY_PAUSE_MS = 10;

if (parentPort) serve(parentPort, workerData as SqliteWorkerData);

function serve(port: NonNullable<typeof parentPort>, data: SqliteWorkerData): void {
  const send = (message: FromSqliteWorker) => port.postMessage(message);
  try {
    const database = open(data);
    port.on('message', (message: ToSqliteWorker) => {
      try {
        if (message.type === 'run') {
          send({ id: message.id, ...run(database, message.sql, message.parameters) });
          return;
        }
        database.close();
        send({ id: message.id, rows: [], changes: undefined });
        port.close();
      } catch (error) {
        send({ id: message.id, failure: failureOf(error) });
      }
    });
    send({ id: 0, rows: [], changes: undefined });
  } catch (error) {
    send({ id: 0, failure: failureOf(error) });
  }
}

function open({ file, busyMs }: SqliteWorkerData): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyMs, enableForeignKeyConstraints: true });
  const deadline = performance.now() + busyMs;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      break;
    } catch (error) {
      // While another process makes the same change, SQLite says "busy" without waiting.
      if (primaryCode(error) !== SQLITE_BUSY || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
  // A commit is on the disk before it is reported.
  database.exec('PRAGMA synchronous = FULL');
  // What is erased must not be read from the file afterwards.
  database.exec('PRAGMA secure_delete = ON');
  return database;
}

function run(database: DatabaseSync, sql: string, parameters: readonly SQLInputValue[]) {
  const statement = database.prepare(sql);
  if (statement.columns().length > 0) {
    return { rows: statement.all(...parameters), changes: undefined };
  }
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

/** Codes and names only: messages of SQLite and Node may hold values. */
function failureOf(error: unknown): SqliteFailure {
  const code = codeOf(error);
  const constraint =
    primaryCode(error) === SQLITE_CONSTRAINT && error instanceof Error
      ? / constraint failed: (\w+(?:\.\w+)?)/.exec(error.message)?.[1]
      : undefined;
  return { code, constraint };
}

function primaryCode(error: unknown): number | undefined {
  const code = codeOf(error);
  return code === undefined ? undefined : code & 0xff;
}

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

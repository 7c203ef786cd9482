/** What SQLite and PostgreSQL have in common below the query builder. */

/** One connection in one caller's hands. Statements run in the order in which they were given. */
export interface Session {
  /** @throws {DatabaseError} `unavailable`, `conflict` or `failed` */
  run(sql: string, parameters: readonly unknown[]): Promise<SessionResult>;
  /** @param broken Nobody knows what state it is in: it is thrown away. */
  release(broken: boolean): void;
}

export interface SessionResult {
  rows: unknown[];
  /** How many rows were written; undefined where the statement reads. */
  changes: number | undefined;
}

export interface SessionPool {
  /** Waits for a free connection, within the pool's bound. @throws {DatabaseError} `unavailable` */
  acquire(): Promise<Session>;
  /** Ends every connection, within a bound. Later calls do nothing. */
  close(): Promise<void>;
}

export interface SessionBounds {
  /** On connecting, on waiting for a connection or a lock, and on each statement. */
  timeoutMs: number;
}

/** More callers than this wait for a connection only when the database has stopped answering. */
export const MAX_WAITING = 1000;

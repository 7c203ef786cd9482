/**
 * Errors of `pg` in our own words. They hold written values in `detail` and `message`, so nothing of
 * them is kept but the code and the constraint's name.
 */
import { DatabaseError as PgError } from 'pg';
import { DatabaseError, type DatabaseProblem } from './database.ts';

export function statementError(error: unknown): DatabaseError {
  if (!(error instanceof PgError)) {
    const code = networkCode(error);
    return new DatabaseError('unavailable', `expected an answer from PostgreSQL${got(code)}`, {
      code,
    });
  }
  const at = error.constraint ? ` at ${error.constraint}` : '';
  return new DatabaseError(
    problemOf(error.code ?? ''),
    `expected PostgreSQL to do as asked${got(error.code)}${at}`,
    { code: error.code },
  );
}

/** Whatever the reason, nothing has been asked of the database. */
export function connectionError(error: unknown): DatabaseError {
  const code = error instanceof PgError ? error.code : networkCode(error);
  return new DatabaseError('unavailable', `expected a connection to PostgreSQL${got(code)}`, {
    code,
  });
}

/** After any other error the session goes on. Its severity would say so, but in the server's language. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof PgError) || /^(08|57P|25P03)/.test(error.code ?? '');
}

function problemOf(code: string): DatabaseProblem {
  if (CONFLICTS.has(code)) return 'conflict';
  return UNAVAILABLE.has(code) || UNAVAILABLE.has(code.slice(0, 2)) ? 'unavailable' : 'failed';
}

function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function got(code: string | undefined): string {
  return code === undefined ? '' : `, got ${code}`;
}

/** serialization_failure, deadlock_detected */
const CONFLICTS = new Set(['40001', '40P01']);
/**
 * Classes: connection, resources, operator (with the statement's timeout), system. Codes: lock not
 * available, idle in a transaction, read-only (a server that has been replaced).
 */
const UNAVAILABLE = new Set(['08', '53', '57', '58', '55P03', '25P03', '25006']);

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../journal/database.ts';
import { openDatabase } from '../journal/open-database.ts';
import { UsageError } from '../usage-error.ts';

/** A long period is read in more time than a call could wait for. */
const TIMEOUT_MS = 30_000;

/**
 * The server's database, for commands that need nothing else of its settings.
 * @param env DATABASE_URL or DATA_DIRECTORY, with the server's default
 * @throws {UsageError} There is none.
 * @throws {DatabaseError}
 */
export async function openRecords(env: Record<string, string | undefined>): Promise<Database> {
  const url = env.DATABASE_URL?.trim();
  if (url) {
    // Never repeated: it may hold a password.
    if (!/^postgres(ql)?:\/\/\S+$/.test(url)) {
      throw new UsageError('DATABASE_URL: expected an address starting with postgres://');
    }
    return openDatabase({ url, timeoutMs: TIMEOUT_MS, poolSize: 1 });
  }
  const directory = dataDirectory(env);
  // Opening would make an empty one, and the report say that nobody called.
  if (!existsSync(join(directory, 'calls.sqlite'))) {
    throw new UsageError(
      `DATA_DIRECTORY: expected the server's directory with calls.sqlite, got ${directory}, which has none; DATABASE_URL is not set`,
    );
  }
  return openDatabase({ directory, timeoutMs: TIMEOUT_MS });
}

/** With the server's default. */
export function dataDirectory(env: Record<string, string | undefined>): string {
  return env.DATA_DIRECTORY?.trim() || 'data';
}

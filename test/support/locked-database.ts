import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from './listener.ts';

/**
 * Takes the write lock of the SQLite database in this directory, as another program would: whoever
 * writes waits.
 * @returns gives it back
 */
export async function lockDatabase(directory: string): Promise<() => void> {
  const database = new DatabaseSync(join(directory, 'calls.sqlite'), { timeout: 0 });
  // Never waits in SQLite: the transaction that is in the way moves on this thread's messages.
  await until(() => begins(database), 'the write lock of the database');
  return () => database.close();
}

function begins(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch {
    return false;
  }
}

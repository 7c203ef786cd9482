import { type Database, DatabaseError, type DatabaseProblem } from './database.ts';
import type { JournalEntry } from './journal-entry.ts';
import { acceptsWrites, type StampedEntry, writeEntries } from './write-entries.ts';

export interface EntryStore {
  database: Database;
  lock: string;
  /** The database refuses this entry and takes others: it is passed over. */
  onRefused(kind: JournalEntry['kind']): void;
}

/**
 * Writes them in order, but for those that the database refuses: an entry that can never be written
 * must not hold up those behind it. It is found by halving.
 * @returns Why they must all be written again later; undefined when the database has them.
 */
export async function storeEntries(
  store: EntryStore,
  entries: readonly StampedEntry[],
): Promise<DatabaseProblem | undefined> {
  const [only, ...others] = entries;
  if (!only) return undefined;
  try {
    await writeEntries(store.database, store.lock, entries);
    return undefined;
  } catch (error) {
    const problem = error instanceof DatabaseError ? error.kind : 'failed';
    if (problem !== 'failed') return problem;
  }
  if (others.length === 0) {
    // Is it this entry, or would it refuse any (a full disk, a table that is missing)?
    if (!(await acceptsWrites(store.database, store.lock))) return 'failed';
    store.onRefused(only.entry.kind);
    return undefined;
  }
  const half = Math.ceil(entries.length / 2);
  return (
    (await storeEntries(store, entries.slice(0, half))) ??
    (await storeEntries(store, entries.slice(half)))
  );
}

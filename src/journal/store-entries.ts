import { type Database, DatabaseError, type DatabaseProblem } from './database.ts';
import type { JournalEntry } from './journal-entry.ts';
import { acceptsWrites, type StampedEntry, writeEntries } from './write-entries.ts';

export interface StoreResult {
  /** Why they must all be written again later; undefined: the database has them. */
  problem: DatabaseProblem | undefined;
  /** What the database refuses, taking others: it was passed over. */
  refused: readonly JournalEntry['kind'][];
}

/**
 * Writes them in order, but for those that the database refuses: an entry that can never be written
 * must not hold up those behind it. It is found by halving.
 */
export async function storeEntries(
  database: Database,
  lock: string,
  entries: readonly StampedEntry[],
): Promise<StoreResult> {
  const [only, ...others] = entries;
  if (!only) return { problem: undefined, refused: [] };
  try {
    await writeEntries(database, lock, entries);
    return { problem: undefined, refused: [] };
  } catch (error) {
    const problem = error instanceof DatabaseError ? error.kind : 'failed';
    if (problem !== 'failed') return { problem, refused: [] };
  }
  if (others.length === 0) {
    // Is it this entry, or would it refuse any (a full disk, a table that is missing)?
    const isOnlyThis = await acceptsWrites(database, lock);
    return isOnlyThis
      ? { problem: undefined, refused: [only.entry.kind] }
      : { problem: 'failed', refused: [] };
  }
  const half = Math.ceil(entries.length / 2);
  const first = await storeEntries(database, lock, entries.slice(0, half));
  if (first.problem) return first;
  const second = await storeEntries(database, lock, entries.slice(half));
  return { problem: second.problem, refused: [...first.refused, ...second.refused] };
}

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
  const problem = await problemOf(database, lock, entries);
  if (problem !== 'failed') return { problem, refused: [] };
  if (others.length === 0) return storeRefused(database, lock, only);
  const half = Math.ceil(entries.length / 2);
  const first = await storeEntries(database, lock, entries.slice(0, half));
  if (first.problem) return first;
  const second = await storeEntries(database, lock, entries.slice(half));
  return { problem: second.problem, refused: [...first.refused, ...second.refused] };
}

/** Is it this entry, or would the database refuse any (a full disk, a table that is missing)? */
async function storeRefused(
  database: Database,
  lock: string,
  entry: StampedEntry,
): Promise<StoreResult> {
  if (!(await acceptsWrites(database, lock))) return { problem: 'failed', refused: [] };
  // It may have come to itself since: what it refuses now, it refuses for good.
  const problem = await problemOf(database, lock, [entry]);
  return problem === 'failed'
    ? { problem: undefined, refused: [entry.entry.kind] }
    : { problem, refused: [] };
}

async function problemOf(
  database: Database,
  lock: string,
  entries: readonly StampedEntry[],
): Promise<DatabaseProblem | undefined> {
  try {
    await writeEntries(database, lock, entries);
    return undefined;
  } catch (error) {
    return error instanceof DatabaseError ? error.kind : 'failed';
  }
}

import { type Database, DatabaseError, type DatabaseProblem } from './database.ts';
import type { JournalEntry } from './journal-entry.ts';
import { acceptsWrites, type StampedEntry, writeEntries } from './write-entries.ts';

export interface StoreResult {
  /** Why they must all be written again later; undefined: the database has them. */
  problem: DatabaseProblem | undefined;
  /** What the database refuses, taking others: it was passed over. */
  refused: readonly JournalEntry['kind'][];
  /** How many were passed over as they come from a life that does not own its call any more. */
  fenced: number;
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
  if (!only) return { problem: undefined, refused: [], fenced: 0 };
  const whole = await tryToWrite(database, lock, entries);
  if (whole.problem !== 'failed') return whole;
  if (others.length === 0) return storeRefused(database, lock, only);
  const half = Math.ceil(entries.length / 2);
  const first = await storeEntries(database, lock, entries.slice(0, half));
  if (first.problem) return first;
  const second = await storeEntries(database, lock, entries.slice(half));
  return {
    problem: second.problem,
    refused: [...first.refused, ...second.refused],
    fenced: first.fenced + second.fenced,
  };
}

/** Is it this entry, or would the database refuse any (a full disk, a table that is missing)? */
async function storeRefused(
  database: Database,
  lock: string,
  entry: StampedEntry,
): Promise<StoreResult> {
  if (!(await acceptsWrites(database, lock))) return { problem: 'failed', refused: [], fenced: 0 };
  // It may have come to itself since: what it refuses now, it refuses for good.
  const again = await tryToWrite(database, lock, [entry]);
  if (again.problem !== 'failed') return again;
  return { problem: undefined, refused: [entry.entry.kind], fenced: 0 };
}

async function tryToWrite(
  database: Database,
  lock: string,
  entries: readonly StampedEntry[],
): Promise<StoreResult> {
  try {
    const fenced = await writeEntries(database, lock, entries);
    return { problem: undefined, refused: [], fenced };
  } catch (error) {
    const problem = error instanceof DatabaseError ? error.kind : 'failed';
    return { problem, refused: [], fenced: 0 };
  }
}

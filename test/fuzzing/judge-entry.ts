/** What the journal is given must fit into both databases, whatever strangers have sent. */
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import { mustHold } from './fuzz-target.ts';

const INTEGER_MAX = 2 ** 31 - 1;
/** Of columns that hold moments and lengths of time; the others are PostgreSQL's `integer`. */
const WIDE = /^(at|.*_at|.*_ms)$/;
const TEXT_MAX = 20_000;

export function judgeEntry(entry: JournalEntry): void {
  const row = entry.kind === 'call' ? entry.fields : entry.row;
  for (const [name, value] of Object.entries(row) as [string, unknown][]) {
    const where = `${entry.kind}.${name}`;
    if (typeof value === 'number') {
      const max = WIDE.test(name) ? Number.MAX_SAFE_INTEGER : INTEGER_MAX;
      const fits = Number.isFinite(value) && value >= 0 && Math.round(value) <= max;
      mustHold(fits, `expected a number that a column of ${where} can hold, got ${value}`);
    } else if (typeof value === 'string') {
      mustHold(value.length <= TEXT_MAX, `expected a text for ${where}, got ${value.length} units`);
    } else {
      mustHold(value === null || value === undefined, `expected a plain value for ${where}`);
    }
  }
  if (entry.kind === 'event') JSON.parse(entry.row.payload);
}

/** What the journal is given must fit into both databases, whatever strangers have sent. */
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import { mustHold } from './fuzz-target.ts';

const INTEGER_MAX = 2 ** 31 - 1;
/** Of columns that hold lengths of time; those of moments must be readable; the others are integers. */
const WIDE = /_ms$/;
const MOMENT = /^at$|_at$/;
const LAST_MOMENT = Date.UTC(10_000, 0) + 1000;
const TEXT_MAX = 20_000;
const SOUND_MAX = 60 * 8000;

export function judgeEntry(entry: JournalEntry): void {
  if (entry.kind === 'sound') {
    judgeSound(entry.mulaw);
    return;
  }
  const row = rowOf(entry);
  for (const [name, value] of Object.entries(row) as [string, unknown][]) {
    const where = `${entry.kind}.${name}`;
    if (typeof value === 'number') {
      const isWithin = value >= 0 && Math.round(value) <= mostOf(name);
      mustHold(isWithin, `expected a number that a column of ${where} can hold, got ${value}`);
    } else if (typeof value === 'string') {
      mustHold(value.length <= TEXT_MAX, `expected a text for ${where}, got ${value.length} units`);
    } else {
      mustHold(value === null || value === undefined, `expected a plain value for ${where}`);
    }
  }
  if (entry.kind === 'event') JSON.parse(entry.row.payload);
}

function rowOf(entry: Exclude<JournalEntry, { kind: 'sound' }>): object {
  if (entry.kind === 'call') return entry.fields;
  return entry.kind === 'desk' ? { state: entry.state } : entry.row;
}

function judgeSound(mulaw: Uint8Array | null): void {
  const bytes = mulaw?.length ?? 0;
  mustHold(bytes <= SOUND_MAX, `expected at most a minute of sound, got ${bytes} bytes`);
}

function mostOf(name: string): number {
  if (MOMENT.test(name)) return LAST_MOMENT;
  return WIDE.test(name) ? Number.MAX_SAFE_INTEGER : INTEGER_MAX;
}

/** An entry as one line of a spool file: JSON, in which sound is base64. */
import type { StampedEntry } from './write-entries.ts';

/** Ends with its line end. */
export function toSpoolLine(stamped: StampedEntry): string {
  const { entry } = stamped;
  if (entry.kind !== 'sound' || entry.mulaw === null) return `${JSON.stringify(stamped)}\n`;
  const mulaw = Buffer.from(entry.mulaw).toString('base64');
  return `${JSON.stringify({ ...stamped, entry: { ...entry, mulaw } })}\n`;
}

/** Undefined: it cannot be read. */
export function fromSpoolLine(line: string): StampedEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const { entry } = value as Partial<StampedEntry>;
    if (typeof entry?.kind !== 'string') return undefined;
    if (entry.kind === 'sound' && entry.mulaw !== null) {
      entry.mulaw = Buffer.from(String(entry.mulaw), 'base64');
    }
    return value as StampedEntry;
  } catch {
    return undefined;
  }
}

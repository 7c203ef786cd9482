import type { JournalEntry } from './journal-entry.ts';
import type { StampedEntry } from './write-entries.ts';

/** Beyond this share of the limit there is no room for events and sound: what is left is for the records. */
const SPARE_SHARE = 0.9;
/** Of sound: a minute of it is half a megabyte. */
const SOUND_BYTES_MAX = 32 * 1024 * 1024;

/** What waits in memory, in order, numbered, bounded. */
export class EntryQueue {
  readonly #max: number;
  #entries: StampedEntry[] = [];
  #last = 0;
  #soundBytes = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The number of the entry that came last, gone or not. */
  get last(): number {
    return this.#last;
  }

  /** The number of the first entry that is still here; without any, of the next one to come. */
  get oldest(): number {
    return this.#entries[0]?.n ?? this.#last + 1;
  }

  /** @returns False: there is no room. */
  push(entry: JournalEntry): boolean {
    const soundBytes = soundBytesOf(entry);
    const isSpare = entry.kind === 'event' || soundBytes > 0;
    if (this.#entries.length >= this.#max * (isSpare ? SPARE_SHARE : 1)) return false;
    if (soundBytes > 0 && this.#soundBytes + soundBytes > SOUND_BYTES_MAX) return false;
    this.#soundBytes += soundBytes;
    this.#last += 1;
    this.#entries.push({ n: this.#last, at: Date.now(), entry });
    return true;
  }

  first(most: number): readonly StampedEntry[] {
    return this.#entries.slice(0, most);
  }

  /** All up to this number. */
  remove(upTo: number): void {
    const kept = this.#entries.findIndex(({ n }) => n > upTo);
    const removed = this.#entries.splice(0, kept === -1 ? this.#entries.length : kept);
    for (const { entry } of removed) this.#soundBytes -= soundBytesOf(entry);
  }
}

function soundBytesOf(entry: JournalEntry): number {
  return entry.kind === 'sound' ? (entry.mulaw?.length ?? 0) : 0;
}

import type { JournalEntry } from './journal-entry.ts';
import type { StampedEntry } from './write-entries.ts';

/** Beyond this share of the limit there is no room for events: what is left is for the records. */
const EVENTS_SHARE = 0.9;

/** What waits in memory, in order, numbered, bounded. */
export class EntryQueue {
  readonly #max: number;
  #entries: StampedEntry[] = [];
  #last = 0;

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
    const share = entry.kind === 'event' ? EVENTS_SHARE : 1;
    if (this.#entries.length >= this.#max * share) return false;
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
    this.#entries = kept === -1 ? [] : this.#entries.slice(kept);
  }
}

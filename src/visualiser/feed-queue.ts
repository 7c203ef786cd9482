import type { QueueMessage } from './feed-message.ts';
import type { FeedSource } from './feed-viewer.ts';

export type QueueReading = Omit<QueueMessage, 'type' | 'at'>;

/** The line in front of the engine, as viewers know it. */
export class FeedQueue implements FeedSource {
  readonly #read: () => QueueReading;
  /** What all viewers know of it; undefined: not all of them know the same. */
  #told: string | undefined;

  constructor(read: () => QueueReading) {
    this.#read = read;
  }

  state(): string[] {
    const reading = this.#read();
    // Whoever could not take it sooner knows more than the others: all are told, the next time.
    if (keyOf(reading) !== this.#told) this.#told = undefined;
    return [textOf(reading)];
  }

  /** JSON of a message; undefined where viewers would see no difference but the time. */
  change(): string | undefined {
    const reading = this.#read();
    const key = keyOf(reading);
    if (key === this.#told) return undefined;
    this.#told = key;
    return textOf(reading);
  }
}

function textOf(reading: QueueReading): string {
  const message: QueueMessage = { type: 'visualiser.queue', at: Date.now(), ...reading };
  return JSON.stringify(message);
}

function keyOf({ entries }: QueueReading): string {
  return entries.map(({ id, priority, stage }) => `${id} ${priority} ${stage}`).join();
}

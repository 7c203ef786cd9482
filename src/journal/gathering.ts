import { Wakeup } from './wakeup.ts';

/** One transaction. Halved after each failure: it might have been too much for a slow network. */
export const BATCH_ENTRIES = 200;

/** A moment for entries to come together into one transaction, unless somebody waits for them. */
export class Gathering {
  #awaited = 0;
  readonly #hurry = new Wakeup();

  /** Somebody waits until all entries up to this one are kept. @returns it */
  hurry(last: number): number {
    this.#awaited = last;
    this.#hurry.wake();
    return last;
  }

  /** @param settled all entries up to this one are kept */
  async pause(settled: number, ms: number): Promise<void> {
    if (settled >= this.#awaited) await this.#hurry.wait(ms);
  }
}

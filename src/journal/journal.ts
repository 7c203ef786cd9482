import type { Database } from './database.ts';
import { EntryQueue } from './entry-queue.ts';
import { BATCH_ENTRIES, Gathering } from './gathering.ts';
import type { JournalEntry } from './journal-entry.ts';
import { JOURNAL_TIMING, type JournalOptions, type JournalState } from './journal-options.ts';
import { Spool } from './spool.ts';
import { type StoreResult, storeEntries } from './store-entries.ts';
import { Wakeup } from './wakeup.ts';
import type { StampedEntry } from './write-entries.ts';

/**
 * Writes down what happens in calls, in order, without ever holding one up. The database takes it;
 * while it cannot, the spool does, and newer entries go behind what is spooled.
 *
 * Two loops work on one queue. The writer brings what is oldest, spool or queue, to the database,
 * one batch at a time. The spooler brings the queue to the spool while the database is down or slow,
 * the spool not empty, or somebody waits for it. An entry may so be written twice, never in another
 * order; each can be written again without harm.
 */
export class Journal {
  readonly #database: Database;
  readonly #lock = `journal-${crypto.randomUUID()}`;
  readonly #log: JournalOptions['log'];
  readonly #queue: EntryQueue;
  readonly #spool: Spool;
  readonly #timing: typeof JOURNAL_TIMING;
  readonly #changed = new Wakeup();
  readonly #gathering = new Gathering();
  readonly #writer: Promise<void>;
  readonly #spooler: Promise<void>;
  /** The last entry that is in the database or given up. */
  #settled = 0;
  /** Up to this one, whatever is in memory only goes to the spool now: somebody waits for it. */
  #hurried = 0;
  #databaseUp = true;
  #batchEntries = BATCH_ENTRIES;
  #retryMs = 0;
  #retryAt = 0;
  #asking = false;
  #slow = false;
  #spooling = false;
  #spoolRetryAt = 0;
  #spoolWorks = true;
  #claimAt = 0;
  readonly #counts = { dropped: 0, refused: 0, fenced: 0 };
  #closed: Promise<void> | undefined;
  #stopped = false;
  /** The spool is the next process's. */
  #left = false;

  constructor(database: Database, options: JournalOptions) {
    const { directory, log, maxQueued = 10_000, maxSpoolBytes = 64 * 1024 * 1024 } = options;
    this.#database = database;
    this.#log = log;
    this.#timing = { ...JOURNAL_TIMING, ...options.timing };
    this.#queue = new EntryQueue(maxQueued);
    this.#spool = new Spool(directory, { maxBytes: maxSpoolBytes });
    this.#writer = this.#keepWriting();
    this.#spooler = this.#keepSpooling();
  }

  get state(): JournalState {
    return {
      pending: this.#queue.length,
      spooledBytes: this.#spool.bytes,
      databaseUp: this.#databaseUp,
      ...this.#counts,
    };
  }

  /**
   * Returns at once and never throws: calls go on, whatever becomes of their records.
   * @returns False: there is no room for it, and it is lost.
   */
  write(entry: JournalEntry): boolean {
    const hasRoom = !this.#stopped && this.#queue.push(entry);
    if (!hasRoom) this.#drop(1);
    this.#changed.wake();
    return hasRoom;
  }

  /**
   * For whoever has somebody waiting: the disk takes at once what the database does not.
   * @returns Whether all that was written before is in the database or on the disk now; false after
   * this time, or when anything was lost meanwhile.
   */
  async kept(withinMs: number): Promise<boolean> {
    const last = this.#gathering.hurry(this.#queue.last);
    const lost = this.#counts.dropped + this.#counts.refused;
    const deadline = performance.now() + withinMs;
    const hurryAt = performance.now() + Math.min(this.#timing.keepMs, withinMs);
    while (this.#queue.oldest <= last) {
      const now = performance.now();
      if (now >= deadline) return false;
      if (now >= hurryAt && this.#hurried < last) {
        this.#hurried = last;
        this.#changed.wake();
      }
      await this.#changed.wait((now < hurryAt ? hurryAt : deadline) - now);
    }
    return this.#counts.dropped + this.#counts.refused === lost;
  }

  /** @returns Whether all that was written before is in the database now; false after this time. */
  async flush(withinMs: number): Promise<boolean> {
    const last = this.#gathering.hurry(this.#queue.last);
    const deadline = performance.now() + withinMs;
    while (this.#settled < last && !this.#idle) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#stopped) return false;
      await this.#changed.wait(leftMs);
    }
    return true;
  }

  /** Flushes; what the database has not taken by then goes to the spool, for the next process. */
  close(withinMs: number): Promise<void> {
    this.#closed ??= this.#close(withinMs);
    return this.#closed;
  }

  async #close(withinMs: number): Promise<void> {
    await this.flush(withinMs);
    this.#stopped = true;
    this.#changed.wake();
    await this.#spooler;
    while (await this.#spoolSome()) {}
    this.#drop(this.#queue.length);
    this.#queue.remove(this.#queue.last);
    this.#changed.wake();
    // The database may still owe an answer. Whatever it is, what was asked is on the disk by now.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#timing.slowMs);
    await Promise.race([this.#writer, late]);
    clearTimeout(timer);
    this.#left = true;
    await this.#spool.close().catch((error) => this.#spoolFailed(error));
  }

  get #idle(): boolean {
    return !this.#queue.length && this.#spool.empty && !this.#spooling && !this.#asking;
  }

  /** The writer. */
  async #keepWriting(): Promise<void> {
    while (!this.#stopped) {
      const now = performance.now();
      if (now >= this.#claimAt) {
        this.#claimAt = now + this.#timing.claimMs;
        await this.#spool.claim().catch((error) => this.#spoolFailed(error));
      } else if (this.#spool.empty && (this.#spooling || this.#queue.length === 0)) {
        await this.#changed.wait(this.#claimAt - now, { idle: true });
      } else if (now < this.#retryAt) {
        await this.#changed.wait(this.#retryAt - now);
      } else {
        await this.#attempt();
        const isMore = !this.#spool.empty || this.#queue.length >= this.#batchEntries;
        if (!isMore) await this.#gathering.pause(this.#settled, this.#timing.gatherMs);
      }
    }
  }

  async #attempt(): Promise<void> {
    this.#asking = true;
    const fromSpool = !this.#spool.empty;
    const slow = setTimeout(() => {
      this.#slow = true;
      this.#changed.wake();
    }, this.#timing.slowMs);
    try {
      const stored = fromSpool ? await this.#drainSome() : await this.#writeSome();
      if (stored) this.#databaseAnswered();
    } catch (error) {
      // Only the spool's file can have failed: the database's failures are answers.
      this.#spoolFailed(error);
      this.#retryLater();
    } finally {
      clearTimeout(slow);
      this.#slow = false;
      this.#asking = false;
      this.#changed.wake();
    }
  }

  /** @returns Whether the database answered. */
  async #writeSome(): Promise<boolean> {
    const batch = this.#queue.first(this.#batchEntries);
    const last = batch.at(-1)?.n ?? 0;
    const stored = await this.#store(batch);
    // What the spooler took of it meanwhile will be written again; then the rest must be, behind it.
    if (stored && this.#spool.empty && !this.#spooling) {
      this.#queue.remove(last);
      this.#passOver(stored);
      this.#settled = last;
    }
    return stored !== undefined;
  }

  /** @returns Whether the database answered. */
  async #drainSome(): Promise<boolean> {
    const batch = await this.#spool.next(this.#batchEntries);
    if (!batch) return true;
    const stored = await this.#store(batch.entries);
    if (!stored) await this.#spool.touch();
    else if (!this.#left) {
      await this.#spool.advance(batch);
      this.#passOver(stored);
      this.#drop(batch.damaged);
      const last = batch.entries.at(-1);
      if (batch.own && last) this.#settled = last.n;
    }
    return stored !== undefined;
  }

  /** @returns What was passed over of them; undefined: the database has not all the others. */
  async #store(entries: readonly StampedEntry[]): Promise<StoreResult | undefined> {
    const result = await storeEntries(this.#database, this.#lock, entries);
    if (!result.problem) return result;
    this.#databaseFailed(result.problem);
    return undefined;
  }

  /** The spooler. */
  async #keepSpooling(): Promise<void> {
    while (!this.#stopped) {
      const now = performance.now();
      const isAwaited = this.#queue.oldest <= this.#hurried;
      const needed =
        isAwaited ||
        (this.#queue.length > 0 && (!this.#databaseUp || this.#slow || !this.#spool.empty));
      if (!needed) await this.#changed.wait();
      else if (now < this.#spoolRetryAt) await this.#changed.wait(this.#spoolRetryAt - now);
      else await this.#spoolSome();
    }
  }

  /** @returns Whether it took anything. */
  async #spoolSome(): Promise<boolean> {
    const batch = this.#queue.first(this.#queue.length);
    if (batch.length === 0) return false;
    this.#spooling = true;
    try {
      const { taken, refused } = await this.#spool.append(batch);
      this.#queue.remove(batch[taken - 1]?.n ?? 0);
      this.#drop(refused);
      this.#spoolWorks = true;
      if (taken === 0) this.#spoolRetryAt = performance.now() + this.#timing.spoolRetryMs;
      return taken > 0;
    } catch (error) {
      this.#spoolFailed(error);
      return false;
    } finally {
      this.#spooling = false;
      this.#changed.wake();
    }
  }

  #databaseAnswered(): void {
    if (!this.#databaseUp) {
      this.#log.info({ spooledBytes: this.#spool.bytes }, 'journal database up again');
    }
    this.#databaseUp = true;
    this.#batchEntries = Math.min(BATCH_ENTRIES, this.#batchEntries * 2);
    this.#retryMs = 0;
  }

  #databaseFailed(problem: string): void {
    if (this.#databaseUp) this.#log.warn({ problem }, 'journal database down');
    this.#databaseUp = false;
    this.#batchEntries = Math.ceil(this.#batchEntries / 2);
    this.#retryLater();
  }

  #retryLater(): void {
    const { firstRetryMs, lastRetryMs } = this.#timing;
    this.#retryMs = Math.min(lastRetryMs, Math.max(firstRetryMs, this.#retryMs * 2));
    this.#retryAt = performance.now() + this.#retryMs;
  }

  /** Entries stay in memory, as far as there is room. Logged once, until it works again. */
  #spoolFailed(error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (this.#spoolWorks) this.#log.error({ problem: code ?? 'unknown' }, 'journal spool failed');
    this.#spoolWorks = false;
    this.#spoolRetryAt = performance.now() + this.#timing.spoolRetryMs;
  }

  #passOver({ refused, fenced }: StoreResult): void {
    this.#counts.refused += refused.length;
    for (const entry of refused) this.#log.error({ entry }, 'journal entry refused');
    if (fenced > 0 && this.#counts.fenced === 0) this.#log.warn({}, 'journal entries fenced');
    this.#counts.fenced += fenced;
  }

  /** Counted; logged with the first, as a full journal stays full for a while. */
  #drop(entries: number): void {
    if (entries > 0 && this.#counts.dropped === 0) this.#log.error({}, 'journal entries dropped');
    this.#counts.dropped += entries;
  }
}

/**
 * The line in front of one GPU engine: a p-queue whose slot covers the part of a request that must
 * not overlap with another's. Who waits in silence goes first; what nobody waits for gives way.
 */
import PQueue from 'p-queue';
import {
  type EngineTicket,
  GaveWayError,
  type Priority,
  type SubmitOptions,
} from './engine-ticket.ts';
import { givesWayTo } from './giving-way.ts';
import {
  type Entry,
  forgetAttempt,
  newEntry,
  type QueueView,
  RANK,
  sinceStartMs,
  viewOf,
} from './queue-entry.ts';
import { fullError, LEFT, lateError } from './queue-error.ts';
import type { EngineStream, QueueOptions } from './queue-options.ts';
import { type Passage, passageOf } from './queue-passage.ts';
import type { QueueWatcher, Served } from './queue-watcher.ts';
import { WaitEstimate } from './wait-estimate.ts';

export type { EngineTicket, Priority, SubmitOptions } from './engine-ticket.ts';
export type { EngineStream, QueueOptions } from './queue-options.ts';

export class EngineQueue {
  readonly #queue: PQueue;
  readonly #stream: EngineStream;
  readonly #slot: 'firstToken' | 'wholeReply';
  readonly #maxStreams: number;
  readonly #maxDepth: number;
  readonly #line = new Set<Entry>();
  readonly #open = new Set<Entry>();
  readonly #estimate: WaitEstimate;
  readonly #watchers: QueueWatcher[] = [];
  #idleWaiters: (() => void)[] = [];
  #lastId = 0;

  constructor(options: QueueOptions & { stream: EngineStream }) {
    const concurrency = options.concurrency ?? 1;
    this.#queue = new PQueue({ concurrency });
    this.#stream = options.stream;
    this.#slot = options.slot ?? 'firstToken';
    this.#maxStreams = options.maxStreams ?? 16;
    this.#maxDepth = options.maxDepth ?? 64;
    this.#estimate = new WaitEstimate(concurrency, this.#maxStreams);
  }

  /** Requests in line. */
  get depth(): number {
    return this.#line.size;
  }

  /** Requests that hold the slot. */
  get inSlot(): number {
    return this.#count((entry) => entry.stage === 'slot');
  }

  /** Replies under way that no longer hold the slot. */
  get streaming(): number {
    return this.#count((entry) => entry.stage === 'streaming');
  }

  /** Who holds the engine, then who stands in line, in the order in which they come to it. */
  get entries(): QueueView[] {
    const line = [...this.#line].sort((a, b) => RANK[b.priority] - RANK[a.priority]);
    return [...this.#open, ...line].map(viewOf).filter((view) => view !== undefined);
  }

  watch(watcher: QueueWatcher): void {
    this.#watchers.push(watcher);
  }

  /** How long a caller who begins to wait now can expect to stand in line, in milliseconds. */
  predictedWaitMs(): number {
    // Everything else gives way.
    const ahead = [...this.#line].filter((entry) => entry.priority === 'waiting').length;
    const open = [...this.#open].filter((entry) => entry.priority === 'waiting');
    const inSlot = open.filter((entry) => entry.stage === 'slot').length;
    return this.#estimate.waitMs({ ahead, open: open.length, inSlot });
  }

  /** Resolves when nothing is in line, in the slot or streaming. */
  async onIdle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Never throws: a full line or a signal that is aborted already shows in the ticket's events. */
  submit(options: SubmitOptions): EngineTicket {
    const entry = newEntry(options, String(++this.#lastId), (left, reason) => {
      this.#abandon(left, reason);
    });
    if (options.signal.aborted) entry.buffer.abandon(options.signal.reason);
    else if (!this.#hasRoomFor(options.priority)) this.#turnAway(entry);
    else {
      options.signal.addEventListener('abort', entry.onAbort, { once: true });
      this.#enter(entry);
      this.#makeWay(entry);
    }
    return {
      events: entry.buffer,
      timing: entry.timing,
      promote: (priority) => this.#promote(entry, priority),
      cancel: entry.cancel,
    };
  }

  get #isIdle(): boolean {
    return this.#line.size === 0 && this.#open.size === 0;
  }

  #count(matches: (entry: Entry) => boolean): number {
    let count = 0;
    for (const entry of this.#open) if (matches(entry)) count++;
    return count;
  }

  /** A line full of lesser work makes room for a caller by dropping the last of the least. */
  #hasRoomFor(priority: Priority): boolean {
    if (this.#line.size < this.#maxDepth) return true;
    let least: Entry | undefined;
    for (const entry of this.#line) {
      if (!least || RANK[entry.priority] <= RANK[least.priority]) least = entry;
    }
    if (!least || RANK[least.priority] >= RANK[priority]) return false;
    this.#fail(least, fullError(this.#maxDepth));
    return true;
  }

  #enter(entry: Entry): void {
    const remainingMs = entry.timing.queuedAtMs + entry.deadlineMs - performance.now();
    entry.stage = 'line';
    entry.attempt = new AbortController();
    this.#line.add(entry);
    entry.timer = setTimeout(() => this.#fail(entry, lateError(entry)), Math.max(0, remainingMs));
    const options = { id: entry.id, priority: RANK[entry.priority], signal: entry.attempt.signal };
    // The entry's own end is told in #leave; p-queue's promise only repeats an abort.
    this.#queue.add(() => this.#occupy(entry), options).catch(() => {});
  }

  /** Runs when p-queue gives the slot; the slot is held until the promise resolves. */
  #occupy(entry: Entry): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { attempt } = entry;
    clearTimeout(entry.timer);
    this.#line.delete(entry);
    this.#open.add(entry);
    entry.stage = 'slot';
    entry.timing.startedAtMs = performance.now();
    entry.freeSlot = resolve;
    // What was begun in the background is shown only when complete: so it can still give way.
    if (entry.priority === 'background') entry.buffer.hold();
    this.#gate();
    void this.#pump(entry, attempt.signal);
    return promise;
  }

  async #pump(entry: Entry, signal: AbortSignal): Promise<void> {
    try {
      const request = typeof entry.request === 'function' ? entry.request() : entry.request;
      const { timing } = entry;
      const onFirstToken = () => {
        if (!signal.aborted) this.#sawFirstToken(entry);
      };
      const onSent = () => {
        if (!signal.aborted) timing.sentAtMs = performance.now();
      };
      for await (const event of this.#stream(request, signal, onFirstToken, onSent)) {
        if (signal.aborted) return;
        timing.newestAtMs = performance.now();
        if (event.type === 'finished') entry.finish = event;
        else onFirstToken();
        entry.buffer.push(event);
      }
      if (!signal.aborted) this.#complete(entry);
    } catch (error) {
      if (!signal.aborted) this.#fail(entry, error);
    }
  }

  #sawFirstToken(entry: Entry): void {
    if (entry.timing.firstTokenAtMs !== undefined) return;
    entry.timing.firstTokenAtMs = performance.now();
    if (this.#slot === 'wholeReply') return;
    this.#tellServed(entry, 'slot');
    entry.stage = 'streaming';
    this.#estimate.sawSlotMs(sinceStartMs(entry));
    entry.freeSlot();
  }

  #promote(entry: Entry, priority: Priority): boolean {
    if (entry.stage === 'ended' || entry.priority === priority) return !entry.gaveWay;
    entry.priority = priority;
    if (entry.stage === 'line') {
      this.#queue.setPriority(entry.id, RANK[priority]);
      this.#makeWay(entry);
    } else if (priority !== 'background') entry.buffer.release();
    return true;
  }

  /** If `entry` has to wait while lesser work stands in its way, one of that gives it its place. */
  #makeWay(entry: Entry): void {
    if (entry.stage !== 'line') return;
    const isSlotFull = this.inSlot >= this.#queue.concurrency;
    const isFull = this.#queue.isPaused;
    const other = givesWayTo(entry, this.#open, { isSlotFull, isFull });
    if (!other) return;
    if (!other.buffer.isUntouched) this.#dismiss(other);
    else if (this.#line.size >= this.#maxDepth) this.#fail(other, fullError(this.#maxDepth));
    else this.#beginAgain(other);
  }

  /** Its reader has seen nothing of it, and cannot tell a second attempt from the first. */
  #beginAgain(entry: Entry): void {
    entry.gaveWay = true;
    this.#withdraw(entry);
    forgetAttempt(entry);
    this.#enter(entry);
  }

  /** Its reader has begun with it: whoever adopts it has to ask anew. */
  #dismiss(entry: Entry): void {
    entry.gaveWay = true;
    this.#abandon(entry, new GaveWayError());
  }

  #complete(entry: Entry): void {
    this.#estimate.sawReplyMs(sinceStartMs(entry));
    if (entry.stage === 'slot') this.#estimate.sawSlotMs(sinceStartMs(entry));
    entry.buffer.end();
    this.#leave(entry, 'completed');
  }

  #turnAway(entry: Entry): void {
    const error = fullError(this.#maxDepth);
    entry.buffer.end(error);
    this.#tellEnded(passageOf(entry, 'failed', error));
  }

  /** The reader still gets what came before the error. */
  #fail(entry: Entry, error: unknown): void {
    entry.buffer.end(error);
    this.#leave(entry, 'failed', error);
  }

  /** The reader gets nothing more. */
  #abandon(entry: Entry, reason: unknown): void {
    entry.buffer.abandon(reason);
    this.#leave(entry, 'cancelled');
  }

  #leave(entry: Entry, how: Passage['how'], error?: unknown): void {
    if (entry.stage === 'ended') return;
    this.#withdraw(entry);
    entry.signal.removeEventListener('abort', entry.onAbort);
    this.#tellEnded(passageOf(entry, how, error));
    if (!this.#isIdle) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Takes the entry out of wherever it is, closing its stream and freeing its slot. */
  #withdraw(entry: Entry): void {
    if (entry.stage === 'slot') this.#tellServed(entry, 'slot');
    if (this.#open.has(entry)) this.#tellServed(entry, 'reply');
    if (entry.timing.startedAtMs !== undefined) entry.timing.endedAtMs ??= performance.now();
    entry.stage = 'ended';
    clearTimeout(entry.timer);
    this.#line.delete(entry);
    this.#open.delete(entry);
    // p-queue, too, listens to this signal: it drops the entry from its line, or frees its slot.
    entry.attempt.abort(LEFT);
    this.#gate();
  }

  #tellServed(entry: Entry, part: Served['part']): void {
    const { priority, gaveWay } = entry;
    const served = { priority, part, gaveWay, ms: sinceStartMs(entry) };
    for (const watcher of this.#watchers) watcher.onServed?.(served);
  }

  #tellEnded(passage: Passage): void {
    for (const watcher of this.#watchers) watcher.onEnded?.(passage);
  }

  #gate(): void {
    if (this.#open.size >= this.#maxStreams) this.#queue.pause();
    else this.#queue.start();
  }
}

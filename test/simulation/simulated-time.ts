/**
 * Time that passes only here. It takes the place of setTimeout, clearTimeout, performance.now and
 * Date.now, and goes from one timer to the next: each is fired by itself, at exactly its moment, and
 * all that promises do because of it is done before the next one.
 */
const real = { setTimeout, clearTimeout, setImmediate, now: performance.now, wall: Date.now };

/** What the program set, or a part of the world that lives and dies with the program's process. */
type Owner = 'program' | 'process' | 'world';

export interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly run: () => void;
  isDone: boolean;
  /** Where it was set, while that is asked for. */
  readonly origin?: string | undefined;
}

/** Fridays at noon in Berlin are as good as any: 2026-11-27T11:00:00Z. */
const WALL_START_MS = Date.UTC(2026, 10, 27, 11);
const START_MS = 10_000;
/**
 * In one turn of the event loop Node runs all immediates that are queued, and after each of them all
 * that is due to promises: one turn for each timer would cost six times as much.
 */
const TIMERS_A_TURN = 64;

export class SimulatedTime {
  nowMs = START_MS;
  /** Fired until now. */
  steps = 0;
  /** By how much the clock on the wall has been set. */
  wallShiftMs = 0;
  /** Whether timers remember where they were set, which costs much. */
  keepsOrigins = false;
  readonly #heap: Timer[] = [];
  #order = 0;
  #programTimers = 0;

  /** Takes the place of the globals until `uninstall`. */
  install(): void {
    globalThis.setTimeout = ((
      run: (...args: unknown[]) => void,
      delayMs = 0,
      ...args: unknown[]
    ) => {
      // Node's own rule: whole milliseconds, one at least.
      const waitMs = Math.max(1, Math.trunc(Number(delayMs)) || 1);
      return new Handle(this.#set(waitMs, () => run(...args), 'program'));
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((handle: unknown) => {
      if (handle instanceof Handle) this.cancel(handle.timer);
    }) as typeof clearTimeout;
    performance.now = () => this.nowMs;
    Date.now = () => WALL_START_MS + this.nowMs - START_MS + this.wallShiftMs;
  }

  uninstall(): void {
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    performance.now = real.now;
    Date.now = real.wall;
  }

  /** Timers of the program that have neither fired nor been cleared. */
  get programTimers(): number {
    return this.#programTimers;
  }

  /** Where they were set, if that was kept; for whoever looks for one that is left. */
  get programOrigins(): string[] {
    const left = this.#heap.filter(({ owner, isDone }) => owner === 'program' && !isDone);
    return left.map(({ origin }) => origin ?? 'unknown');
  }

  /** Something that the world does, whatever becomes of the program. */
  after(delayMs: number, run: () => void): Timer {
    return this.#set(Math.max(0, delayMs), run, 'world');
  }

  /** Something that happens to the program's process, unless that dies before. */
  toProcess(delayMs: number, run: () => void): Timer {
    return this.#set(Math.max(0, delayMs), run, 'process');
  }

  cancel(timer: Timer | undefined): void {
    if (!timer || timer.isDone) return;
    timer.isDone = true;
    if (timer.owner === 'program') this.#programTimers -= 1;
  }

  /** The program dies: nothing that it waits for will ever come. */
  dropProcess(): void {
    for (const timer of this.#heap) if (timer.owner !== 'world') this.cancel(timer);
  }

  /**
   * Fires timer after timer until the next one is due later than this, or `isOver` says so. The latter
   * is asked whenever all is quiet.
   */
  run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let queued = 0;
      let end: (() => void) | undefined;
      const step = () => {
        queued -= 1;
        try {
          if (!end && (isOver() || !this.#fireNext(untilMs))) end = resolve;
        } catch (error) {
          end = () => reject(error);
        }
        if (queued > 0) return;
        if (end) end();
        else queue();
      };
      const queue = () => {
        queued = TIMERS_A_TURN;
        for (let at = 0; at < TIMERS_A_TURN; at++) real.setImmediate(step);
      };
      queue();
    });
  }

  #fireNext(untilMs: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.dueMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, Number.isFinite(untilMs) ? untilMs : this.nowMs);
        return false;
      }
      this.#takeFirst();
      if (next.isDone) continue;
      this.cancel(next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.steps += 1;
      next.run();
      return true;
    }
  }

  #set(delayMs: number, run: () => void, owner: Owner): Timer {
    const dueMs = this.nowMs + delayMs;
    const origin = this.keepsOrigins && owner === 'program' ? new Error().stack : undefined;
    const timer: Timer = { dueMs, order: ++this.#order, owner, run, isDone: false, origin };
    if (owner === 'program') this.#programTimers += 1;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
    return timer;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

/** Of the same moment, the first to be set is first. */
function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** What setTimeout returns; as Node's, it can be told not to keep the process alive. */
class Handle {
  readonly timer: Timer;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

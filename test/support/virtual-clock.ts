/** Time that stands still until a test moves it: setTimeout, clearTimeout and performance.now. */

interface Timer {
  dueMs: number;
  run(): void;
}

export class VirtualClock {
  readonly #real = { setTimeout, clearTimeout, now: performance.now };
  readonly #timers = new Map<object, Timer>();
  #nowMs = 10_000;

  /** Takes the place of the globals until `uninstall`. */
  install(): this {
    const set = (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
      const handle = { ref: () => handle, unref: () => handle, hasRef: () => true };
      // Like Node's, no timer fires in the turn that set it.
      const dueMs = this.#nowMs + Math.max(1, delayMs);
      this.#timers.set(handle, { dueMs, run: () => run(...args) });
      return handle;
    };
    globalThis.setTimeout = set as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((handle: object) => {
      this.#timers.delete(handle);
    }) as typeof clearTimeout;
    performance.now = () => this.#nowMs;
    return this;
  }

  uninstall(): void {
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
    performance.now = this.#real.now;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that have neither fired nor been cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on, firing what falls due in its order; what promises do in between is waited for. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [handle, timer] = this.#next(endMs) ?? [];
      if (!handle || !timer) break;
      this.#timers.delete(handle);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.run();
      await settled();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): [object, Timer] | undefined {
    let next: [object, Timer] | undefined;
    for (const entry of this.#timers) {
      if (entry[1].dueMs <= endMs && entry[1].dueMs < (next?.[1].dueMs ?? Infinity)) next = entry;
    }
    return next;
  }
}

/** Lets everything happen that needs no time: promises, streams, immediates. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

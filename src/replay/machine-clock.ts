export interface MachineTimer {
  /** The event that it sends, such as `limit.call`. */
  readonly type: string;
  /** ms since the machine began */
  readonly dueMs: number;
  readonly run: () => void;
}

/**
 * The clock of one machine. XState's own SimulatedClock moves over several timers at once, and what
 * the first of them starts is then late; here every timer is fired by itself.
 */
export class MachineClock {
  #nowMs = 0;
  /** Of timers that are about to be set, in order. */
  #expected: string[] = [];
  readonly #timers = new Set<MachineTimer>();

  get nowMs(): number {
    return this.#nowMs;
  }

  get timers(): MachineTimer[] {
    return [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
  }

  /** @param type what the timer sends that will be set next */
  expect(type: string): void {
    this.#expected.push(type);
  }

  // XState calls both without their object.
  readonly setTimeout = (run: () => void, delayMs: number): MachineTimer => {
    const timer = { type: this.#expected.shift() ?? '', dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimeout = (timer: MachineTimer): void => {
    this.#timers.delete(timer);
  };

  moveTo(nowMs: number): void {
    if (nowMs < this.#nowMs) {
      throw new RangeError(`expected a moment from ${this.#nowMs} ms on, got ${nowMs} ms`);
    }
    this.#nowMs = nowMs;
  }

  fire(timer: MachineTimer): void {
    if (this.#timers.delete(timer)) timer.run();
  }
}

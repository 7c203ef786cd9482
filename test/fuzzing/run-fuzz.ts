/** Draws cases, gives them to a target, and watches the process over all of them. */
import { Random } from '../simulation/random.ts';
import { inTime } from '../support/twilio-hand.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { HangWatch } from './hang-watch.ts';
import { heldBytes } from './heap.ts';
import { ProcessWatch } from './process-watch.ts';
import { shrinkInputs } from './shrink-inputs.ts';

export interface FuzzOptions {
  /** At least so many; the last case is not cut. */
  inputs: number;
  seed: number;
  /** This case alone. */
  only?: number | undefined;
  onProgress?: (taken: number, seconds: number) => void;
}

export interface FuzzFailure {
  seed: number;
  /** Its number: the same one fails again. */
  case: number;
  error: Error;
  /** What is left of it after shrinking. */
  inputs: readonly unknown[];
}

export interface FuzzReport {
  inputs: number;
  cases: number;
  seconds: number;
  /** Held after the first tenth of the inputs, and after the last. */
  heldBytes: readonly [first: number, last: number];
  slowest: { ms: number; case: number };
  failure: FuzzFailure | undefined;
}

/** What the process may hold more after all inputs than after a tenth of them. */
export const GROWTH_LIMIT_BYTES = 8 * 1024 * 1024;
/** No case takes a second where the machine is free. */
const CASE_MS = 20_000;
const POLLUTION_EVERY = 500;

export async function runFuzz<Input>(
  target: FuzzTarget<Input>,
  options: FuzzOptions,
): Promise<FuzzReport> {
  const watch = new ProcessWatch();
  const hang = new HangWatch(options.seed);
  try {
    return await new FuzzRun(target, options, watch, hang).run();
  } finally {
    await target.close();
    await hang.close();
    watch.close();
  }
}

class FuzzRun<Input> {
  readonly #target: FuzzTarget<Input>;
  readonly #options: FuzzOptions;
  readonly #watch: ProcessWatch;
  readonly #hang: HangWatch;
  readonly #running = new Set<Promise<void>>();
  readonly #slowest = { ms: 0, case: 0 };
  #taken = 0;
  #cases = 0;
  #failure: FuzzFailure | undefined;

  constructor(
    target: FuzzTarget<Input>,
    options: FuzzOptions,
    watch: ProcessWatch,
    hang: HangWatch,
  ) {
    this.#target = target;
    this.#options = options;
    this.#watch = watch;
    this.#hang = hang;
  }

  async run(): Promise<FuzzReport> {
    const { inputs, only } = this.#options;
    const startMs = performance.now();
    const secondsNow = () => (performance.now() - startMs) / 1000;
    let first = 0;
    if (only !== undefined) await this.#runCase(only);
    else {
      await this.#runUntil(inputs / 10, secondsNow);
      first = await heldBytes();
      await this.#runUntil(inputs, secondsNow);
    }
    const seconds = secondsNow();
    const last = await heldBytes();
    if (!this.#failure) this.#judgeProcess(only ?? this.#cases - 1);
    if (this.#failure) await this.#shrink(this.#failure);
    return {
      inputs: this.#taken,
      cases: this.#cases,
      seconds,
      heldBytes: [first, last],
      slowest: this.#slowest,
      failure: this.#failure,
    };
  }

  async #runUntil(inputs: number, secondsNow: () => number): Promise<void> {
    const { concurrency } = this.#target;
    while (this.#taken < inputs && !this.#failure) {
      const run = this.#runCase(this.#cases++).finally(() => this.#running.delete(run));
      this.#running.add(run);
      if (this.#running.size >= concurrency) await Promise.race(this.#running);
      this.#options.onProgress?.(this.#taken, secondsNow());
    }
    await Promise.all(this.#running);
  }

  async #runCase(number: number): Promise<void> {
    this.#hang.enter(number);
    const beganMs = performance.now();
    const inputs = this.#draw(number);
    try {
      const taken = await this.#attempt(inputs);
      this.#taken += taken;
      if (number % POLLUTION_EVERY === 0) this.#judgeProcess(number);
    } catch (error) {
      this.#fail(number, this.#watch.crash ?? (error as Error));
    }
    const ms = performance.now() - beganMs;
    if (ms > this.#slowest.ms) Object.assign(this.#slowest, { ms, case: number });
  }

  #draw(number: number): Input[] {
    return this.#target.draw(new Random(this.#options.seed, number));
  }

  async #attempt(inputs: readonly Input[]): Promise<number> {
    const taken = await inTime(this.#target.run(inputs), 'the end of a case', CASE_MS);
    // For what comes late, and for timers: a target may never wait for anything.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#watch.crash) throw this.#watch.crash;
    return taken;
  }

  #judgeProcess(number: number): void {
    const pollution = this.#watch.pollution();
    const { crash } = this.#watch;
    if (crash) this.#fail(number, crash);
    if (pollution.length === 0) return;
    this.#fail(number, new Error(`expected the prototypes as they were: ${pollution.join(', ')}`));
  }

  #fail(number: number, error: Error): void {
    this.#failure ??= { seed: this.#options.seed, case: number, error, inputs: this.#draw(number) };
  }

  /** Alone: what only fails beside others stays as it is. */
  async #shrink(failure: FuzzFailure): Promise<void> {
    const failsAlike = async (fewer: readonly Input[]) => {
      this.#watch.forget();
      try {
        await this.#attempt(fewer);
        return false;
      } catch (error) {
        return (error as Error).name === failure.error.name;
      }
    };
    // An error that nobody caught does not say whose it is.
    if (failure.error === this.#watch.crash) await this.#blame(failure, failsAlike);
    failure.inputs = await shrinkInputs(failure.inputs as readonly Input[], failsAlike);
  }

  async #blame(
    failure: FuzzFailure,
    failsAlike: (inputs: readonly Input[]) => Promise<boolean>,
  ): Promise<void> {
    const first = Math.max(0, this.#cases - 4 * this.#target.concurrency);
    for (let number = this.#cases - 1; number >= first; number--) {
      const inputs = this.#draw(number);
      if (await failsAlike(inputs)) return void Object.assign(failure, { case: number, inputs });
    }
  }
}

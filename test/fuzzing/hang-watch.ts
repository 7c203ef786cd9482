/**
 * Ends a process that hangs in one input: a loop without an end, or an expression that backtracks for
 * ever, keeps every timer of its own thread from running. So another thread watches.
 */
import { Worker } from 'node:worker_threads';

/** A shared core may keep a healthy process waiting for some seconds. */
export const HANG_MS = 15_000;
const BEAT_MS = 500;

export class HangWatch {
  readonly #shared = new Int32Array(new SharedArrayBuffer(12));
  readonly #worker: Worker;
  #timer: NodeJS.Timeout | undefined;

  constructor(seed: number) {
    const workerData = { shared: this.#shared, hangMs: HANG_MS, seed };
    this.#worker = new Worker(new URL('./hang-worker.ts', import.meta.url), { workerData });
    this.#worker.unref();
    this.#beat();
  }

  /** So that it can be told in which case the process hung. */
  enter(number: number): void {
    this.#shared[1] = number;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #beat(): void {
    Atomics.add(this.#shared, 0, 1);
    Atomics.notify(this.#shared, 0);
    this.#timer = setTimeout(() => this.#beat(), BEAT_MS).unref();
  }
}

/** Seeds on as many threads as there are processors. Each seed is by itself: their order changes nothing. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Mutant } from './module-hooks.ts';
import type { SeedResult } from './run-seed.ts';
import type { Swarm } from './swarm.ts';

export interface ToWorker {
  seed: number;
  swarm?: Swarm | undefined;
}

export interface SeedReport extends Omit<SeedResult, 'faults' | 'moves' | 'deeds'> {
  faults: readonly (readonly [kind: string, count: number])[];
  moves: readonly string[];
  deeds: readonly (readonly [deed: string, times: number])[];
}

export interface FleetOptions {
  mutant?: Mutant | undefined;
  threads?: number | undefined;
}

export class Fleet {
  readonly #workers: Worker[];
  readonly #idle: Worker[];
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor({ mutant, threads = availableParallelism() }: FleetOptions = {}) {
    const file = new URL('./worker.ts', import.meta.url);
    this.#workers = Array.from({ length: threads }, () => {
      return new Worker(file, { workerData: { mutant }, execArgv: [] });
    });
    this.#idle = [...this.#workers];
  }

  get threads(): number {
    return this.#workers.length;
  }

  /** Waits for a free thread. @throws what ends the thread */
  async run(seed: number, swarm?: Swarm): Promise<SeedReport> {
    const worker = await this.#take();
    try {
      return await new Promise<SeedReport>((resolve, reject) => {
        const done = (settle: () => void) => {
          worker.off('message', onReport).off('error', onError);
          settle();
        };
        const onReport = (report: SeedReport) => done(() => resolve(report));
        const onError = (error: Error) => done(() => reject(error));
        worker.on('message', onReport).on('error', onError);
        worker.postMessage({ seed, swarm } satisfies ToWorker);
      });
    } finally {
      const next = this.#waiting.shift();
      if (next) next(worker);
      else this.#idle.push(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #take(): Promise<Worker> {
    const worker = this.#idle.pop();
    if (worker) return Promise.resolve(worker);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

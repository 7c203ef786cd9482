import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import type { WholeCall } from '../journal/call-list.ts';
import type { Moments } from './moments.ts';
import type { MomentsWorkerData } from './moments-worker.ts';

/** The largest call takes some hundred ms; a thread takes as long to start. */
const PATIENCE_MS = 5000;
/** Threads at once: each is a heap of its own. */
const MAX_THREADS = 2;
const MAX_WAITING = 10;

/** So many look at finished calls that one more would wait for too long. */
export class MomentsBusyError extends Error {
  override name = 'MomentsBusyError';
  /** Of HTTP. */
  readonly statusCode = 503;
}

/** `momentsOf`, in threads beside the one that moves the audio. */
export class MomentsThread {
  readonly #queue = new PQueue({ concurrency: MAX_THREADS });

  /** @throws {MomentsBusyError} and whatever the thread ends with */
  async read({ events }: Pick<WholeCall, 'events'>): Promise<Moments> {
    if (this.#queue.size >= MAX_WAITING) {
      throw new MomentsBusyError(`expected at most ${MAX_WAITING} calls to wait to be read`);
    }
    return this.#queue.add(() => inThread({ events }));
  }
}

async function inThread(workerData: MomentsWorkerData): Promise<Moments> {
  const worker = new Worker(new URL('./moments-worker.ts', import.meta.url), { workerData });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const [moments] = await once(worker, 'message', { signal: abort.signal });
    return moments as Moments;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

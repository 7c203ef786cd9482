import PQueue from 'p-queue';

export type WorkEnd<T> =
  | { how: 'ended'; value: T }
  /** The bound struck while it was working: it may still do what it does. */
  | { how: 'late' }
  /** It has not begun, and never will: the line is too long, or half of the bound passed in it. */
  | { how: 'busy' };

/** Work that is done one after the other, and of which each is answered for in time. */
export class WorkLine {
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #boundMs: number;
  readonly #mostWaiting: number;

  constructor(options: { boundMs: number; mostWaiting: number }) {
    this.#boundMs = options.boundMs;
    this.#mostWaiting = options.mostWaiting;
  }

  /**
   * Settles within the bound, counted from now. Work that is late is not waited for: the next begins.
   *
   * @param work `isLate` turns true when nobody waits for its value any more
   * @throws what the work throws, unless it is late
   */
  do<T>(work: (isLate: () => boolean) => Promise<T>): Promise<WorkEnd<T>> {
    if (this.#queue.size >= this.#mostWaiting) return Promise.resolve(BUSY);
    const end = Promise.withResolvers<WorkEnd<T>>();
    const askedAt = performance.now();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end.resolve({ how: 'late' });
    }, this.#boundMs);
    void this.#queue.add(async () => {
      // What is before it was asked for earlier, so it is late earlier: the turn comes in time. But
      // what begins with no time left would end in doubt.
      const isInTime = performance.now() - askedAt <= this.#boundMs / 2;
      const working = isInTime ? work(() => isLate).then(ended) : Promise.resolve(BUSY);
      working.finally(() => clearTimeout(timer)).then(end.resolve, end.reject);
      await end.promise.catch(() => undefined);
    });
    return end.promise;
  }
}

const BUSY = { how: 'busy' } as const;

function ended<T>(value: T): WorkEnd<T> {
  return { how: 'ended', value };
}

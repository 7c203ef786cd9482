import PQueue from 'p-queue';

export type WorkEnd<T> =
  | { how: 'ended'; value: T }
  /** The bound struck while it was working: it may still do what it does. */
  | { how: 'late' }
  /** It has not begun, and never will: the line was too long, or too slow. */
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
    if (this.#queue.size >= this.#mostWaiting) return Promise.resolve({ how: 'busy' });
    const end = Promise.withResolvers<WorkEnd<T>>();
    let begun = false;
    let struck = false;
    const timer = setTimeout(() => {
      struck = true;
      end.resolve({ how: begun ? 'late' : 'busy' });
    }, this.#boundMs);
    void this.#queue.add(async () => {
      if (struck) return;
      begun = true;
      work(() => struck)
        .finally(() => clearTimeout(timer))
        .then((value) => end.resolve({ how: 'ended', value }), end.reject);
      await end.promise.catch(() => undefined);
    });
    return end.promise;
  }
}

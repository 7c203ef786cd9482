export interface RestartPausesOptions {
  firstMs: number;
  maxMs: number;
  /** Who served for so long has not failed for the reason it failed for before. */
  stableMs: number;
}

/** How long to wait before a process is started again: each time twice as long, up to a bound. */
export class RestartPauses {
  readonly #options: RestartPausesOptions;
  #nextMs: number;

  constructor(options: RestartPausesOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** @param servedMs how long it had served when it ended; 0: it never did */
  after(servedMs: number): number {
    const { firstMs, maxMs, stableMs } = this.#options;
    if (servedMs >= stableMs) this.#nextMs = firstMs;
    const pauseMs = this.#nextMs;
    this.#nextMs = Math.min(2 * pauseMs, maxMs);
    return pauseMs;
  }
}

/** Lets loops wait until something has changed. What they wait for they must look at themselves. */
export class Wakeup {
  #change = Promise.withResolvers<void>();

  wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** @param idle Nothing is to be done: a process that ends need not wait for this. */
  async wait(atMostMs?: number, { idle = false } = {}): Promise<void> {
    const change = this.#change.promise;
    if (atMostMs === undefined) return change;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, atMostMs);
    if (idle) timer.unref();
    await Promise.race([change, late]);
    clearTimeout(timer);
  }
}

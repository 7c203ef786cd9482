/** What one side pushes, the other iterates. One consumer. */

export class EventQueue<Item> {
  readonly #items: Item[] = [];
  #outcome: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(item: Item): void {
    if (this.#outcome) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** What is queued is still given out. */
  end(): void {
    this.#outcome ??= {};
    this.#wake?.();
  }

  /** What is queued is still given out, then the error is thrown. */
  fail(error: unknown): void {
    this.#outcome ??= { error };
    this.#wake?.();
  }

  /** What is queued is dropped: the error is thrown next. */
  abort(error: unknown): void {
    this.#items.length = 0;
    this.#outcome = { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#outcome) {
        if ('error' in this.#outcome) throw this.#outcome.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** A text that can be read from its start more than once, while it is still being written. */

export class SharedText {
  readonly #source: AsyncIterator<string>;
  readonly #pieces: string[] = [];
  #pulling: Promise<void> | undefined;
  #outcome: { error?: unknown } | undefined;

  constructor(source: AsyncIterable<string>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What was written so far. */
  get written(): string {
    return this.#pieces.join('');
  }

  /** Ending this iteration does not end the source. */
  async *fromStart(): AsyncGenerator<string> {
    yield* this.#from(0);
  }

  /** One piece that stands for all that was written so far, then what is written from now on. */
  async *continueWith(piece: string): AsyncGenerator<string> {
    const next = this.#pieces.length;
    if (piece !== '') yield piece;
    yield* this.#from(next);
  }

  /** Ends the source; a generator that is waiting ends when it can. */
  close(): void {
    this.#source.return?.().catch(() => undefined);
  }

  async *#from(start: number): AsyncGenerator<string> {
    for (let i = start; ; ) {
      const piece = this.#pieces[i];
      if (piece !== undefined) {
        i++;
        yield piece;
      } else if (this.#outcome) {
        if ('error' in this.#outcome) throw this.#outcome.error;
        return;
      } else {
        this.#pulling ??= this.#pull();
        await this.#pulling;
      }
    }
  }

  /** Two readers may wait for the same piece. */
  async #pull(): Promise<void> {
    try {
      const { value, done } = await this.#source.next();
      if (done) this.#outcome = {};
      else this.#pieces.push(value);
    } catch (error) {
      this.#outcome = { error };
    }
    this.#pulling = undefined;
  }
}

/** The stream of a response, for one reader: a real one would cost more than all the rest. */
export class ResponseBody {
  #chunks: Uint8Array[] = [];
  #end: { error?: Error } | undefined;
  #wake: (() => void) | undefined;
  readonly #onLeft: () => void;

  /** @param onLeft the reader has had enough, or all of it */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#notify();
  }

  /** With an error the connection breaks off, after what was pushed before. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) yield chunk;
        else if (this.#end?.error) throw this.#end.error;
        else if (this.#end) return;
        else await this.#more();
      }
    } finally {
      this.#onLeft();
    }
  }

  /** As much of a Response as the client looks at. */
  response(status: number): Response {
    const headers = new Map([['content-type', 'text/event-stream; charset=utf-8']]);
    return { ok: status === 200, status, headers, body: this } as unknown as Response;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

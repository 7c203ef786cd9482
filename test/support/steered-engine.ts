/** An engine whose replies the test writes, piece by piece, when it wants to. */
import type { EngineEvent, EngineRequest } from '../../src/ultravox/engine-client.ts';
import type { EngineStream } from '../../src/ultravox/engine-queue.ts';

export class SteeredRequest {
  readonly request: EngineRequest;
  readonly signal: AbortSignal;
  readonly #events = new TransformStream<EngineEvent, EngineEvent>(undefined, undefined, {
    highWaterMark: 1000,
  });
  readonly #writer = this.#events.writable.getWriter();

  constructor(request: EngineRequest, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
    signal.addEventListener('abort', () => this.fail(signal.reason), { once: true });
  }

  get events(): AsyncIterable<EngineEvent> {
    return this.#events.readable;
  }

  says(text: string): this {
    this.#writer.write({ type: 'text', text }).catch(() => {});
    return this;
  }

  callsTool(name = 'book', argumentsJson = '{}'): this {
    const id = `call-${name}`;
    this.#writer.write({ type: 'toolCall', id, name, argumentsJson }).catch(() => {});
    return this;
  }

  ends(): void {
    this.#writer.close().catch(() => {});
  }

  fail(error: unknown): void {
    this.#writer.abort(error).catch(() => {});
  }
}

export class SteeredEngine {
  readonly requests: SteeredRequest[] = [];

  readonly stream: EngineStream = (request, signal) => {
    const steered = new SteeredRequest(request, signal);
    this.requests.push(steered);
    return steered.events;
  };

  /** The newest request. */
  get last(): SteeredRequest {
    const last = this.requests.at(-1);
    if (!last) throw new Error('expected the engine to be asked, it was not');
    return last;
  }
}

/** Deadlines on one HTTP exchange, joined with the caller's own signal. */
import { EngineError } from './engine-error.ts';

type StallKind = 'firstTokenStall' | 'tokenStall';

/** Made once: nobody reads it, and an error of its own for each exchange would take a stack trace. */
const OVER = new DOMException('The exchange is over', 'AbortError');

export class Watchdog {
  /** Aborts with the caller's signal, at a missed deadline, and at `stop()`. */
  readonly signal: AbortSignal;
  readonly #callerSignal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #follow = () => this.#controller.abort(this.#callerSignal.reason);
  #timer: NodeJS.Timeout | undefined;
  #stall: EngineError | undefined;

  constructor(callerSignal: AbortSignal) {
    this.signal = this.#controller.signal;
    this.#callerSignal = callerSignal;
    if (callerSignal.aborted) this.#follow();
    else callerSignal.addEventListener('abort', this.#follow, { once: true });
  }

  /** Something must come within `withinMs`; replaces the deadline before. */
  expect(withinMs: number, kind: StallKind): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const what = kind === 'firstTokenStall' ? 'a first token' : 'another token';
      this.#stall = new EngineError(kind, `expected ${what} within ${withinMs} ms, got none`);
      this.#controller.abort(this.#stall);
    }, withinMs);
  }

  /** Nothing is expected for now. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /** The exchange is over: closes its connection if that is still open. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#callerSignal.removeEventListener('abort', this.#follow);
    this.#controller.abort(OVER);
  }

  /** What `error` was in truth: the caller's abort, a missed deadline, a typed error, a dead line. */
  explain(error: unknown): unknown {
    if (this.#callerSignal.aborted) return this.#callerSignal.reason;
    if (this.#stall) return this.#stall;
    if (error instanceof EngineError) return error;
    // undici says "fetch failed" before the headers and "terminated" for a body that breaks off.
    const isBody = error instanceof TypeError && error.message === 'terminated';
    return isBody
      ? new EngineError('cutShort', 'expected the reply to go on, lost the connection', {
          cause: error,
        })
      : new EngineError('unreachable', 'expected the engine to answer, got no connection', {
          cause: error,
        });
  }
}

/**
 * Calls that were told to open a stream, and have not yet. Twilio does within a second; later it has
 * come to another replica, or the caller has gone.
 */
const PROMISE_LIFE_MS = 3000;
/** Webhooks are signed, but a queue without an end is none. */
const MAX_PROMISED = 10_000;

export class PromisedCalls {
  /** By CallSid, until when (performance.now()); the oldest first. */
  readonly #until = new Map<string, number>();

  get count(): number {
    this.#forgetExpired();
    return this.#until.size;
  }

  has(callSid: string): boolean {
    this.#forgetExpired();
    return this.#until.has(callSid);
  }

  add(callSid: string): void {
    this.#forgetExpired();
    this.#until.delete(callSid);
    if (this.#until.size < MAX_PROMISED) {
      this.#until.set(callSid, performance.now() + PROMISE_LIFE_MS);
    }
  }

  /** It has come. */
  keep(callSid: string): void {
    this.#until.delete(callSid);
  }

  #forgetExpired(): void {
    const now = performance.now();
    for (const [callSid, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(callSid);
    }
  }
}

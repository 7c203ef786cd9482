/**
 * A process that was stopped and wakes does not know yet whether its stream still is the caller's: another
 * process may speak to them by now. So after a stop what it wants to send waits until the caller's sound
 * has caught up with the clock. With a mere delay that is so at once; on a line that is dead it never is.
 */
export class LiveSending {
  readonly #send: (text: string) => void;
  #held: string[] = [];
  /** The process has stood still, and the caller has not been heard since. */
  #isUnsure = false;
  #beatMs = performance.now();
  #timer: ReturnType<typeof setTimeout>;
  /** The clock's lead over the timestamps of frames that are not late. */
  #usualMs = Number.POSITIVE_INFINITY;

  constructor(send: (text: string) => void) {
    this.#send = send;
    this.#timer = this.#nextBeat();
  }

  send(text: string): void {
    this.#notice();
    if (!this.#isUnsure) this.#send(text);
    else if (this.#held.length < HELD_LIMIT) this.#held.push(text);
  }

  /** A frame of the caller's came. */
  heard(timestampMs: number): void {
    this.#notice();
    const leadMs = performance.now() - timestampMs;
    // The two clocks differ, and a network may become slower for good: that is followed slowly.
    this.#usualMs = Math.min(leadMs, this.#usualMs + FOLLOWED_MS);
    if (!this.#isUnsure || leadMs > this.#usualMs + LATE_MS) return;
    this.#isUnsure = false;
    this.#beatMs = performance.now();
    const held = this.#held;
    this.#held = [];
    for (const text of held) this.#send(text);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  #nextBeat(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#notice();
      this.#beatMs = performance.now();
      this.#timer = this.#nextBeat();
    }, BEAT_MS);
  }

  /** What runs first after a stop notices it: no beat came for too long. */
  #notice(): void {
    this.#isUnsure ||= performance.now() - this.#beatMs > BEAT_MS + STOPPED_MS;
  }
}

const BEAT_MS = 200;
/** A stop that another process could have used to take the call over. */
const STOPPED_MS = 250;
/** A frame comes every 20 ms; one that is later was sent before the stop. */
const LATE_MS = 200;
/** With each frame. */
const FOLLOWED_MS = 10;
/** Messages: beyond 10 s of sound the line is as good as dead. */
const HELD_LIMIT = 200;

/**
 * Tells when a socket has been silent for too long. A half-open one never closes by itself, and
 * with 50 frames a second, no message is the surest sign of it.
 */
export class SilentSocket {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #lastHeardMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onSilence is called at most once. */
  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#wait(limitMs);
  }

  /** A message came. Cheap: the timer is not touched. */
  heard(): void {
    this.#lastHeardMs = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#lastHeardMs + this.#limitMs - performance.now();
      if (leftMs > 0) this.#wait(Math.ceil(leftMs));
      else this.#onSilence();
    }, delayMs);
  }
}

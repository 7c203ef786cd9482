/** The plan's limit of contexts that may be open at once, shared by all calls. */
import { VoiceError } from './voice.ts';

export class ContextLimit {
  readonly #max: number;
  readonly #waitMs: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(max: number, waitMs: number) {
    this.#max = max;
    this.#waitMs = waitMs;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes a place, first come, first served; the function that comes back frees it, once.
   * @throws {VoiceError} `limited` when none comes free in time, or the signal's reason.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken < this.#max) this.#taken++;
    else await this.#wait(signal);
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      const next = this.#waiting.shift();
      // The place passes on as it is, so that nobody can slip in between.
      if (next) next();
      else this.#taken--;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: unknown) => {
        const at = this.#waiting.indexOf(enter);
        if (at >= 0) this.#waiting.splice(at, 1);
        end(() => reject(error));
      };
      const end = (action: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        action();
      };
      const enter = () => end(resolve);
      const aborted = () => leave(signal.reason);
      const late = () => {
        const message = `all ${this.#max} contexts were taken for ${this.#waitMs} ms`;
        leave(new VoiceError('limited', message));
      };
      const timer = setTimeout(late, this.#waitMs);
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.push(enter);
    });
  }
}

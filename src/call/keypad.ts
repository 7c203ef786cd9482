import { keypadPauseMs } from '../turns/endpointing.ts';

/** The keys of one entry, until a pause or # ends it. */
export class Keypad {
  readonly #onEnd: () => void;
  #digits = '';
  #isEntering = false;
  /** The agent has spoken since the last key: the next one begins another entry. */
  #isOld = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onEnd the entry is complete */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get digits(): string {
    return this.#digits;
  }

  /** More keys may follow. */
  get isEntering(): boolean {
    return this.#isEntering;
  }

  age(): void {
    this.#isOld = true;
  }

  /** @returns false: a # that ends nothing */
  begin(key: string): boolean {
    if (key === END && !this.#isEntering) return false;
    if (this.#isOld && !this.#isEntering) this.#digits = '';
    this.#isEntering = true;
    this.#isOld = false;
    return true;
  }

  add(key: string, expectsNumber: boolean): void {
    clearTimeout(this.#timer);
    if (key === END) {
      this.#end();
      return;
    }
    this.#digits = (this.#digits + key).slice(0, MAX_DIGITS);
    const pauseMs = keypadPauseMs(this.#digits.length, expectsNumber);
    this.#timer = setTimeout(() => this.#end(), pauseMs);
  }

  /** No entry ends any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  forget(): void {
    this.stop();
    this.#digits = '';
    this.#isEntering = false;
  }

  #end(): void {
    this.#isEntering = false;
    this.#onEnd();
  }
}

const END = '#';
const MAX_DIGITS = 32;

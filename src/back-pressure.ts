/**
 * When this process cannot keep up, what people look at is given up first, and never what callers hear:
 * messages to the visualiser, then lines of the log. Costs twenty timers a second.
 */

/** What may be given up. */
export type Shed = 'log' | 'visualiser';

export class BackPressure {
  /** How often it was, since the process began. */
  readonly shed: Record<Shed, number> = { log: 0, visualiser: 0 };
  readonly #lateness = new Lateness();
  #linesLeft = LINES_PER_SECOND;
  #linesSinceMs = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The event loop is so late that sound may be. */
  get isBehind(): boolean {
    return this.#lateness.isBehind;
  }

  /** @param onBehind called when it falls behind, at most once a minute */
  watch(onBehind: (lateMs: number) => void = () => {}): void {
    const beganMs = performance.now();
    this.#timer = setTimeout(() => {
      const nowMs = performance.now();
      this.#lateness.push(nowMs - beganMs - BEAT_MS);
      if (this.isBehind && nowMs - this.#toldMs > TELL_MS) {
        this.#toldMs = nowMs;
        onBehind(this.#lateness.usualMs);
      }
      this.watch(onBehind);
    }, BEAT_MS).unref();
  }

  /** From now on nothing is behind. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#lateness.forget();
  }

  drop(what: Shed, count = 1): void {
    this.shed[what] += count;
  }

  /** May a line below a warning be written? Also a process that is behind tells how its calls go. */
  admitsLine(): boolean {
    if (!this.isBehind) return true;
    const nowMs = performance.now();
    if (nowMs - this.#linesSinceMs >= 1000) {
      this.#linesSinceMs = nowMs;
      this.#linesLeft = LINES_PER_SECOND;
    }
    if (this.#linesLeft === 0) {
      this.drop('log');
      return false;
    }
    this.#linesLeft -= 1;
    return true;
  }
}

/** Whether timers are late for more than a moment. Pure. */
export class Lateness {
  /** Of late: one long pause weighs as much as some short ones. */
  usualMs = 0;
  isBehind = false;

  /** @param lateMs by how much a timer came too late */
  push(lateMs: number): void {
    this.usualMs += (Math.max(0, lateMs) - this.usualMs) / BEATS_WEIGHED;
    this.isBehind = this.usualMs > (this.isBehind ? CAUGHT_UP_MS : BEHIND_MS);
  }

  forget(): void {
    this.usualMs = 0;
    this.isBehind = false;
  }
}

const BEAT_MS = 50;
const BEATS_WEIGHED = 4;
/** The caller's side has 300 ms of sound in hand when the next is due: there is still time. */
const BEHIND_MS = 50;
/** What a loaded process may be late without a fault. */
const CAUGHT_UP_MS = 20;
const TELL_MS = 60_000;
/** Below a warning, while it is behind: what begins and ends, and not what every turn says. */
const LINES_PER_SECOND = 10;

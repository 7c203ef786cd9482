/** How late this process's event loop is, and whose fault it is: its own, or that of its neighbours. */
import { openSync, readSync } from 'node:fs';
import { percentile } from '../percentile.ts';

export interface LoopFigures {
  /** By how much a timer came late, ms. */
  p50: number;
  p99: number;
  max: number;
  /** The same without the time in which the thread could have run and had no core; where that is known. */
  own: { p99: number; max: number } | undefined;
  /** Share of the time in which the thread ran. */
  cpuShare: number | undefined;
  /** Share of the time in which it could have run, and other processes had the cores. */
  waitShare: number | undefined;
}

/** A finer one would itself load the loop. */
const PERIOD_MS = 10;

export class LoopWatch {
  readonly #thread = new ThreadTimes();
  readonly #onSample: (passedMs: number) => void;
  #lateMs: number[] = [];
  #ownMs: number[] = [];
  #since = { nowMs: 0, ...NO_TIMES };
  #last = { nowMs: 0, ...NO_TIMES };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onSample called with the ms since it was called last, every 10 ms or as soon as may be */
  constructor(onSample: (passedMs: number) => void = () => {}) {
    this.#onSample = onSample;
  }

  start(): void {
    this.stop();
    this.#lateMs = [];
    this.#ownMs = [];
    this.#since = { nowMs: performance.now(), ...this.#thread.read() };
    this.#last = this.#since;
    this.#timer = setTimeout(this.#sample, PERIOD_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Since `start`, up to the last sample. */
  get figures(): LoopFigures {
    const known = this.#thread.isKnown;
    const passedMs = this.#last.nowMs - this.#since.nowMs;
    const share = (ms: number) => (known ? ms / passedMs : undefined);
    return {
      p50: percentile(this.#lateMs, 0.5),
      p99: percentile(this.#lateMs, 0.99),
      max: percentile(this.#lateMs, 1),
      own: known
        ? { p99: percentile(this.#ownMs, 0.99), max: percentile(this.#ownMs, 1) }
        : undefined,
      cpuShare: share(this.#last.ranMs - this.#since.ranMs),
      waitShare: share(this.#last.waitedMs - this.#since.waitedMs),
    };
  }

  readonly #sample = (): void => {
    const now = { nowMs: performance.now(), ...this.#thread.read() };
    const passedMs = now.nowMs - this.#last.nowMs;
    const lateMs = Math.max(0, passedMs - PERIOD_MS);
    this.#lateMs.push(lateMs);
    this.#ownMs.push(Math.max(0, lateMs - (now.waitedMs - this.#last.waitedMs)));
    this.#last = now;
    this.#onSample(passedMs);
    this.#timer = setTimeout(this.#sample, PERIOD_MS);
  };
}

const NO_TIMES = { ranMs: 0, waitedMs: 0 };

/** What Linux's scheduler says of the main thread. */
class ThreadTimes {
  readonly isKnown: boolean;
  readonly #file: number | undefined;
  readonly #text = Buffer.alloc(64);

  constructor() {
    this.#file = openIfThere(`/proc/self/task/${process.pid}/schedstat`);
    this.isKnown = this.#file !== undefined;
  }

  read(): { ranMs: number; waitedMs: number } {
    if (this.#file === undefined) return NO_TIMES;
    const bytes = readSync(this.#file, this.#text, 0, this.#text.length, 0);
    const [ranNs = 0, waitedNs = 0] = this.#text
      .toString('latin1', 0, bytes)
      .split(' ')
      .map(Number);
    return { ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 };
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** How far a long run is: a bar where somebody looks, a line now and then where nobody does. */
import type { Tally } from './tally.ts';

const BAR = 30;
const LINE_MS = 10_000;
const REDRAW_MS = 200;

export class Progress {
  readonly #calls: number;
  readonly #startMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #lastMs = 0;

  constructor(calls: number) {
    this.#calls = calls;
  }

  show(tally: Tally): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < (this.#isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#lastMs = nowMs;
    const seconds = (nowMs - this.#startMs) / 1000;
    const share = Math.min(1, tally.calls / this.#calls);
    const rate = tally.calls / seconds;
    const left = Math.max(0, Math.round((this.#calls - tally.calls) / Math.max(rate, 1)));
    const figures =
      `${tally.calls}/${this.#calls} calls  ${rate.toFixed(0)}/s  ${left} s left  ` +
      `${tally.states.length} states, ${tally.moves.size} transitions  ` +
      `${tally.violations.size === 0 ? 'no violation' : `${tally.violations.size} INVARIANTS VIOLATED`}`;
    if (!this.#isTerminal) return void process.stderr.write(`${figures}\n`);
    const done = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
    process.stderr.write(`\r\u001b[K${done} ${(share * 100).toFixed(0)} %  ${figures}`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }
}

import { type VllmLine, vllmLine } from './vllm-line.ts';

export interface VllmOutputOptions {
  secrets: readonly string[];
  /** @param dropped lines before this one that were more than the log is given */
  onLine(line: VllmLine, dropped: number): void;
}

/** Of a line, while its end has not come; the rest of it is not kept. */
const MAX_PENDING = 8192;
/** A vLLM that fails can write thousands of lines a second; a start writes some 200 in a minute. */
const BURST_LINES = 200;
const LINES_PER_SECOND = 20;

/** Makes lines of one stream of vLLM's output: bounded in length, and in number. */
export class VllmOutput {
  readonly #options: VllmOutputOptions;
  #pending = '';
  #allowance = BURST_LINES;
  #lastMs = 0;
  #dropped = 0;

  constructor(options: VllmOutputOptions) {
    this.#options = options;
  }

  /** @param nowMs of a clock that only goes forward */
  push(text: string, nowMs: number): void {
    // A progress bar ends its lines with a carriage return.
    const lines = (this.#pending + text).split(/\r\n|\n|\r/);
    this.#pending = (lines.pop() ?? '').slice(0, MAX_PENDING);
    for (const line of lines) this.#take(line, nowMs);
  }

  #take(raw: string, nowMs: number): void {
    const line = vllmLine(raw, this.#options.secrets);
    if (!line) return;
    const earned = ((nowMs - this.#lastMs) / 1000) * LINES_PER_SECOND;
    this.#allowance = Math.min(BURST_LINES, this.#allowance + earned);
    this.#lastMs = nowMs;
    if (this.#allowance < 1) {
      this.#dropped++;
      return;
    }
    this.#allowance--;
    this.#options.onLine(line, this.#dropped);
    this.#dropped = 0;
  }
}

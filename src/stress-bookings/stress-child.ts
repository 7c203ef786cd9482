import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Operation, OperationOutcome } from './operation.ts';
import type { Answer, Request, StressSettings } from './stress-process.ts';

const READY_MS = 30_000;
/** The book bounds each operation; whoever waits longer than this waits for nothing. */
const ANSWER_MS = 30_000;
const CLOSE_MS = 10_000;

/** What came of an operation. `lost`: the process died over it, or never answered. */
export type Result =
  | { result: 'outcome'; outcome: OperationOutcome }
  | { result: 'unavailable'; uncertain: boolean }
  | { result: 'failed'; message: string }
  | { result: 'lost'; stuck: boolean };

interface Waiting {
  timer: NodeJS.Timeout;
  resolve(result: Result): void;
}

/** One of the processes, seen from the one that directs them. */
export class StressChild {
  /** Rejects when it cannot start. */
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;
  #isReady = false;

  /** It takes operations. */
  get isReady(): boolean {
    return this.#isReady && !this.isEnding;
  }

  /** Or is about to: it takes no more work, and `ended` resolves soon. */
  get isEnding(): boolean {
    return this.#child.killed || !this.#child.connected;
  }

  constructor(settings: StressSettings) {
    this.#child = fork(join(import.meta.dirname, 'stress-process.ts'), {
      env: { PATH: process.env.PATH, STRESS: JSON.stringify(settings) },
    });
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    this.ready = this.#becomeReady();
    this.#child.on('message', (answer: Answer) => this.#onAnswer(answer));
    // Comes once the last message of a dead process has been read.
    this.#child.once('disconnect', () => {
      for (const number of this.#waiting.keys()) {
        this.#settle(number, { result: 'lost', stuck: false });
      }
    });
  }

  get isAtWork(): boolean {
    return this.isReady && this.#waiting.size > 0;
  }

  perform(operation: Operation): Promise<Result> {
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#settle(number, { result: 'lost', stuck: true }),
        ANSWER_MS,
      );
      this.#waiting.set(number, { timer, resolve });
      this.#child.send({ number, operation } satisfies Request, (error) => {
        if (error) this.#settle(number, { result: 'lost', stuck: false });
      });
    });
  }

  /** As the machine dies: nothing is finished, nothing is said. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), CLOSE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async #becomeReady(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(reject, READY_MS, new Error(`expected a start in ${READY_MS} ms`));
    this.#child.once('message', () => resolve());
    this.#child.once('error', reject);
    this.#child.once('exit', (code) => reject(new Error(`expected a start, got exit ${code}`)));
    await promise.finally(() => clearTimeout(timer));
    this.#isReady = true;
  }

  #onAnswer(answer: Answer): void {
    if (answer.answer === 'ready') return;
    const { number } = answer;
    if (answer.answer === 'outcome') {
      this.#settle(number, { result: 'outcome', outcome: answer.outcome });
    } else if (answer.answer === 'unavailable') {
      this.#settle(number, { result: 'unavailable', uncertain: answer.uncertain });
    } else {
      this.#settle(number, { result: 'failed', message: answer.message });
    }
  }

  #settle(number: number, result: Result): void {
    const waiting = this.#waiting.get(number);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(number);
    waiting.resolve(result);
  }
}

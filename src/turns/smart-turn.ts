/** The main thread's handle on the worker thread that runs smart-turn. */
import { Worker } from 'node:worker_threads';
import { endWorker } from './end-worker.ts';
import './no-telemetry.ts';
import type {
  FromSmartTurnWorker,
  SmartTurnWorkerData,
  ToSmartTurnWorker,
} from './smart-turn-worker.ts';
import { type TurnModel, TurnModelError } from './turn-model.ts';

/** Waits for no answer longer than a turn waits for its end. */
export class SmartTurn implements TurnModel {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (complete: number | undefined) => void>();
  readonly #onFailure: (error: TurnModelError) => void;
  readonly #answerLimitMs: number;
  #nextId = 1;
  #isDead = false;
  /** Turns that the worker has not answered yet, whether or not anybody waits. */
  #underWay = 0;
  #idle = Promise.resolve();
  #becomeIdle: () => void = () => {};

  private constructor(
    worker: Worker,
    onFailure: (error: TurnModelError) => void,
    answerLimitMs: number,
  ) {
    this.#worker = worker;
    this.#answerLimitMs = answerLimitMs;
    this.#onFailure = onFailure;
    worker.on('message', (message: FromSmartTurnWorker) => this.#onMessage(message));
    worker.on('error', (cause) => this.#die(cause.message));
    worker.on('exit', (code) => {
      this.#becomeIdle();
      this.#die(`its worker ended with exit code ${code}`);
    });
  }

  /**
   * @param onFailure called at most once: from then on there are no answers
   * @throws {TurnModelError} where the file is missing, or is no network of this kind
   */
  static async start(
    modelPath: string,
    onFailure: (error: TurnModelError) => void,
    { answerLimitMs = ANSWER_LIMIT_MS }: { answerLimitMs?: number } = {},
  ): Promise<SmartTurn> {
    const worker = new Worker(new URL('./smart-turn-worker.ts', import.meta.url), {
      workerData: { modelPath } satisfies SmartTurnWorkerData,
      name: 'turn-model',
    });
    try {
      await ready(worker);
      return new SmartTurn(worker, onFailure, answerLimitMs);
    } catch (cause) {
      await worker.terminate();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TurnModelError('load', `the turn model ${modelPath} could not be started: ${why}`, {
        cause,
      });
    }
  }

  judge(turn: Int16Array): Promise<number | undefined> {
    if (this.#isDead || this.#asked.size >= MOST_ASKED) return Promise.resolve(undefined);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, undefined), this.#answerLimitMs);
      this.#asked.set(id, (complete) => {
        clearTimeout(timer);
        resolve(complete);
      });
      if (this.#underWay === 0) {
        const { promise, resolve: becomeIdle } = Promise.withResolvers<void>();
        this.#idle = promise;
        this.#becomeIdle = becomeIdle;
      }
      this.#underWay += 1;
      const last = turn.slice(Math.max(0, turn.length - MOST_SAMPLES));
      this.#worker.postMessage({ id, turn: last } satisfies ToSmartTurnWorker, [last.buffer]);
    });
  }

  async close(): Promise<void> {
    this.#isDead = true;
    this.#settleAll();
    await endWorker(this.#worker, this.#idle);
  }

  #onMessage(message: FromSmartTurnWorker): void {
    this.#underWay -= 1;
    if (this.#underWay === 0 || message.type === 'failed') this.#becomeIdle();
    if (message.type === 'answer') this.#settle(message.id, message.complete);
    else if (message.type === 'failed') this.#die(message.reason);
  }

  #settle(id: number, complete: number | undefined): void {
    this.#asked.get(id)?.(complete);
    this.#asked.delete(id);
  }

  #settleAll(): void {
    for (const id of [...this.#asked.keys()]) this.#settle(id, undefined);
  }

  #die(why: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#settleAll();
    this.#onFailure(new TurnModelError('died', `the turn model has stopped: ${why}`));
  }
}

/** A plainly finished turn ends 416 ms after its speech, 300 after the pause at which this is asked. */
const ANSWER_LIMIT_MS = 280;
/** An answer takes 12 to 60 ms: behind so many it would come too late. */
const MOST_ASKED = 8;
/** 8 s at 8 kHz: of more, the network hears nothing. */
const MOST_SAMPLES = 64_000;
/** Reading 8 MB and building the network; a cold, busy machine needs longest. */
const LOAD_LIMIT_MS = 20_000;

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`expected it to be loaded within ${LOAD_LIMIT_MS} ms`)),
      LOAD_LIMIT_MS,
    );
    const settle = (error?: Error) => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('error', settle);
      worker.off('exit', onExit);
      if (error) reject(error);
      else resolve();
    };
    const onMessage = (message: FromSmartTurnWorker) => {
      settle(message.type === 'failed' ? new Error(message.reason) : undefined);
    };
    const onExit = (code: number) => settle(new Error(`its worker ended with exit code ${code}`));
    worker.on('message', onMessage);
    worker.on('error', settle);
    worker.on('exit', onExit);
  });
}

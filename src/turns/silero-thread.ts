/** The main thread's handle on the worker thread that runs Silero. */
import { Worker } from 'node:worker_threads';
import { endWorker } from './end-worker.ts';
import './no-telemetry.ts';
import type { FromSileroWorker, SileroWorkerData, ToSileroWorker } from './silero-worker.ts';

export type VoiceActivityErrorKind = 'load' | 'died' | 'stalled' | 'closed' | 'callback';

/** Voice activity could not be started, or has stopped for good. */
export class VoiceActivityError extends Error {
  override name = 'VoiceActivityError';
  readonly kind: VoiceActivityErrorKind;
  constructor(kind: VoiceActivityErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** One window of each of several streams. */
export interface SileroBatch {
  windows: Int16Array<ArrayBuffer>;
  streamIds: readonly number[];
}

/** Where batches are run. Any failure of a batch is final for the thread. */
export interface InferenceThread {
  /** Probabilities, then levels in dBFS, then pitches in Hz. One batch at a time. */
  run(batch: SileroBatch): Promise<Float32Array>;
  /** The stream is over; its memory is freed. */
  forget(streamId: number): void;
  terminate(): Promise<void>;
}

export class SileroThread implements InferenceThread {
  #worker: Worker;
  #waiting: { resolve(message: FromSileroWorker): void; reject(error: Error): void } | undefined;
  #dead: VoiceActivityError | undefined;
  /** Resolves when the worker has done with the batch that it was given last. */
  #done = Promise.resolve();
  #finish: () => void = () => {};

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromSileroWorker) => this.#onMessage(message));
    worker.on('error', (cause) =>
      this.#die(new VoiceActivityError('died', 'the voice-activity worker failed', { cause })),
    );
    worker.on('exit', (code) => {
      this.#finish();
      this.#die(
        new VoiceActivityError('died', `the voice-activity worker ended with exit code ${code}`),
      );
    });
  }

  /** @throws {VoiceActivityError} when the model is not there, is not Silero, or takes too long */
  static async start(modelPath: string): Promise<SileroThread> {
    const worker = new Worker(new URL('./silero-worker.ts', import.meta.url), {
      workerData: { modelPath } satisfies SileroWorkerData,
      name: 'voice-activity',
    });
    const thread = new SileroThread(worker);
    try {
      await thread.#reply(LOAD_LIMIT_MS);
      return thread;
    } catch (cause) {
      await thread.terminate();
      throw new VoiceActivityError('load', `the model ${modelPath} could not be started`, {
        cause,
      });
    }
  }

  /**
   * The windows' memory moves to the worker.
   * @throws {VoiceActivityError} when the worker is dead or does not answer
   */
  async run(batch: SileroBatch): Promise<Float32Array> {
    const message: ToSileroWorker = { type: 'batch', ...batch };
    const reply = this.#reply(ANSWER_LIMIT_MS);
    if (!this.#dead) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#done = promise;
      this.#finish = resolve;
    }
    this.#worker.postMessage(message, [batch.windows.buffer]);
    const answer = await reply;
    if (answer.type !== 'answer') {
      throw new VoiceActivityError('died', `expected an answer, got "${answer.type}"`);
    }
    return answer.results;
  }

  forget(streamId: number): void {
    this.#worker.postMessage({ type: 'forget', streamId } satisfies ToSileroWorker);
  }

  async terminate(): Promise<void> {
    this.#die(new VoiceActivityError('closed', 'voice activity has been closed'));
    await endWorker(this.#worker, this.#done);
  }

  #reply(limitMs: number): Promise<FromSileroWorker> {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.#die(
            new VoiceActivityError(
              'stalled',
              `expected the voice-activity worker to answer within ${limitMs} ms`,
            ),
          ),
        limitMs,
      );
      const settle = () => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (message) => {
          settle();
          resolve(message);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
    });
  }

  #onMessage(message: FromSileroWorker): void {
    this.#finish();
    if (message.type === 'failed') {
      this.#die(
        new VoiceActivityError('died', `the voice-activity worker failed: ${message.reason}`),
      );
    } else {
      this.#waiting?.resolve(message);
    }
  }

  #die(error: VoiceActivityError): void {
    this.#dead ??= error;
    this.#waiting?.reject(this.#dead);
  }
}

/** Reading 2 MB and building the network takes about 0.2 s; a cold, busy machine needs more. */
const LOAD_LIMIT_MS = 20_000;
/** An inference takes milliseconds. A worker that is this late has hung. */
const ANSWER_LIMIT_MS = 5000;

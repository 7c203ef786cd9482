/** A few threads that speak, and a queue of a limited length in front of them. */
import { Worker } from 'node:worker_threads';
import type { FliteSpeaker, FliteSpeech } from './flite.ts';
import type { FliteAnswer, FliteRequest } from './flite-worker.ts';
import { VoiceError, type VoiceErrorKind } from './voice.ts';

export interface PoolRequest {
  text: string;
  speaker: FliteSpeaker;
  telephone: boolean;
  signal?: AbortSignal | undefined;
}

/** Beyond this many waiting sentences a caller would wait for seconds: better to say no. */
const MAX_QUEUED = 256;
/** Ten times what the slowest sentence takes on a busy machine. */
const SPEAK_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 10_000;

export class FlitePool {
  readonly #threads: Thread[];
  readonly #queue: Job[] = [];
  #closed = false;

  private constructor(threads: Thread[]) {
    this.#threads = threads;
  }

  /** @throws {VoiceError} `failed` when a thread does not start. */
  static async start(workers: number): Promise<FlitePool> {
    const threads = Array.from({ length: workers }, () => new Thread());
    try {
      await Promise.all(threads.map((thread) => thread.start()));
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.close()));
      throw error;
    }
    return new FlitePool(threads);
  }

  /** @throws {VoiceError} or the signal's reason. A request that aborts leaves the queue at once. */
  speak(request: PoolRequest): Promise<FliteSpeech> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#closed) throw new VoiceError('failed', 'expected an open voice, it is closed');
      if (this.#queue.length >= MAX_QUEUED) {
        throw new VoiceError('limited', `expected at most ${MAX_QUEUED} sentences to wait`);
      }
      const leave = () => {
        this.#drop(job);
        reject(signal?.reason);
      };
      const settle = (action: () => void) => {
        signal?.removeEventListener('abort', leave);
        action();
      };
      const job: Job = {
        request,
        resolve: (speech) => settle(() => resolve(speech)),
        reject: (error) => settle(() => reject(error)),
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) {
      job.reject(new VoiceError('failed', 'the voice was closed before the sentence was spoken'));
    }
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #drop(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (thread.busy) continue;
      const job = this.#queue.shift();
      if (!job) return;
      thread
        .speak(job.request)
        .then(job.resolve, job.reject)
        .finally(() => this.#dispatch());
    }
  }
}

interface Job {
  request: PoolRequest;
  resolve(speech: FliteSpeech): void;
  reject(error: unknown): void;
}

/** One worker. When it dies or hangs, the next sentence starts another. */
class Thread {
  busy = false;
  #worker: Promise<Worker> | undefined;
  #lastId = 0;

  start(): Promise<Worker> {
    this.#worker ??= this.#spawn();
    return this.#worker;
  }

  async speak({ text, speaker, telephone }: PoolRequest): Promise<FliteSpeech> {
    this.busy = true;
    try {
      const worker = await this.start();
      const request: FliteRequest = { id: ++this.#lastId, text, speaker, telephone };
      const answered = nextMessage<FliteAnswer>(worker, SPEAK_TIMEOUT_MS, request.id);
      worker.postMessage(request);
      const answer = await answered;
      if ('failure' in answer) throw new VoiceError('failed', answer.failure);
      return answer;
    } catch (error) {
      if (error instanceof VoiceError && error.kind === 'stalled') await this.close();
      throw error;
    } finally {
      this.busy = false;
    }
  }

  async close(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  async #spawn(): Promise<Worker> {
    const worker = new Worker(new URL('./flite-worker.ts', import.meta.url));
    const forget = () => {
      this.#worker = undefined;
    };
    // Without a listener, an error in the thread would end the process.
    worker.on('error', forget).on('exit', forget);
    await nextMessage<{ id: 0 }>(worker, START_TIMEOUT_MS, 0);
    return worker;
  }
}

/** The worker's answer to the request of that id. */
function nextMessage<Message extends { id: number }>(
  worker: Worker,
  timeoutMs: number,
  id: number,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const fail = (kind: VoiceErrorKind, what: string, cause?: unknown) => {
      end();
      reject(new VoiceError(kind, `the speaking thread ${what}`, { cause }));
    };
    const onMessage = (message: Message) => {
      if (message.id !== id) return;
      end();
      resolve(message);
    };
    const onError = (error: unknown) => fail('lost', 'failed', error);
    const onExit = () => fail('lost', 'ended');
    const late = () => fail('stalled', `did not answer within ${timeoutMs} ms`);
    const timer = setTimeout(late, timeoutMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/**
 * Voice activity for all calls of this process: each stream's audio is cut into 32 ms windows, and
 * the windows of all streams that are due go through Silero together, in one worker thread.
 */
import { fileURLToPath } from 'node:url';
import {
  type InferenceThread,
  type SileroBatch,
  SileroThread,
  VoiceActivityError,
} from './silero-thread.ts';
import { WindowQueue } from './window-queue.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

export interface SpeechWindow {
  /** Position of the window's end in its stream's audio, in ms. */
  endMs: number;
  /** Probability of speech, 0 to 1. */
  probability: number;
  /** RMS level of the window in dBFS; -96 is silence. */
  levelDb: number;
  /** Pitch of the voice in Hz, 60 to 400; 0 where none is found. */
  pitchHz: number;
  /** How much of the window's sound is explained by what we play, 0 to 1; 0 while we are silent. */
  echo: number;
  /** Undefined for the sound of somebody, or of nobody. */
  kind?: WindowKind;
}

/**
 * - `lost`: most of it did not reach us: neither sound nor silence.
 * - `recorded`: what was said before this pause was said in this call before, word for word.
 */
export type WindowKind = 'lost' | 'recorded';

export interface VoiceActivity {
  /**
   * Opens one call's stream.
   * @param onWindow called for each window, in order
   * @param onFailure called at most once, when no more windows will come
   */
  open(
    onWindow: (window: SpeechWindow) => void,
    onFailure?: (error: Error) => void,
  ): VoiceActivityStream;
  readonly openStreams: number;
  close(): Promise<void>;
}

export interface VoiceActivityStream {
  /** Samples at 8 kHz, any number. They may be reused after the call. */
  push(samples: Int16Array): void;
  /** While somebody waits for what its next windows say, they hardly wait for those of other streams. */
  hurry(isAwaited: boolean): void;
  close(): void;
}

/** Silero v6, as its npm package ships it. */
export const SILERO_MODEL_PATH = fileURLToPath(
  import.meta.resolve('@ricky0123/vad-web/dist/silero_vad_v6.onnx'),
);

/**
 * Resolves when the model is loaded and has run once.
 * @throws {VoiceActivityError} when it cannot be loaded
 */
export async function startVoiceActivity(
  options: { modelPath?: string } = {},
): Promise<SileroVoiceActivity> {
  const modelPath = options.modelPath ?? SILERO_MODEL_PATH;
  const start = () => SileroThread.start(modelPath);
  return new SileroVoiceActivity(await start(), start);
}

export class SileroVoiceActivity implements VoiceActivity {
  #thread: InferenceThread;
  #startThread: () => Promise<InferenceThread>;
  #streams = new Map<number, Stream>();
  /** Streams with a window to run, the longest waiting first. */
  #due = new Set<Stream>();
  /** When the first of them became due. */
  #dueSinceMs = 0;
  #nextId = 1;
  #pumping = false;
  #gathering: (() => void) | undefined;
  #failure: VoiceActivityError | undefined;
  #dropped = 0;
  #restarts = 0;

  constructor(thread: InferenceThread, startThread: () => Promise<InferenceThread>) {
    this.#thread = thread;
    this.#startThread = startThread;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Windows that were never judged: the worker was too slow, or died with them. */
  get droppedWindows(): number {
    let dropped = this.#dropped;
    for (const stream of this.#streams.values()) dropped += stream.queue.dropped;
    return dropped;
  }

  /** How often a dead worker has been replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** @throws {VoiceActivityError} after close, or when the worker died for good */
  open(
    onWindow: (window: SpeechWindow) => void,
    onFailure: (error: Error) => void = () => {},
  ): VoiceActivityStream {
    if (this.#failure) throw this.#failure;
    const id = this.#nextId++;
    const stream: Stream = { id, queue: new WindowQueue(), isAwaited: false, onWindow, onFailure };
    this.#streams.set(id, stream);
    return {
      push: (samples) => this.#push(stream, samples),
      hurry: (isAwaited) => {
        stream.isAwaited = isAwaited;
      },
      close: () => this.#release(stream),
    };
  }

  /** Closes all streams without a word to them, and ends the worker. */
  async close(): Promise<void> {
    this.#failure ??= new VoiceActivityError('closed', 'voice activity has been closed');
    for (const stream of this.#streams.values()) this.#release(stream);
    this.#gathering?.();
    await this.#thread.terminate();
  }

  #push(stream: Stream, samples: Int16Array): void {
    if (!this.#streams.has(stream.id)) return;
    stream.queue.push(samples);
    if (stream.queue.length === 0) return;
    if (this.#due.size === 0) this.#dueSinceMs = performance.now();
    this.#due.add(stream);
    if (stream.isAwaited || this.#due.size === this.#streams.size) this.#gathering?.();
    if (!this.#pumping) void this.#pump();
  }

  /** Runs batches for as long as there is something to run. Never rejects. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#due.size > 0 && !this.#failure) {
      const waitMs = this.#gatherMs();
      if (waitMs > 0) {
        await this.#gather(waitMs);
        // Who became due meanwhile may have less time.
        continue;
      }
      const { taken, batch } = this.#take();
      if (taken.length === 0) continue;
      try {
        const results = await this.#thread.run(batch);
        this.#deliver(taken, results);
      } catch (error) {
        this.#dropped += taken.length;
        await this.#replaceThread(error);
      }
    }
    this.#pumping = false;
  }

  /**
   * How long to wait for other streams' windows: a batch of 16 costs about as much as four single
   * runs. Few streams wait less, a lone one not at all, and nobody once every stream is due. One that
   * is awaited takes with it what is due; among many there are always some, and batches must not
   * become too small. What came in while the last batch ran has waited already.
   */
  #gatherMs(): number {
    const streams = this.#streams.size;
    if (this.#due.size === streams) return 0;
    let limitMs = streams / STREAMS_PER_MS;
    for (const { isAwaited } of this.#due)
      if (isAwaited) limitMs = streams / AWAITED_STREAMS_PER_MS;
    return Math.min(MAX_GATHER_MS, Math.floor(limitMs)) - (performance.now() - this.#dueSinceMs);
  }

  /** Ends early when the last stream becomes due, or one that is awaited, which may have less time. */
  #gather(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#gathering = undefined;
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#gathering = done;
    });
  }

  /** One window of each due stream: a stream's second window needs the memory of its first. */
  #take(): { taken: Taken[]; batch: SileroBatch } {
    const rows = Math.min(this.#due.size, MAX_BATCH);
    const windows = new Int16Array(rows * WINDOW_SAMPLES);
    const streamIds: number[] = [];
    const taken: Taken[] = [];
    for (const stream of this.#due) {
      if (taken.length === rows) break;
      this.#due.delete(stream);
      // Whoever is due has a window.
      const endMs = stream.queue.take(windows, taken.length * WINDOW_SAMPLES)!;
      streamIds.push(stream.id);
      taken.push({ stream, endMs });
    }
    for (const { stream } of taken) if (stream.queue.length > 0) this.#due.add(stream);
    return { taken, batch: { windows, streamIds } };
  }

  #deliver(taken: readonly Taken[], results: Float32Array): void {
    taken.forEach(({ stream, endMs }, row) => {
      if (!this.#streams.has(stream.id)) return;
      try {
        stream.onWindow({
          endMs,
          probability: results[row]!,
          levelDb: results[taken.length + row]!,
          pitchHz: results[2 * taken.length + row]!,
          echo: 0,
        });
      } catch (cause) {
        // One call's fault must not reach the others.
        this.#fail(
          stream,
          new VoiceActivityError('callback', 'a receiver of windows threw', { cause }),
        );
      }
    });
  }

  /** The new worker starts with fresh memories, which costs each stream a few uncertain windows. */
  async #replaceThread(cause: unknown): Promise<void> {
    if (this.#failure) return;
    await this.#thread.terminate();
    try {
      const thread = await this.#startThread();
      if (this.#failure) await thread.terminate();
      this.#thread = thread;
      this.#restarts++;
    } catch (error) {
      this.#failure ??= new VoiceActivityError(
        'died',
        'the voice-activity worker died and could not be replaced',
        { cause: new AggregateError([cause, error]) },
      );
      for (const stream of this.#streams.values()) this.#fail(stream, this.#failure);
    }
  }

  #fail(stream: Stream, error: VoiceActivityError): void {
    this.#release(stream);
    try {
      stream.onFailure(error);
    } catch {
      // Its owner has been told; there is nobody else to tell.
    }
  }

  #release(stream: Stream): void {
    if (!this.#streams.delete(stream.id)) return;
    this.#due.delete(stream);
    this.#dropped += stream.queue.dropped;
    this.#thread.forget(stream.id);
  }
}

interface Stream {
  id: number;
  queue: WindowQueue;
  isAwaited: boolean;
  onWindow: (window: SpeechWindow) => void;
  onFailure: (error: Error) => void;
}

interface Taken {
  stream: Stream;
  /** Of its window. */
  endMs: number;
}

/** A quarter of a window: at 64 streams it gathers about 16 of them. */
const MAX_GATHER_MS = 8;
const STREAMS_PER_MS = 2;
const AWAITED_STREAMS_PER_MS = 25;
/** Cost per window falls little beyond this, and the others wait while it runs (about 3 ms). */
const MAX_BATCH = 64;

/**
 * The worker thread: one Silero model for all calls. An inference blocks the thread that it runs in
 * for its whole length, so it must not be the thread that moves the audio.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { freshMemory, SileroModel, type StreamMemory } from './silero-model.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

export interface SileroWorkerData {
  modelPath: string;
}

export type ToSileroWorker =
  | {
      type: 'batch';
      /** 256 samples per stream, one stream after the other. */
      windows: Int16Array;
      /** The stream of each window. An unknown id starts with a fresh memory. */
      streamIds: readonly number[];
    }
  | { type: 'forget'; streamId: number };

export type FromSileroWorker =
  | { type: 'ready' }
  | {
      type: 'answer';
      /** The probability of speech of each window, then the level of each window in dBFS. */
      results: Float32Array;
    }
  | { type: 'failed'; reason: string };

const memories = new Map<number, StreamMemory>();

if (parentPort) await serve(parentPort, workerData as SileroWorkerData);

async function serve(
  port: NonNullable<typeof parentPort>,
  { modelPath }: SileroWorkerData,
): Promise<void> {
  const send = (message: FromSileroWorker, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  const fail = (error: unknown) => {
    send({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
    port.close();
  };
  try {
    const model = await SileroModel.load(modelPath);
    port.on('message', (message: ToSileroWorker) => {
      if (message.type === 'forget') {
        memories.delete(message.streamId);
        return;
      }
      answer(model, message.windows, message.streamIds).then(
        (results) => send({ type: 'answer', results }, [results.buffer]),
        fail,
      );
    });
    send({ type: 'ready' });
  } catch (error) {
    fail(error);
  }
}

async function answer(
  model: SileroModel,
  windows: Int16Array,
  streamIds: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const results = new Float32Array(streamIds.length * 2);
  results.set(await model.run(windows, streamIds.map(memoryOf)));
  streamIds.forEach((_, row) => {
    results[streamIds.length + row] = levelDb(
      windows.subarray(row * WINDOW_SAMPLES, (row + 1) * WINDOW_SAMPLES),
    );
  });
  return results;
}

function memoryOf(streamId: number): StreamMemory {
  const known = memories.get(streamId);
  if (known) return known;
  const memory = freshMemory();
  memories.set(streamId, memory);
  return memory;
}

/** RMS in dB below full scale; digital silence is -96, about the step of a 16-bit sample. */
function levelDb(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / samples.length) / 32768;
  return Math.max(-96, 20 * Math.log10(rms));
}

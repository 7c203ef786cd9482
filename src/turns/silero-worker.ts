/**
 * The worker thread: one Silero model for all calls. An inference blocks the thread that it runs in
 * for its whole length, so it must not be the thread that moves the audio.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { levelDb } from '../audio/level.ts';
import { PitchTracker } from './pitch.ts';
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
      /** The probability of speech of each window, then each level in dBFS, then each pitch in Hz. */
      results: Float32Array;
    }
  | { type: 'failed'; reason: string };

const streams = new Map<number, { network: StreamMemory; pitch: PitchTracker }>();

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
        streams.delete(message.streamId);
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
  const batch = streamIds.map(memoryOf);
  const results = new Float32Array(batch.length * 3);
  const networks = batch.map(({ network }) => network);
  results.set(await model.run(windows, networks));
  batch.forEach(({ pitch }, row) => {
    const window = windows.subarray(row * WINDOW_SAMPLES, (row + 1) * WINDOW_SAMPLES);
    const voiced = results[row]! >= PITCH_PROBABILITY;
    results[batch.length + row] = levelDb(meanSquare(window));
    results[2 * batch.length + row] = pitch.push(window, voiced);
  });
  return results;
}

/** Below this nobody asks for the pitch, and it costs nothing. */
const PITCH_PROBABILITY = 0.3;

function memoryOf(streamId: number): { network: StreamMemory; pitch: PitchTracker } {
  const known = streams.get(streamId);
  if (known) return known;
  const memory = { network: freshMemory(), pitch: new PitchTracker() };
  streams.set(streamId, memory);
  return memory;
}

function meanSquare(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum / samples.length;
}

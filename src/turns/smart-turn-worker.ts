/** The worker thread of the turn model: it would block whoever moves the audio for 10 to 60 ms. */
import { parentPort, workerData } from 'node:worker_threads';
import './no-telemetry.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { doubleRate } from '../audio/double-rate.ts';
import { openNetwork } from './network-session.ts';
import { SMART_TURN_FRAMES, SMART_TURN_MELS, smartTurnFeatures } from './smart-turn-features.ts';

export interface SmartTurnWorkerData {
  modelPath: string;
}

/** A turn at 8 kHz. */
export interface ToSmartTurnWorker {
  id: number;
  turn: Int16Array;
}

export type FromSmartTurnWorker =
  | { type: 'ready' }
  | { type: 'answer'; id: number; complete: number }
  | { type: 'failed'; reason: string };

const INPUT = 'input_features';
const DIMENSIONS = [1, SMART_TURN_MELS, SMART_TURN_FRAMES];

if (parentPort) await serve(parentPort, workerData as SmartTurnWorkerData);

async function serve(
  port: NonNullable<typeof parentPort>,
  { modelPath }: SmartTurnWorkerData,
): Promise<void> {
  const send = (message: FromSmartTurnWorker) => port.postMessage(message);
  const fail = (error: unknown) => {
    send({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
    port.close();
  };
  try {
    const session = await openNetwork(modelPath);
    // The first run sets the network up, and shows that it is one of this kind.
    await completeness(session, new Int16Array());
    let previous = Promise.resolve();
    port.on('message', ({ id, turn }: ToSmartTurnWorker) => {
      previous = previous
        .then(() => completeness(session, turn))
        .then((complete) => send({ type: 'answer', id, complete }), fail);
    });
    send({ type: 'ready' });
  } catch (error) {
    fail(error);
  }
}

async function completeness(session: InferenceSession, turn: Int16Array): Promise<number> {
  const features = smartTurnFeatures(doubleRate(turn));
  const output = await session.run({ [INPUT]: new Tensor('float32', features, DIMENSIONS) });
  const value = Object.values(output)[0]?.data[0];
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw new TypeError(`expected a probability of the turn model, got ${value}`);
  }
  return value;
}

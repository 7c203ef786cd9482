/**
 * The Silero voice-activity network (v6, MIT) at the telephone's own 8 kHz.
 *
 * One window is 256 samples (32 ms). The network is recurrent: it needs the 32 samples before each
 * window and its own state from the window before. Without those 32 samples it still answers, but
 * finds only half of the speech, and nothing fails.
 */
import './no-telemetry.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { openNetwork } from './network-session.ts';
import { WINDOW_SAMPLES } from './window-size.ts';

/** What the network remembers of one stream between two of its windows. */
export interface StreamMemory {
  /** The last 32 samples, scaled to -1..1. */
  context: Float32Array;
  /** Two layers of 128 values. */
  state: Float32Array;
}

export function freshMemory(): StreamMemory {
  return {
    context: new Float32Array(CONTEXT_SAMPLES),
    state: new Float32Array(LAYERS * STATE_VALUES),
  };
}

export class SileroModel {
  #session: InferenceSession;
  #rate = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE_HZ)), []);

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Loads the network and runs it once, so that the first caller does not pay for its set-up. */
  static async load(modelPath: string): Promise<SileroModel> {
    const session = await openNetwork(modelPath);
    const model = new SileroModel(session);
    await model.run(new Int16Array(WINDOW_SAMPLES), [freshMemory()]);
    return model;
  }

  /**
   * Runs one window of each of several streams in one inference, and brings their memories up to
   * date. The result of a stream does not depend on who else is in the batch.
   *
   * @param windows 256 samples per stream, one stream after the other
   * @param memories one per stream, in the same order, each at most once
   * @returns the probability of speech, one per stream
   */
  async run(windows: Int16Array, memories: readonly StreamMemory[]): Promise<Float32Array> {
    const batch = memories.length;
    if (windows.length !== batch * WINDOW_SAMPLES) {
      throw new RangeError(
        `expected ${batch} windows of ${WINDOW_SAMPLES} samples, got ${windows.length} samples`,
      );
    }
    const input = gatherInput(windows, memories);
    const output = await this.#session.run({
      input: new Tensor('float32', input, [batch, INPUT_SAMPLES]),
      state: new Tensor('float32', gatherState(memories), [LAYERS, batch, STATE_VALUES]),
      sr: this.#rate,
    });
    const stateAfter = output.stateN?.data;
    const probabilities = output.output?.data;
    if (!(stateAfter instanceof Float32Array) || !(probabilities instanceof Float32Array)) {
      throw new TypeError(
        `expected the Silero outputs "output" and "stateN" as float32, got ${Object.keys(output)}`,
      );
    }
    memories.forEach((memory, row) => {
      memory.context.set(
        input.subarray((row + 1) * INPUT_SAMPLES - CONTEXT_SAMPLES, (row + 1) * INPUT_SAMPLES),
      );
      for (let layer = 0; layer < LAYERS; layer++) {
        const from = (layer * batch + row) * STATE_VALUES;
        memory.state.set(stateAfter.subarray(from, from + STATE_VALUES), layer * STATE_VALUES);
      }
    });
    return probabilities;
  }
}

const CONTEXT_SAMPLES = 32;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
const LAYERS = 2;
const STATE_VALUES = 128;

function gatherInput(windows: Int16Array, memories: readonly StreamMemory[]): Float32Array {
  const input = new Float32Array(memories.length * INPUT_SAMPLES);
  memories.forEach((memory, row) => {
    input.set(memory.context, row * INPUT_SAMPLES);
    const to = row * INPUT_SAMPLES + CONTEXT_SAMPLES;
    const from = row * WINDOW_SAMPLES;
    for (let i = 0; i < WINDOW_SAMPLES; i++) input[to + i] = windows[from + i]! / 32768;
  });
  return input;
}

/** The network wants all first layers, then all second layers. */
function gatherState(memories: readonly StreamMemory[]): Float32Array {
  const state = new Float32Array(LAYERS * memories.length * STATE_VALUES);
  memories.forEach((memory, row) => {
    for (let layer = 0; layer < LAYERS; layer++) {
      const part = memory.state.subarray(layer * STATE_VALUES, (layer + 1) * STATE_VALUES);
      state.set(part, (layer * memories.length + row) * STATE_VALUES);
    }
  });
  return state;
}

/** Voice activity that takes what is loud for speech, window by window as the real one cuts them. */
import type {
  SpeechWindow,
  VoiceActivity,
  VoiceActivityStream,
} from '../../src/turns/voice-activity.ts';
import { WindowQueue } from '../../src/turns/window-queue.ts';
import { WINDOW_SAMPLES } from '../../src/turns/window-size.ts';

const LOUD_SAMPLE = 1000;
const SPEECH = { probability: 0.95, levelDb: -20, pitchHz: 0, echo: 0 };
const SILENCE = { probability: 0.01, levelDb: -70, pitchHz: 0, echo: 0 };

export class Loudness implements VoiceActivity {
  readonly #streams = new Set<object>();

  get openStreams(): number {
    return this.#streams.size;
  }

  open(onWindow: (window: SpeechWindow) => void): VoiceActivityStream {
    const key = {};
    const queue = new WindowQueue();
    const samples = new Int16Array(WINDOW_SAMPLES);
    this.#streams.add(key);
    // Later, as an answer of another thread comes.
    let isDue = false;
    const judge = () => {
      isDue = false;
      while (this.#streams.has(key)) {
        const endMs = queue.take(samples, 0);
        if (endMs === undefined) return;
        const isLoud = Math.abs(samples[0] ?? 0) > LOUD_SAMPLE;
        onWindow({ endMs, ...(isLoud ? SPEECH : SILENCE) });
      }
    };
    return {
      push: (samples) => {
        queue.push(samples);
        if (isDue) return;
        isDue = true;
        setImmediate(judge);
      },
      hurry: () => {},
      close: () => void this.#streams.delete(key),
    };
  }

  async close(): Promise<void> {
    this.#streams.clear();
  }
}

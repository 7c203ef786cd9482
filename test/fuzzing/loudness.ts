/** Voice activity that takes what is loud for speech, window by window as the real one cuts them. */
import type {
  SpeechWindow,
  VoiceActivity,
  VoiceActivityStream,
} from '../../src/turns/voice-activity.ts';
import { WindowQueue } from '../../src/turns/window-queue.ts';

const LOUD_SAMPLE = 1000;
const SPEECH = { probability: 0.95, levelDb: -20 };
const SILENCE = { probability: 0.01, levelDb: -70 };

export class Loudness implements VoiceActivity {
  readonly #streams = new Set<object>();

  get openStreams(): number {
    return this.#streams.size;
  }

  open(onWindow: (window: SpeechWindow) => void): VoiceActivityStream {
    const key = {};
    const queue = new WindowQueue();
    this.#streams.add(key);
    // Later, as an answer of another thread comes.
    let isDue = false;
    const judge = () => {
      isDue = false;
      for (let next = queue.take(); next && this.#streams.has(key); next = queue.take()) {
        const isLoud = Math.abs(next.samples[0] ?? 0) > LOUD_SAMPLE;
        onWindow({ endMs: next.endMs, ...(isLoud ? SPEECH : SILENCE) });
      }
    };
    return {
      push: (samples) => {
        queue.push(samples);
        if (isDue) return;
        isDue = true;
        setImmediate(judge);
      },
      close: () => void this.#streams.delete(key),
    };
  }

  async close(): Promise<void> {
    this.#streams.clear();
  }
}

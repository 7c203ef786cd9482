/** Voice activity without its thread: silence is silence, and everything else is speech. */
import type { SpeechWindow, VoiceActivity } from '../../../src/turns/voice-activity.ts';
import { here } from '../current.ts';

/** As Silero has it; its own file would load it. */
const WINDOW_SAMPLES = 256;
const WINDOW_MS = WINDOW_SAMPLES / 8;
const SPEECH = { probability: 0.93, levelDb: -22, pitchHz: 0, echo: 0 };
const SILENCE = { probability: 0.01, levelDb: -71, pitchHz: 0, echo: 0 };
export async function startVoiceActivity(): Promise<VoiceActivity> {
  let openStreams = 0;
  return {
    get openStreams() {
      return openStreams;
    },
    open: (onWindow, onFailure) => {
      const world = here();
      const cutter = new WindowCutter();
      let isOpen = true;
      openStreams += 1;
      const close = () => {
        if (isOpen) openStreams -= 1;
        isOpen = false;
      };
      return {
        push: (samples) => {
          if (!isOpen) return;
          const windows = cutter.push(samples);
          const dies = world.fault('voiceActivityDies', world.rates.voiceActivityDies);
          if (windows.length === 0 && !dies) return;
          const answer = () => {
            for (const window of windows) if (isOpen) onWindow(window);
            if (!dies || !isOpen) return;
            close();
            onFailure?.(new Error('expected the thread to answer, it ended'));
          };
          const { activityMs } = world.options;
          if (activityMs > 0) world.time.toProcess(activityMs, answer);
          else queueMicrotask(answer);
        },
        hurry: () => {},
        close,
      };
    },
    close: async () => {},
  };
}

/** Whole windows of whatever comes. A window is what its last sample is. */
class WindowCutter {
  #samples = 0;
  #endMs = 0;

  push(samples: Int16Array): SpeechWindow[] {
    const windows: SpeechWindow[] = [];
    for (let at = WINDOW_SAMPLES - this.#samples; at <= samples.length; at += WINDOW_SAMPLES) {
      this.#endMs += WINDOW_MS;
      windows.push({ endMs: this.#endMs, ...(samples[at - 1] === 0 ? SILENCE : SPEECH) });
    }
    this.#samples = (this.#samples + samples.length) % WINDOW_SAMPLES;
    return windows;
  }
}

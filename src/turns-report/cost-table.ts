/** What a window costs on this thread: an inference alone against one for several streams, and its pitch. */
import { PitchTracker } from '../turns/pitch.ts';
import { freshMemory, SileroModel } from '../turns/silero-model.ts';
import { SILERO_MODEL_PATH } from '../turns/voice-activity.ts';
import { WINDOW_SAMPLES } from '../turns/window-size.ts';
import { rounded } from './figures.ts';

const RUNS = 200;

/** Microseconds. */
export async function costRows() {
  const model = await SileroModel.load(SILERO_MODEL_PATH);
  const rows = [];
  for (const streams of [1, 4, 16, 64]) {
    const memories = Array.from({ length: streams }, freshMemory);
    const windows = new Int16Array(streams * WINDOW_SAMPLES);
    const runs = [];
    for (let run = 0; run < RUNS; run++) {
      const before = performance.now();
      await model.run(windows, memories);
      runs.push(((performance.now() - before) * 1000) / streams);
    }
    const what = `voice activity, ${streams} ${streams === 1 ? 'stream' : 'streams'}`;
    rows.push({ what, usPerWindowP50: rounded(runs, 0.5), usPerWindowP95: rounded(runs, 0.95) });
  }
  return [...rows, pitchRow()];
}

/** Of a voice of 130 Hz: what is no speech is not looked at. */
function pitchRow() {
  const tracker = new PitchTracker();
  const voice = Int16Array.from({ length: WINDOW_SAMPLES }, (_, i) =>
    Math.round(9000 * (1 - 2 * (((i * 130) / 8000) % 1))),
  );
  const runs = Array.from({ length: RUNS }, () => {
    const before = performance.now();
    for (let i = 0; i < 10; i++) tracker.push(voice, true);
    return ((performance.now() - before) * 1000) / 10;
  });
  return {
    what: 'pitch, a voiced window',
    usPerWindowP50: rounded(runs, 0.5),
    usPerWindowP95: rounded(runs, 0.95),
  };
}

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { type SileroVoiceActivity, startVoiceActivity } from '../src/turns/voice-activity.ts';
import { runScene, type SceneOutcome } from '../src/turns-report/barge-in-run.ts';
import { bargeInScenes } from '../src/turns-report/barge-in-scenes.ts';
import { readLabels } from '../src/turns-report/labelled-clips.ts';

const recordings = fileURLToPath(new URL('../../shared/audio/', import.meta.url));
const skip = existsSync(`${recordings}/labels.json`)
  ? false
  : 'no labelled recordings in ../shared/audio';

describe('the agent in real recordings', { skip }, () => {
  let activity: SileroVoiceActivity;
  before(async () => {
    activity = await startVoiceActivity();
  });
  after(() => activity.close());

  const outcomes = (wanted: (group: string) => boolean, every = 1): Promise<SceneOutcome[]> =>
    Promise.all(
      bargeInScenes(recordings, readLabels(recordings))
        .filter(({ group }) => wanted(group))
        .filter((_, index) => index % every === 0)
        .map((scene) => runScene(activity, scene, TURN_THRESHOLDS, true)),
    );

  test('is not stopped by its own echo', async () => {
    const some = await outcomes((group) => group.startsWith('echo only'), 7);
    assert.ok(some.length >= 15, `${some.length} lines`);
    for (const { scene, stops } of some) assert.equal(stops.length, 0, scene.id);
  });

  test('is not stopped by noises and tones over its echo', async () => {
    const noises = ['noise over -20 dB', 'signalling over -20 dB', 'silence over -20 dB'];
    const some = await outcomes((group) => noises.includes(group), 2);
    assert.ok(some.length >= 8, `${some.length} lines`);
    for (const { scene, stops } of some) assert.equal(stops.length, 0, scene.id);
  });

  test('is stopped by callers who speak over its echo, 95 % of them within 300 ms', async () => {
    const some = await outcomes((group) => group === 'as loud, -20 dB');
    const soon = some.filter(({ scene, stops }) => {
      const startMs = scene.speech?.startMs ?? 0;
      return stops[0] && stops[0].atMs >= startMs - 32 && stops[0].atMs <= startMs + 300;
    });
    const share = soon.length / some.length;
    assert.ok(some.length >= 40 && share >= 0.95, `${soon.length} of ${some.length}`);
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { startVoiceActivity } from '../src/turns/voice-activity.ts';
import { SENTENCES } from '../src/turns-report/endpointing-tables.ts';
import { turnFigures } from '../src/turns-report/figures.ts';
import { hearClips } from '../src/turns-report/hear-clip.ts';
import { type LabelledClip, readLabels } from '../src/turns-report/labelled-clips.ts';
import { scoreTurns } from '../src/turns-report/turn-score.ts';

const recordings = fileURLToPath(new URL('../../shared/audio/', import.meta.url));
const skip = existsSync(`${recordings}/labels.json`)
  ? false
  : 'no labelled recordings in ../shared/audio';

describe('turns in real recordings whose labels are exact', { skip }, () => {
  it('are all found, with their onset within 120 ms and their end within 60', async () => {
    const scores = await scoreClips(({ category }) => ['digits', 'backchannel'].includes(category));
    assert.ok(scores.length >= 20, `${scores.length} clips`);
    for (const { clip, turns } of scores) {
      assert.equal(turns.length, 1);
      for (const turn of turns) {
        assert.ok(turn.found, clip.id);
        assert.ok(Math.abs(turn.onsetErrorMs!) <= 120, `${clip.id}: onset ${turn.onsetErrorMs}`);
        assert.ok(turn.spokeAfterMs! < 220, `${clip.id}: spoke after ${turn.spokeAfterMs}`);
        assert.ok(Math.abs(turn.endErrorMs!) <= 60, `${clip.id}: end ${turn.endErrorMs}`);
      }
    }
  });

  it('are not heard in tones, DTMF, hum and comfort noise', async () => {
    const scores = await scoreClips(
      ({ category, speech }) => ['signalling', 'silence'].includes(category) && speech.length === 0,
    );
    assert.ok(scores.length >= 10, `${scores.length} clips`);
    for (const { clip, falseStarts } of scores) assert.equal(falseStarts, 0, clip.id);
  });
});

describe('sentences with pauses in them', { skip }, () => {
  it('are cut into at few of the pauses, and answered within 600 ms at the median', async () => {
    const scores = await scoreClips(({ category }) => SENTENCES.includes(category), false);
    const { cutIns, pauses, responseP50, missed } = turnFigures(scores.flatMap((s) => s.turns));
    assert.ok(pauses > 50 && missed === 0);
    // By silence alone it would be 44 %.
    assert.ok(cutIns / pauses < 0.15, `${cutIns} of ${pauses}`);
    assert.ok(responseP50! < 600, `${responseP50} ms`);
  });
});

async function scoreClips(wanted: (clip: LabelledClip) => boolean, exactly = true) {
  const clips = readLabels(recordings).filter(
    (clip) => wanted(clip) && !(exactly && clip.label_confidence !== 'exact'),
  );
  const activity = await startVoiceActivity();
  try {
    const heard = await hearClips({ folder: recordings, clips, activity });
    return heard.map(({ clip, windows }) => scoreTurns(clip, windows, TURN_THRESHOLDS, 'open'));
  } finally {
    await activity.close();
  }
}

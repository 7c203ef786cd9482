import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { readWav } from '../src/audio/wav.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { type LabelledClip, scoreTurns } from '../src/turns/turn-score.ts';
import { type SpeechWindow, startVoiceActivity } from '../src/turns/voice-activity.ts';
import { WINDOW_SAMPLES } from '../src/turns/window-size.ts';

const recordings = new URL('../../shared/audio/', import.meta.url);
const labels = new URL('labels.json', recordings);
const skip = existsSync(labels) ? false : 'no labelled recordings in ../shared/audio';

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

async function scoreClips(wanted: (clip: LabelledClip) => boolean) {
  const { clips } = JSON.parse(readFileSync(labels, 'utf8')) as { clips: LabelledClip[] };
  const exact = clips.filter((clip) => clip.label_confidence === 'exact' && wanted(clip));
  const activity = await startVoiceActivity();
  try {
    return await Promise.all(
      exact.map(async (clip) => {
        const windows: SpeechWindow[] = [];
        let answered = () => {};
        const stream = activity.open((window) => {
          windows.push(window);
          answered();
        }, assert.fail);
        const samples = telephoneAudio(clip);
        for (let at = 0; at + WINDOW_SAMPLES <= samples.length; at += WINDOW_SAMPLES) {
          const answer = new Promise<void>((resolve) => {
            answered = resolve;
          });
          stream.push(samples.subarray(at, at + WINDOW_SAMPLES));
          await answer;
        }
        stream.close();
        return scoreTurns(clip, windows, TURN_THRESHOLDS, 'open');
      }),
    );
  } finally {
    await activity.close();
  }
}

/** Through mu-law, and a second of silence after it. */
function telephoneAudio({ file }: LabelledClip): Int16Array {
  const { samples } = readWav(readFileSync(new URL(file, recordings)));
  const padded = new Int16Array(samples.length + 8000);
  padded.set(samples);
  return decodeMulaw(encodeMulaw(padded));
}

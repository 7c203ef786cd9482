import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import type { SpeechWindow } from '../src/turns/voice-activity.ts';
import type { LabelledClip } from '../src/turns-report/labelled-clips.ts';
import {
  labelledTurns,
  PREPARATION_MS,
  scoreOverAgent,
  scoreTurns,
} from '../src/turns-report/turn-score.ts';

describe('the score of a recording', () => {
  it('measures onset, end and delay of a turn against its label', () => {
    const { turns } = score([[50, 330]], '..########..................');
    assert.deepEqual(turns, [
      {
        category: 'clean',
        confidence: 'exact',
        found: true,
        onsetErrorMs: 14,
        spokeAfterMs: 78,
        endErrorMs: -10,
        finishedAfterMs: 320 + 416 - 330,
        // Asked for 128 ms after the end.
        responseMs: 320 + 128 + PREPARATION_MS - 330,
        reason: 'yesNo: 400 ms of silence',
        pauses: 0,
        cutIns: 0,
        cutInsAt: [],
        cutInsCaught: 0,
      },
    ]);
  });

  it('counts a turn that nothing was heard of as not found', () => {
    const { turns } = score([[50, 330]], '.'.repeat(30));
    assert.equal(turns[0]?.found, false);
    assert.equal(turns[0]?.onsetErrorMs, undefined);
  });

  it('counts an end that was declared inside the turn as cutting in', () => {
    const late = score([[0, 2000]], `##########${'.'.repeat(35)}##########${'.'.repeat(20)}`);
    assert.equal(late.turns[0]?.cutIns, 1);
    assert.equal(late.turns[0]?.cutInsCaught, 0);
    const soon = score([[0, 1300]], `##########${'.'.repeat(20)}##########${'.'.repeat(20)}`);
    assert.equal(soon.turns[0]?.cutInsCaught, 1, 'the caller goes on before a reply is audible');
  });

  it('counts what is announced and answered where nobody speaks', () => {
    const { falseStarts, falseTurns } = score([], `.##${'.'.repeat(20)}########${'.'.repeat(20)}`);
    assert.deepEqual([falseStarts, falseTurns], [2, 1]);
  });

  it('divides a conversation at long silences, and nothing else', () => {
    const speech: [number, number][] = [
      [0, 500],
      [900, 1500],
      [2300, 3000],
    ];
    assert.equal(labelledTurns({ ...clip, speech }).length, 1);
    assert.deepEqual(labelledTurns({ ...clip, speech, category: 'conversation' }), [
      { startMs: 0, endMs: 1500, pauses: 1 },
      { startMs: 2300, endMs: 3000, pauses: 0 },
    ]);
  });

  it('tells what came of a sound over the agent, and when', () => {
    const over = (trace: string) =>
      scoreOverAgent({ ...clip, speech: [[32, 600]] }, windowsOf(trace), TURN_THRESHOLDS);
    assert.equal(over('.'.repeat(30)).outcome, 'unheard');
    assert.deepEqual(over(`.########${'.'.repeat(20)}`), {
      id: 'clip',
      outcome: 'ignored',
      stoppedAfterMs: 64,
      decidedAfterMs: 256 + 416,
    });
    assert.equal(over('#'.repeat(30)).outcome, 'interrupted');
  });
});

const clip: LabelledClip = {
  id: 'clip',
  category: 'clean',
  file: 'clip.wav',
  duration_ms: 1000,
  speech: [],
  label_confidence: 'exact',
};

function score(speech: [number, number][], trace: string) {
  return scoreTurns({ ...clip, speech }, windowsOf(trace), TURN_THRESHOLDS, 'yesNo');
}

function windowsOf(trace: string): SpeechWindow[] {
  return [...trace].map((sign, i) => ({
    endMs: (i + 1) * 32,
    probability: sign === '#' ? 0.95 : 0.02,
    levelDb: sign === '#' ? -20 : -70,
    pitchHz: 0,
    echo: 0,
  }));
}

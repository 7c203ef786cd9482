import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Interruption } from '../src/turns/interruption.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import type { TurnMode } from '../src/turns/turn-policy.ts';
import type { SpeechWindow } from '../src/turns/voice-activity.ts';

const { interruption: thresholds, interruptMs } = TURN_THRESHOLDS;
const VOICE: SpeechWindow = { endMs: 32, probability: 0.9, levelDb: -25, pitchHz: 120, echo: 0 };

/** Pushes windows of 32 ms: voiced for so long, then silent, and so on. */
function heard(mode: TurnMode, ...spansMs: number[]): Interruption {
  const interruption = new Interruption(thresholds);
  let endMs = 0;
  spansMs.forEach((spanMs, index) => {
    for (let ms = 0; ms < spanMs; ms += 32) {
      endMs += 32;
      const window = interruption.own({ ...VOICE, endMs }, mode);
      interruption.push(window, index % 2 === 0, mode);
    }
  });
  return interruption;
}

describe('whose voice a window over the agent holds', () => {
  const probability = (window: Partial<SpeechWindow>, mode: TurnMode, known = 0) =>
    heard('listening', known).own({ ...VOICE, ...window }, mode).probability;

  test('is ours where our own sound explains most of it, whatever the agent does', () => {
    for (const mode of ['speaking', 'listening', 'thinking'] as const) {
      assert.equal(probability({ echo: 0.71 }, mode), 0);
      assert.equal(probability({ echo: 0.7 }, mode), 0.9);
    }
  });

  test('is the caller through what is still on its way once the agent has been stopped', () => {
    assert.equal(probability({ echo: 0.85 }, 'interrupted'), 0.9);
    assert.equal(probability({ echo: 0.95 }, 'interrupted'), 0);
  });

  test('is nobody in particular where it is hardly to be heard', () => {
    assert.equal(probability({ levelDb: -56 }, 'speaking'), 0);
    assert.equal(probability({ levelDb: -56 }, 'listening'), 0.9);
  });

  test("is another's where it is far softer than the caller has been", () => {
    assert.equal(probability({ levelDb: -47 }, 'speaking', 2000), 0);
    assert.equal(probability({ levelDb: -40 }, 'speaking', 2000), 0.9);
    assert.equal(probability({ levelDb: -47 }, 'speaking', 500), 0.9);
  });
});

describe('an interruption', () => {
  test('is one word that is long enough', () => {
    const word = heard('interrupted', 640);
    assert.ok(!word.isReal(interruptMs - 1, interruptMs));
    assert.ok(word.isReal(interruptMs, interruptMs));
  });

  test('is two words in a row, sooner', () => {
    const words = heard('interrupted', 320, 128, 96);
    assert.ok(!words.isReal(410, interruptMs));
    assert.ok(words.isReal(416, interruptMs));
  });

  test('is not a word with a click after it, nor one with a short stop in it', () => {
    assert.ok(!heard('interrupted', 320, 128, 64).isReal(416, interruptMs));
    assert.ok(!heard('interrupted', 320, 64, 160).isReal(416, interruptMs));
  });

  test('is not a word of before a long silence with one after it', () => {
    assert.ok(!heard('interrupted', 320, 480, 160).isReal(416, interruptMs));
  });

  test('is not a word that our own sound cuts in two', () => {
    const interruption = heard('interrupted', 320);
    for (let endMs = 352; endMs <= 480; endMs += 32) {
      const window = interruption.own({ ...VOICE, endMs, echo: 1 }, 'interrupted');
      interruption.push(window, false, 'interrupted');
    }
    for (let endMs = 512; endMs <= 640; endMs += 32) {
      interruption.push({ ...VOICE, endMs }, true, 'interrupted');
    }
    assert.ok(!interruption.isReal(480, interruptMs));
  });

  test('begins anew when the agent has taken the floor', () => {
    const words = heard('interrupted', 320, 128, 160);
    words.forget();
    assert.ok(!words.isReal(480, interruptMs));
  });
});

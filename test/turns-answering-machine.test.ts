import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { AnsweringMachine } from '../src/turns/answering-machine.ts';
import { SteadyTone } from '../src/turns/steady-tone.ts';
import { mulawOf, sine, speechLike } from './support/speech-like.ts';

/** What comes in, in ms of silence, speech (at its place) and other sounds. */
type Part = number | { speechMs: number } | Int16Array;

/** @returns when the machine was recognised, in ms */
function recognisedAt(...parts: Part[]): number[] {
  const machine = new AnsweringMachine();
  const found: number[] = [];
  let heardMs = 0;
  for (const part of parts) {
    const isSpeech = typeof part === 'object' && 'speechMs' in part;
    const mulaw = mulawOf(isSpeech ? speechLike(5, part.speechMs) : part);
    for (let at = 0; at < mulaw.length; at += 160) {
      heardMs += 20;
      const endMs = heardMs;
      if (machine.hear(decodeMulaw(mulaw.subarray(at, at + 160)))) found.push(heardMs);
      const window = { endMs, levelDb: -20, pitchHz: 0, echo: 0 };
      if (heardMs % 40 === 0) machine.judge({ ...window, probability: isSpeech ? 0.9 : 0 });
    }
  }
  return found;
}

describe('an answering machine', () => {
  test('is recognised once, half a second after the beep that follows its words', () => {
    const found = recognisedAt(400, { speechMs: 6000 }, 900, sine(1000, 400), 5000);
    assert.equal(found.length, 1);
    assert.ok(Math.abs(found[0]! - (400 + 6000 + 900 + 400 + 500)) <= 60, `${found[0]} ms`);
  });

  for (const [frequencyHz, beepMs] of [
    [440, 1000],
    [850, 200],
    [1400, 500],
    [2000, 300],
  ] as const) {
    test(`may beep at ${frequencyHz} Hz for ${beepMs} ms`, () => {
      const found = recognisedAt({ speechMs: 4000 }, 500, sine(frequencyHz, beepMs), 2000);
      assert.equal(found.length, 1);
    });
  }

  test('says something before: "hello?" and a beep is a person with a microwave', () => {
    assert.deepEqual(recognisedAt({ speechMs: 1000 }, 500, sine(1000, 400), 3000), []);
  });

  test('beeps soon: a beep long after the words is some other', () => {
    assert.deepEqual(recognisedAt({ speechMs: 5000 }, 9000, sine(1000, 400), 3000), []);
  });

  test('is silent after the beep: who goes on to speak is a person', () => {
    const found = recognisedAt({ speechMs: 5000 }, 500, sine(1000, 400), 200, {
      speechMs: 2000,
    });
    assert.deepEqual(found, []);
  });

  test('has one note: a melody is hold music', () => {
    const notes = [520, 660, 780, 1040].map((hz) => sine(hz, 300));
    assert.deepEqual(recognisedAt({ speechMs: 5000 }, 300, ...notes, ...notes, 2000), []);
  });

  test('is not recognised by a key, which has two tones, nor by a tone without end', () => {
    const high = sine(1209, 400);
    const key = sine(697, 400).map((sample, i) => sample + high[i]!);
    assert.deepEqual(recognisedAt({ speechMs: 5000 }, 500, key, 3000), []);
    assert.deepEqual(recognisedAt({ speechMs: 5000 }, 500, sine(1000, 8000), 3000), []);
  });

  test('takes a call at its beginning: nobody is one after a minute of talk', () => {
    const talk = Array.from({ length: 12 }, () => [{ speechMs: 4000 }, 1500]).flat();
    assert.deepEqual(recognisedAt(...talk, sine(1000, 400), 3000), []);
  });
});

describe('a steady tone', () => {
  test('is found with its frequency, its level and its length', () => {
    const tones = new SteadyTone();
    tones.push(decodeMulaw(mulawOf(100, sine(1000, 320))));
    const tone = tones.tone!;
    assert.ok(Math.abs(tone.frequencyHz - 1000) < 5, `${tone.frequencyHz} Hz`);
    assert.ok(Math.abs(tone.levelDb + 21.3) < 0.5, `${tone.levelDb} dBFS`);
    assert.ok(tone.lastsMs >= 272 && tone.lastsMs <= 320, `${tone.lastsMs} ms`);
    tones.push(new Int16Array(256));
    assert.equal(tones.tone, undefined);
    assert.equal(tones.levelDb, -96);
  });

  test('begins anew with another note', () => {
    const tones = new SteadyTone();
    tones.push(decodeMulaw(mulawOf(sine(800, 320), sine(1200, 160))));
    assert.ok(tones.tone!.lastsMs <= 160);
  });
});

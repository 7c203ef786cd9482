import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { EchoReference } from '../src/turns/echo-reference.ts';
import { mulawOf, speechLike } from './support/speech-like.ts';

const FRAME = 160;

describe('what we play, on the time axis of what we hear', () => {
  const speech = mulawOf(speechLike(1, 3000));
  const play = (reference: EchoReference, samples: number) => {
    const played = new Int16Array(samples);
    reference.play(played);
    return played;
  };

  test('plays what was sent ahead as the frames go by, and then silence', () => {
    const reference = new EchoReference();
    reference.sent(speech.subarray(0, 800));
    reference.sent(speech.subarray(800, 1000));
    const played = Array.from({ length: 8 }, () => [...play(reference, FRAME)]).flat();
    assert.deepEqual(played.slice(0, 1000), [...decodeMulaw(speech.subarray(0, 1000))]);
    assert.ok(played.slice(1000).every((sample) => sample === 0));
    assert.ok(reference.isEmpty);
  });

  test('drops what waits when it is cleared, and goes on with what is sent then', () => {
    const reference = new EchoReference();
    reference.sent(speech.subarray(0, 1600));
    play(reference, FRAME);
    reference.cleared();
    assert.ok(play(reference, FRAME).every((sample) => sample === 0));
    reference.sent(speech.subarray(1600, 1760));
    assert.deepEqual(play(reference, FRAME), decodeMulaw(speech.subarray(1600, 1760)));
  });

  test('keeps the newest two seconds when nothing is heard meanwhile', () => {
    const reference = new EchoReference();
    for (let at = 0; at < speech.length; at += 800) reference.sent(speech.subarray(at, at + 800));
    assert.deepEqual(play(reference, 16_000), decodeMulaw(speech.subarray(-16_000)));
    reference.sent(speech);
    assert.deepEqual(play(reference, 16_000), decodeMulaw(speech.subarray(-16_000)));
  });
});

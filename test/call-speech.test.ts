import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Speech } from '../src/call/speech.ts';
import { clipOf, numbersIn, soundOf, WORD_MS, wordsOf } from './support/spoken-words.ts';
import { VirtualClock } from './support/virtual-clock.ts';
import { VirtualEar } from './support/virtual-ear.ts';

const TEXT = 'One two three four five six.';
const TOTAL_MS = 6 * WORD_MS;

describe('Speech', () => {
  let clock: VirtualClock;
  let ear: VirtualEar;
  let told: string[];
  const handlers = {
    onAudible: () => void told.push('audible'),
    onFinished: () => void told.push('finished'),
  };
  beforeEach(() => {
    clock = new VirtualClock().install();
    ear = new VirtualEar();
    told = [];
  });
  afterEach(() => clock.uninstall());

  test('is audible at once, finished when its last mark is back, and then heard as a whole', async () => {
    const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
    speech.play(handlers);
    assert.deepEqual(told, ['audible']);
    await clock.advance(TOTAL_MS - 1);
    assert.deepEqual(told, ['audible']);
    await clock.advance(20);
    assert.deepEqual(told, ['audible', 'finished']);
    assert.equal(speech.heardText(), TEXT);
    assert.equal(numbersIn(ear.heard), '1 2 3 4 5 6');
  });

  test('stopped anywhere, it knows what was heard to within a word', async () => {
    for (let stopMs = 0; stopMs <= TOTAL_MS + 100; stopMs += 37) {
      ear = new VirtualEar();
      const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
      speech.play(handlers);
      await clock.advance(stopMs);
      speech.stop();
      const words = speech.heardText().split(' ').filter(Boolean).length;
      const heardMs = Math.min(stopMs, TOTAL_MS);
      const truth = heardMs / WORD_MS;
      assert.ok(Math.abs(words - truth) <= 1.2, `${words} words at ${truth} words of sound`);
      assert.ok(TEXT.startsWith(speech.heardText()));
      // What was cut is the rest, no more and no less.
      assert.equal(`${speech.heardText()} ${speech.cutText()}`.trim(), TEXT);
    }
  });

  test('on a line that stalls it is over by the clock, but heard only as far as marks came back', async () => {
    const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
    speech.play(handlers);
    await clock.advance(600);
    ear.stall();
    await clock.advance(TOTAL_MS + 1500);
    assert.deepEqual(told, ['audible', 'finished']);
    // What Twilio had already was played: our lead on the caller's ear.
    assert.equal(numbersIn(ear.heard), '1 2 3 4');
    assert.equal(speech.heardText(), 'One two three four');
    assert.equal(speech.cutText(), 'five six.');
    ear.goOn();
    await clock.advance(TOTAL_MS);
    assert.equal(numbersIn(ear.heard), '1 2 3 4 5 6');
    assert.equal(speech.heardText(), TEXT);
    assert.deepEqual(told, ['audible', 'finished']);
  });

  test('of a peer that never returned a mark, the clock is believed', async () => {
    ear.stall();
    const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
    speech.play(handlers);
    await clock.advance(TOTAL_MS + 1500);
    assert.deepEqual(told, ['audible', 'finished']);
    assert.equal(speech.heardText(), TEXT);
  });

  test('resumed, it goes on at the beginning of the word that was cut', async () => {
    const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
    speech.play(handlers);
    await clock.advance(800); // in the third word
    speech.stop();
    await clock.advance(600);
    speech.play(handlers);
    await clock.advance(TOTAL_MS + 100);
    assert.equal(numbersIn(ear.heard), '1 2 3 4 5 6', 'expected no word to be lost');
    const third = ear.heard.filter((value) => value === 3).length / 8;
    assert.ok(third > WORD_MS && third < 2 * WORD_MS, `the cut word was heard for ${third} ms`);
    assert.equal(speech.heardText(), TEXT);
    assert.deepEqual(told, ['audible', 'audible', 'finished']);
  });

  test('stopped again right after it resumed, it has not been heard less than before', async () => {
    const speech = Speech.ofClip(ear.playback, clipOf(TEXT));
    speech.play(handlers);
    await clock.advance(1050); // in the second half of the fourth word
    await clock.advance(30);
    speech.stop();
    const heard = speech.heardText();
    speech.play(handlers);
    speech.stop();
    assert.equal(speech.heardText(), heard);
  });

  test('stopped, it stays silent while more of it comes, and says that when it resumes', async () => {
    const speech = new Speech(ear.playback);
    speech.addText(TEXT);
    speech.append({ type: 'words', words: wordsOf(TEXT) });
    speech.append({ type: 'audio', mulaw: soundOf('One two') });
    speech.play(handlers);
    await clock.advance(200);
    speech.stop();
    const sent = ear.sent.length;
    speech.append({ type: 'audio', mulaw: soundOf('three four five six.', 3) });
    speech.complete();
    await clock.advance(1000);
    assert.equal(ear.sent.length, sent, 'expected nothing to be sent after the stop');
    speech.play(handlers);
    await clock.advance(TOTAL_MS + 100);
    assert.equal(numbersIn(ear.heard), '1 2 3 4 5 6');
    assert.deepEqual(told, ['audible', 'audible', 'finished']);
  });

  test('ends while it is stopped and wholly heard: resuming tells that it has finished, once', async () => {
    const speech = new Speech(ear.playback);
    speech.append({ type: 'audio', mulaw: soundOf('One two') });
    speech.play(handlers);
    await clock.advance(1000);
    speech.stop();
    speech.complete();
    speech.complete();
    speech.play(handlers);
    await clock.advance(100);
    assert.deepEqual(told, ['audible', 'finished']);
  });

  test('an empty clip is finished without a sound', async () => {
    const speech = Speech.ofClip(ear.playback, { text: '', mulaw: new Uint8Array(), words: [] });
    speech.play(handlers);
    await clock.advance(50);
    assert.deepEqual(told, ['finished']);
    assert.ok(!ear.sent.includes('media'));
    assert.equal(speech.heardText(), '');
  });

  test('empty sound is no sound', () => {
    const speech = new Speech(ear.playback);
    speech.append({ type: 'audio', mulaw: new Uint8Array() });
    assert.equal(speech.hasAudio, false);
  });

  test('without word times, what was heard is told by the pace of the sound', async () => {
    const speech = Speech.ofClip(ear.playback, { text: TEXT, mulaw: soundOf(TEXT), words: [] });
    speech.play(handlers);
    await clock.advance(1000);
    speech.stop();
    assert.match(speech.heardText(), /^One two( three)?$/);
  });

  test('without word times, text whose sound has not come is not claimed to be heard', async () => {
    const speech = new Speech(ear.playback);
    speech.addText('One two three four five six seven eight nine ten eleven twelve.');
    speech.append({ type: 'audio', mulaw: soundOf('One two') });
    speech.play(handlers);
    await clock.advance(700);
    speech.stop();
    const words = speech.heardText().split(' ').length;
    assert.ok(words <= 3, `expected about two words, got ${words}`);
  });

  test('what was cut off before its end is heard only as far as there was sound', async () => {
    const speech = new Speech(ear.playback);
    speech.addText(TEXT);
    speech.append({ type: 'words', words: wordsOf('One two') });
    speech.append({ type: 'audio', mulaw: soundOf('One two') });
    speech.play(handlers);
    speech.cutShort();
    await clock.advance(1000);
    assert.deepEqual(told, ['audible', 'finished']);
    assert.equal(speech.heardText(), 'One two');
  });

  test('sound beyond what playback can hold is left out, and the rest is said', async () => {
    const speech = new Speech(ear.playback);
    for (let second = 0; second < 130; second++) {
      speech.append({ type: 'audio', mulaw: new Uint8Array(8000).fill(1) });
    }
    speech.complete();
    speech.play(handlers);
    await clock.advance(121_000);
    assert.deepEqual(told, ['audible', 'finished']);
    assert.equal(ear.heard.length, 120 * 8000);
  });
});

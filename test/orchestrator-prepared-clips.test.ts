import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { PreparedClips } from '../src/orchestrator/prepared-clips.ts';
import { sentences } from '../src/restaurant/sentences.ts';
import { type Voice, VoiceError, type VoiceEvent } from '../src/tts/voice.ts';
import { profileWith } from './support/restaurant-profile.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const profile = profileWith();
const SENTENCES = Object.keys(sentences(profile, 'en')).length;
const FIRST = 1;
const SECOND = 2;

/** Says each sentence as one sample of its own, and fails whenever it is told to. */
class OneSampleVoice implements Voice {
  readonly name = 'one sample';
  readonly #sample: number;
  asked = 0;
  failsAt: (asked: number) => boolean = () => false;

  constructor(sample: number) {
    this.#sample = sample;
  }

  async *speak(text: AsyncIterable<string>): AsyncGenerator<VoiceEvent> {
    this.asked += 1;
    for await (const _ of text) {
      if (this.failsAt(this.asked)) throw new VoiceError('stalled', 'told to fail');
      yield { type: 'audio', mulaw: Uint8Array.of(this.#sample) };
    }
  }

  async close(): Promise<void> {}
}

function prepare(t: TestContext, failsAt: (asked: number) => boolean) {
  const clock = new VirtualClock().install();
  t.after(() => clock.uninstall());
  const first = new OneSampleVoice(FIRST);
  first.failsAt = failsAt;
  const second = new OneSampleVoice(SECOND);
  const fallbacks: string[] = [];
  const clips = new PreparedClips({
    first,
    second,
    profile,
    log: pino({ level: 'silent' }),
    connected: Promise.resolve(),
    onFallback: (kind) => fallbacks.push(kind),
  });
  t.after(() => clips.stop());
  /** How many sentences are in the first voice. */
  const inFirst = () =>
    Object.values(clips.of('en')).filter(({ mulaw }) => mulaw[0] === FIRST).length;
  return { clock, first, second, fallbacks, clips, inFirst };
}

test('a sentence that fails once is asked for again, and nobody borrows a voice', async (t) => {
  const { clips, inFirst, fallbacks, second, clock } = prepare(t, (asked) => asked === 3);
  await clips.ready;
  assert.equal(inFirst(), SENTENCES);
  assert.deepEqual([second.asked, fallbacks], [0, []]);
  await clock.advance(600_000);
  assert.equal(clock.pending, 0);
});

test('where the first voice fails, the second speaks the rest at once, and nobody waits for the first', async (t) => {
  const { clips, inFirst, fallbacks, first } = prepare(t, (asked) => asked > 4);
  await clips.ready;
  assert.ok(clips.isReady);
  assert.equal(inFirst(), 4);
  assert.equal(first.asked, 6);
  assert.deepEqual(fallbacks, ['stalled']);
});

test('what was borrowed is rendered once the first voice speaks again', async (t) => {
  const { clips, inFirst, first, clock } = prepare(t, () => true);
  await clips.ready;
  const greeting = clips.of('en').greeting;
  assert.equal(inFirst(), 0);
  await clock.advance(4000);
  first.failsAt = () => false;
  assert.equal(inFirst(), 0);
  await clock.advance(1100);
  assert.equal(inFirst(), SENTENCES);
  assert.equal(greeting.mulaw[0], SECOND, 'what is being said is said to its end');
  assert.equal(clock.pending, 0);
});

test('a sentence that the first voice never speaks keeps none of the others', async (t) => {
  const { clips, inFirst, first, clock } = prepare(t, () => true);
  await clips.ready;
  first.failsAt = (asked) => (asked - 2) % SENTENCES === 1;
  await clock.advance(5100);
  assert.equal(inFirst(), SENTENCES - 1);
  const { asked } = first;
  first.failsAt = () => true;
  await clock.advance(3_600_000);
  assert.ok(first.asked - asked > 10 && first.asked - asked < 25, `${first.asked - asked} times`);
});

test('nothing is rendered once it is stopped, nor waited for', async (t) => {
  const { clips, first, clock } = prepare(t, () => true);
  await clips.ready;
  await clock.advance(1);
  const { asked } = first;
  await clips.stop();
  await clock.advance(600_000);
  assert.deepEqual([first.asked, clock.pending], [asked, 0]);
});

test('where neither voice speaks, whoever waits is told', async (t) => {
  const { clips, second } = prepare(t, () => true);
  second.failsAt = () => true;
  await assert.rejects(clips.ready, VoiceError);
  assert.ok(!clips.isReady);
  assert.throws(() => clips.of('en'), /still being rendered/);
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { LostSound } from '../src/turns/lost-sound.ts';
import { OtherSide } from '../src/turns/other-side.ts';
import { type Expectation, type TurnEvent, TurnPolicy } from '../src/turns/turn-policy.ts';
import {
  type SileroVoiceActivity,
  type SpeechWindow,
  startVoiceActivity,
} from '../src/turns/voice-activity.ts';
import { hear, telephoneAudio } from '../src/turns-report/hear-clip.ts';
import { type LabelledClip, readClip, readLabels } from '../src/turns-report/labelled-clips.ts';
import { isMachine } from '../src/turns-report/other-side-tables.ts';
import { InboundGaps } from '../src/twilio/inbound-gaps.ts';

const folder = fileURLToPath(new URL('../../shared/audio', import.meta.url));
const skip = existsSync(`${folder}/labels.json`) ? false : 'no recordings in ../shared/audio';

describe('on real recordings', { skip }, () => {
  let activity: SileroVoiceActivity;
  let clips: LabelledClip[];
  before(async () => {
    activity = await startVoiceActivity();
    clips = readLabels(folder);
  });
  after(() => activity.close());
  const named = (id: string) => clips.find((clip) => clip.id === id)!;

  test('a speech of which every twentieth frame is lost has the turns of the whole one', async () => {
    const whole = telephoneAudio(readClip(folder, named('jfk')));
    const lost = new Set(named('loss5_jfk').lost_20ms_frames as number[]);
    assert.ok(lost.size > 10, `${lost.size} frames lost`);
    const expected = turns(await hear(activity, whole));
    const got = turns(await hear(activity, withoutFrames(whole, lost).samples));
    assert.deepEqual(
      got.map(({ type }) => type),
      expected.map(({ type }) => type),
    );
  });

  test('a second lost in the midst of a sentence ends no turn', async () => {
    const whole = telephoneAudio(readClip(folder, named('jfk')));
    // From 5.4 to 7.6 s somebody speaks without a pause.
    const lost = new Set(Array.from({ length: 48 }, (_, i) => 300 + i));
    const { samples, sound } = withoutFrames(whole, lost);
    const heard = await hear(activity, samples);
    const judged = heard.map((window): SpeechWindow => {
      return sound.takes(window.endMs) ? { ...window, kind: 'lost' } : window;
    });
    const ends = (windows: readonly SpeechWindow[]) =>
      turns(windows, 'yesNo').filter(
        ({ type, atMs }) => type === 'finished' && atMs > 6000 && atMs < 7600,
      );
    assert.equal(ends(judged).length, 0);
    assert.equal(ends(heard).length, 1, 'taken for silence, it would');
  });

  test('a greeting with a beep is an answering machine, and nothing else here is one', async () => {
    const met = clips.filter(({ category }) => MET.includes(category));
    const found = await Promise.all(met.map((clip) => isMachine(activity, readClip(folder, clip))));
    assert.deepEqual(
      met.filter((_, i) => found[i]).map(({ id }) => id),
      ['voicemail_dev'],
    );
  });

  test('no speech is taken for the repetition of other speech, and every repetition is known', () => {
    const speeches = clips.filter(({ category }) => ['clean', 'foreign'].includes(category));
    const otherSide = new OtherSide();
    for (const clip of speeches) {
      const mulaw = encodeMulaw(readClip(folder, clip));
      otherSide.pause(mulaw.length / 8, () => mulaw);
      otherSide.end();
      assert.equal(otherSide.isUnattended, false, clip.id);
    }
    for (const clip of speeches.filter(({ speech }) => (speech.at(-1)?.[1] ?? 0) >= 5000)) {
      const repeated = new OtherSide();
      const mulaw = encodeMulaw(readClip(folder, clip));
      const ignored = [0, 40, 90].map((from) => {
        const again = mulaw.subarray(from);
        const isIgnored = repeated.pause(again.length / 8, () => again);
        repeated.end();
        return isIgnored;
      });
      assert.deepEqual(ignored, [false, false, true], clip.id);
    }
  });
});

const MET = ['signalling', 'noise', 'silence', 'conversation', 'foreign', 'echo'];

function turns(
  windows: readonly SpeechWindow[],
  expecting: Expectation = 'open',
): (TurnEvent & { atMs: number })[] {
  const policy = new TurnPolicy();
  policy.attend('listening', expecting);
  return windows.flatMap((window) =>
    policy.push(window).map((event) => ({ ...event, atMs: window.endMs })),
  );
}

/** As Twilio brings what the network has lost frames of. */
function withoutFrames(samples: Int16Array, lost: ReadonlySet<number>) {
  const mulaw = encodeMulaw(samples);
  const gaps = new InboundGaps();
  const sound = new LostSound();
  const pieces: Uint8Array[] = [];
  let [chunk, atMs] = [0, 0];
  for (let frame = 0; (frame + 1) * 160 <= mulaw.length; frame++) {
    if (lost.has(frame)) continue;
    const bytes = mulaw.subarray(frame * 160, (frame + 1) * 160);
    const { filling } = gaps.push(++chunk, frame * 20, bytes)!;
    if (filling.length > 0) sound.add(atMs, atMs + filling.length / 8);
    pieces.push(filling, bytes);
    atMs += (filling.length + 160) / 8;
  }
  return { samples: decodeMulaw(Buffer.concat(pieces)), sound };
}

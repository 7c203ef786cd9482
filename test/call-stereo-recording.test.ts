import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StereoRecording } from '../src/call/stereo-recording.ts';

const SILENCE = 0xff;

/** `count` bytes of sound that tell their place. */
function sound(count: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (first + i) % 200);
}

function channel(both: Uint8Array, index: 0 | 1): number[] {
  return [...both].filter((_, i) => i % 2 === index);
}

test('the caller is left, and the agent right from the next frame on', () => {
  const recording = new StereoRecording();
  assert.deepEqual(channel(recording.heard(sound(160)), 1), Array(160).fill(SILENCE));
  recording.sent(sound(200, 7));
  const both = recording.heard(sound(160, 3));
  assert.deepEqual(channel(both, 0), [...sound(160, 3)]);
  assert.deepEqual(channel(both, 1), [...sound(160, 7)]);
  const rest = channel(recording.heard(sound(160)), 1);
  assert.deepEqual(rest, [...sound(200, 7).slice(160), ...Array(120).fill(SILENCE)]);
});

test('what was cleared before it was played is not in the recording', () => {
  const recording = new StereoRecording();
  recording.sent(sound(800));
  const heard = channel(recording.heard(sound(320)), 1);
  recording.cleared();
  const after = channel(recording.heard(sound(160)), 1);
  recording.sent(sound(160, 90));
  assert.deepEqual(heard, [...sound(320)]);
  assert.deepEqual(after, Array(160).fill(SILENCE));
  assert.deepEqual(channel(recording.heard(sound(160)), 1), [...sound(160, 90)]);
});

test('both channels are as long as what was heard, and the agent is never moved nor made up', () => {
  const step = fc.oneof(
    fc.record({ sent: fc.uint8Array({ maxLength: 500 }) }),
    fc.record({ heard: fc.uint8Array({ maxLength: 200 }) }),
    fc.constant({ cleared: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const recording = new StereoRecording();
      let waiting: number[] = [];
      for (const each of steps) {
        if ('sent' in each) {
          recording.sent(each.sent);
          waiting.push(...each.sent);
        } else if ('heard' in each) {
          const both = recording.heard(each.heard);
          const played = waiting.splice(0, each.heard.length);
          const silence = Array(each.heard.length - played.length).fill(SILENCE);
          assert.equal(both.length, each.heard.length * 2);
          assert.deepEqual(channel(both, 0), [...each.heard]);
          assert.deepEqual(channel(both, 1), [...played, ...silence]);
        } else {
          recording.cleared();
          waiting = [];
        }
      }
    }),
  );
});

test('while the caller sends nothing, no more than ten seconds wait, and these are the last', () => {
  const recording = new StereoRecording();
  for (let second = 0; second < 12; second++) {
    recording.sent(new Uint8Array(8000).fill(second));
  }
  const agent = channel(recording.heard(new Uint8Array(11 * 8000)), 1);
  assert.deepEqual(
    Array.from({ length: 11 }, (_, second) => agent[second * 8000]),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, SILENCE],
  );
});

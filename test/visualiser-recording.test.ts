import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { mulawHeader, readWav } from '../src/audio/wav.ts';
import { type Recording, recordingOf } from '../src/journal/recordings.ts';
import { linearRecording } from '../src/orchestrator/linear-recording.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { CALL_SID } from './support/twilio-hand.ts';

const SOUND = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);

async function recorded(directory: string, sound: Uint8Array): Promise<Recording> {
  const file = Buffer.concat([mulawHeader(2, sound.length), sound]);
  await writeFile(join(directory, `${CALL_SID}.wav`), file);
  return (await recordingOf(directory, CALL_SID))!;
}

test('a recording in mu-law is given out as 16-bit samples of the same sound', async (t) => {
  const recording = linearRecording(await recorded(await temporaryDirectory(t), SOUND));
  const file = await buffer(recording.open());
  assert.equal(file.length, recording.bytes);
  const wav = readWav(file);
  assert.deepEqual([wav.channels, wav.sampleRateHz], [2, 8000]);
  assert.deepEqual(wav.samples, decodeMulaw(SOUND));
  assert.equal(file.readUInt16LE(20), 1, 'expected PCM');
});

test('every range of it is that part of the whole, within a sample as well', async (t) => {
  const recording = linearRecording(await recorded(await temporaryDirectory(t), SOUND));
  const whole = await buffer(recording.open());
  const place = fc.oneof(fc.nat(60), fc.nat(recording.bytes - 1));
  await fc.assert(
    fc.asyncProperty(place, place, async (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      assert.deepEqual(
        await buffer(recording.open({ start, end })),
        whole.subarray(start, end + 1),
      );
    }),
    { numRuns: 50 },
  );
  for (const range of [
    { start: 0, end: recording.bytes },
    { start: 5, end: 4 },
    { start: -1, end: 4 },
  ]) {
    assert.throws(() => recording.open(range), RangeError);
  }
});

test('a call without a sound has a recording without one', async (t) => {
  const recording = linearRecording(await recorded(await temporaryDirectory(t), new Uint8Array()));
  assert.equal(readWav(await buffer(recording.open())).samples.length, 0);
});

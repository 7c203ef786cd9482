import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { readWav } from '../src/audio/wav.ts';
import { CallRecording, startRecording } from '../src/call/call-recording.ts';
import { recordingOf } from '../src/journal/recordings.ts';
import { LogLines } from './support/log-lines.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const SID = `CA${'a1'.repeat(16)}`;
const FRAME_BYTES = 160;
/** A second of frames, by the number of each. */
const FRAMES = Array.from({ length: 50 }, (_, i) => new Uint8Array(FRAME_BYTES).fill(i));

/** All at once: nothing can be written meanwhile. */
function hearSeconds(recording: CallRecording, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    for (const frame of FRAMES) recording.heard(frame);
  }
}

async function newRecording(t: TestContext, longestMs?: number) {
  const lines = new LogLines();
  const directory = join(await temporaryDirectory(t), 'recordings');
  const path = join(directory, `${SID}.wav`);
  const recording = new CallRecording({ path, log: lines.log, ...(longestMs && { longestMs }) });
  return { recording, directory, path, lines };
}

test('a call becomes a stereo WAV file, the caller left, the agent right', async (t) => {
  const { recording, path, lines } = await newRecording(t);
  const caller = encodeMulaw(Int16Array.from({ length: 24_000 }, (_, i) => (i % 300) * 50));
  const agent = encodeMulaw(Int16Array.from({ length: 4000 }, (_, i) => -(i % 200) * 60));
  for (let at = 0; at < caller.length; at += FRAME_BYTES) {
    if (at === 8000) recording.sent(agent);
    if (at === 11_200) recording.cleared();
    recording.heard(caller.subarray(at, at + FRAME_BYTES));
  }
  await recording.close();
  const file = await readFile(path);
  const { channels, sampleRateHz, samples } = readWav(file);
  assert.deepEqual([channels, sampleRateHz], [2, 8000]);
  assert.deepEqual(
    samples.filter((_, i) => i % 2 === 0),
    decodeMulaw(caller),
  );
  const expected = new Int16Array(caller.length);
  expected.set(decodeMulaw(agent.subarray(0, 3200)), 8000);
  assert.deepEqual(
    samples.filter((_, i) => i % 2 === 1),
    expected,
  );
  assert.deepEqual([file.readUInt32LE(4), file.readUInt32LE(40)], [file.length - 8, 48_000]);
  assert.deepEqual(lines.written, []);
});

test('only its owner may read it', { skip: process.platform === 'win32' }, async (t) => {
  const { recording, directory, path } = await newRecording(t);
  await recording.close();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

test('it can be read while the call goes on, up to its last second', async (t) => {
  const { recording, directory } = await newRecording(t);
  hearSeconds(recording, 3);
  recording.heard(FRAMES[0]!);
  const deadlineMs = performance.now() + 10_000;
  let bytes = 0;
  // It is written when the event loop has the time for it.
  while (bytes < 44 + 48_000 && performance.now() < deadlineMs) {
    bytes = (await recordingOf(directory, SID))?.bytes ?? 0;
  }
  assert.ok(bytes >= 44 + 48_000, `expected three seconds on the disk, got ${bytes} bytes`);
  await recording.close();
  assert.equal((await recordingOf(directory, SID))?.bytes, 44 + 48_000 + 320);
});

test('what comes after its end is not kept, and ending twice does no harm', async (t) => {
  const { recording, path } = await newRecording(t);
  recording.heard(FRAMES[1]!);
  const closing = recording.close();
  recording.sent(FRAMES[2]!);
  recording.cleared();
  recording.heard(FRAMES[3]!);
  await Promise.all([closing, recording.close()]);
  assert.equal((await readFile(path)).length, 44 + 320);
});

test('a disk that fails ends the recording with one line, and nothing else', async (t) => {
  const directory = join(await temporaryDirectory(t), 'recordings');
  await writeFile(directory, 'a file where the directory should be');
  const lines = new LogLines();
  const recording = new CallRecording({ path: join(directory, `${SID}.wav`), log: lines.log });
  await recording.close();
  for (const frame of FRAMES) recording.heard(frame);
  recording.sent(FRAMES[0]!);
  await recording.close();
  assert.deepEqual(
    lines.all.map(({ msg, problem }) => [msg, problem]),
    [['recording dropped', 'EEXIST']],
  );
});

test('a recording that is there is never written over', async (t) => {
  const { recording, path, lines } = await newRecording(t);
  recording.heard(FRAMES[0]!);
  await recording.close();
  const before = await readFile(path);
  const again = new CallRecording({ path, log: lines.log });
  again.heard(FRAMES[1]!);
  await again.close();
  assert.deepEqual(await readFile(path), before);
  assert.equal(lines.saying('recording dropped').length, 1);
});

test('a disk that cannot follow costs a minute of memory at most', async (t) => {
  const { recording, path, lines } = await newRecording(t);
  hearSeconds(recording, 62);
  assert.deepEqual(
    lines.all.map(({ msg, problem }) => [msg, problem]),
    [['recording dropped', 'slowDisk']],
  );
  await recording.close();
  assert.equal((await readFile(path)).length, 44);
  assert.equal(lines.written.length, 1);
});

test('a recording has a greatest length', async (t) => {
  const { recording, path, lines } = await newRecording(t, 100);
  for (const frame of FRAMES.slice(0, 6)) recording.heard(frame);
  await recording.close();
  assert.deepEqual(
    lines.all.map(({ problem }) => problem),
    ['tooLong'],
  );
  assert.ok((await readFile(path)).length <= 44 + 1600);
});

test('nothing is recorded unless a directory is given, nor under a name that is no CallSid', async (t) => {
  const { log } = new LogLines();
  const directory = await temporaryDirectory(t);
  assert.equal(startRecording(undefined, SID, log), undefined);
  for (const name of ['', 'CA1', `../${SID}`, `${SID}/../x`, `${SID}\n`, `RE${SID.slice(2)}`]) {
    assert.equal(startRecording(directory, name, log), undefined, JSON.stringify(name));
  }
  const recording = startRecording(directory, SID, log);
  await recording?.close();
  assert.equal((await recordingOf(directory, SID))?.bytes, 44);
});

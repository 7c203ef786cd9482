import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { mulawHeader, readWav } from '../src/audio/wav.ts';
import {
  deleteOldRecordings,
  deleteRecordings,
  RecordingsError,
} from '../src/journal/delete-recordings.ts';
import { recordingOf } from '../src/journal/recordings.ts';
import { startRetention } from '../src/journal/retention-clock.ts';
import { freshSqlite } from './support/databases.ts';
import { LogLines } from './support/log-lines.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const HOUR_MS = 3_600_000;
const DAYS = { wordsDays: 30, messagesDays: 90, reservationsDays: 200, recordsDays: 400 };
const SOUND = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

function sid(n: number): string {
  return `CA${String(n).padStart(32, '0')}`;
}

/** As a process leaves it that dies: the length is open, and half a pair is at the end. */
async function unfinished(directory: string, callSid: string): Promise<void> {
  const file = Buffer.concat([mulawHeader(2, 0), SOUND, Uint8Array.of(9)]);
  await writeFile(join(directory, `${callSid}.wav`), file);
}

async function aged(directory: string, name: string, ageMs: number): Promise<void> {
  const path = join(directory, name);
  const at = new Date(Date.now() - ageMs);
  await writeFile(path, 'sound');
  await utimes(path, at, at);
}

test('a recording that its process did not finish is served with its true lengths', async (t) => {
  const directory = await temporaryDirectory(t);
  await unfinished(directory, sid(1));
  const recording = await recordingOf(directory, sid(1));
  const file = await buffer(recording?.open() as Readable);
  assert.equal(file.length, recording?.bytes);
  assert.deepEqual([file.readUInt32LE(4), file.readUInt32LE(40)], [1036, 1000]);
  assert.deepEqual(new Uint8Array(file.subarray(44)), SOUND);
  assert.equal(readWav(file).samples.length, 1000);
});

test('every range of it is that part of the whole', async (t) => {
  const directory = await temporaryDirectory(t);
  await unfinished(directory, sid(1));
  const recording = (await recordingOf(directory, sid(1)))!;
  const whole = await buffer(recording.open());
  const place = fc.nat(recording.bytes - 1);
  await fc.assert(
    fc.asyncProperty(place, place, async (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      const part = await buffer(recording.open({ start, end }));
      assert.deepEqual(part, whole.subarray(start, end + 1));
    }),
  );
  for (const [start, end] of [
    [0, recording.bytes],
    [-1, 3],
    [4, 3],
    [Number.NaN, 3],
  ] as const) {
    assert.throws(() => recording.open({ start, end }), RangeError);
  }
});

test('there is none of a call that was not recorded, nor of a name that is no CallSid', async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'secret.wav'), Buffer.concat([mulawHeader(2, 0), SOUND]));
  await writeFile(join(directory, `${sid(2)}.wav`), mulawHeader(2, 0).subarray(0, 43));
  const names = [sid(1), sid(2), 'secret', '', '..', `../${sid(2)}`, `${sid(2)}/../secret`];
  for (const name of names) {
    assert.equal(await recordingOf(directory, name), undefined, JSON.stringify(name));
  }
  assert.equal(await recordingOf(join(directory, 'missing'), sid(1)), undefined);
});

test('old recordings are deleted, and nothing else', async (t) => {
  const directory = await temporaryDirectory(t);
  await aged(directory, `${sid(1)}.wav`, 31 * 24 * HOUR_MS);
  await aged(directory, `${sid(2)}.wav`, 29 * 24 * HOUR_MS);
  for (const name of ['notes.wav', `${sid(3)}.mp3`, `${sid(4)}.wav.wav`, 'calls.sqlite']) {
    await aged(directory, name, 400 * 24 * HOUR_MS);
  }
  await mkdir(join(directory, `${sid(5)}.wav`));
  const before = Date.now() - 30 * 24 * HOUR_MS;
  assert.equal(await deleteOldRecordings(directory, before), 1);
  assert.equal((await readdir(directory)).length, 6);
  assert.equal(await deleteOldRecordings(directory, before), 0);
  assert.equal(await deleteOldRecordings(join(directory, 'missing'), before), 0);
});

test('recordings of given calls are deleted, as far as there are any', async (t) => {
  const directory = await temporaryDirectory(t);
  for (const n of [1, 2, 3]) await aged(directory, `${sid(n)}.wav`, 0);
  await aged(directory, 'secret.wav', 0);
  assert.equal(await deleteRecordings(directory, [sid(1), sid(3), sid(4), 'secret']), 2);
  assert.deepEqual((await readdir(directory)).toSorted(), [`${sid(2)}.wav`, 'secret.wav']);
  assert.equal(await deleteRecordings(join(directory, 'missing'), [sid(2)]), 0);
});

test('a link is deleted, not what it leads to', {
  skip: process.platform === 'win32',
}, async (t) => {
  const directory = await temporaryDirectory(t);
  const elsewhere = await temporaryDirectory(t);
  await aged(elsewhere, 'kept.wav', 0);
  await symlink(join(elsewhere, 'kept.wav'), join(directory, `${sid(1)}.wav`));
  assert.equal(await deleteRecordings(directory, [sid(1)]), 1);
  assert.deepEqual(await readdir(elsewhere), ['kept.wav']);
});

test('what cannot be deleted is told without its name', async (t) => {
  const directory = await temporaryDirectory(t);
  await mkdir(join(directory, `${sid(1)}.wav`));
  await assert.rejects(deleteRecordings(directory, [sid(1)]), (error) => {
    assert.ok(error instanceof RecordingsError);
    assert.match(error.message, /^expected to delete recordings, got E[A-Z]+$/);
    return true;
  });
});

test('retention deletes old recordings even while the database is down', async (t) => {
  const directory = await temporaryDirectory(t);
  await aged(directory, `${sid(1)}.wav`, 8 * 24 * HOUR_MS);
  await aged(directory, `${sid(2)}.wav`, 6 * 24 * HOUR_MS);
  const database = await (await freshSqlite(t)).open();
  await database.close();
  const lines = new LogLines();
  await startRetention(database, DAYS, lines.log, { directory, days: 7 }).stop();
  assert.deepEqual(await readdir(directory), [`${sid(2)}.wav`]);
  assert.deepEqual(
    lines.saying('retention enforced').map(({ recordings }) => recordings),
    [1],
  );
  assert.equal(lines.saying('retention failed').length, 1);
});

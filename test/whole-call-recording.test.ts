import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readWav } from '../src/audio/wav.ts';
import { recordingOf, recordingsDirectory } from '../src/journal/recordings.ts';
import type { CallReport } from '../src/simulators/twilio/call-report.ts';
import { CallStage } from './support/call-stage.ts';
import { LogLines } from './support/log-lines.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const SILENCE = 0xff;
const BYTES_PER_MS = 8;
/** A pause within what one side says; between two sayings there is more. */
const PAUSE_MS = 400;
/** Between the server's ear and the caller's: frames and the machine's own delays. */
const APART_MS = 150;
const LONG_REPLY =
  'We are open from Tuesday to Sunday, from noon until ten in the evening. On Mondays we are ' +
  'closed. The kitchen takes its last orders half an hour before we close.';

interface Saying {
  startMs: number;
  endMs: number;
}

/** Where there is sound in a track. */
function sayings(track: Uint8Array): Saying[] {
  const found: Saying[] = [];
  track.forEach((byte, at) => {
    if (byte === SILENCE) return;
    const ms = at / BYTES_PER_MS;
    const last = found.at(-1);
    if (last && ms - last.endMs < PAUSE_MS) last.endMs = ms;
    else found.push({ startMs: ms, endMs: ms });
  });
  return found;
}

function bytesOf(track: Uint8Array, saying: Saying | undefined): Uint8Array {
  assert.ok(saying, 'expected to have heard something');
  return Uint8Array.from(
    track.subarray(saying.startMs * BYTES_PER_MS, saying.endMs * BYTES_PER_MS + 1),
  );
}

async function tracks(directory: string, { callSid }: CallReport) {
  const file = await readFile(join(recordingsDirectory(directory), `${callSid}.wav`));
  const data = file.subarray(44);
  const { channels, sampleRateHz, samples } = readWav(file);
  assert.deepEqual([channels, sampleRateHz, samples.length], [2, 8000, data.length]);
  return { caller: data.filter((_, i) => i % 2 === 0), agent: data.filter((_, i) => i % 2 === 1) };
}

/** What was recorded of the agent, and what the caller heard of it. */
function assertSameSound(recorded: Uint8Array, heard: Uint8Array): void {
  const expected = sayings(heard);
  const got = sayings(recorded);
  assert.equal(got.length, expected.length);
  for (const [i, { startMs, endMs }] of got.entries()) {
    const apartMs = [startMs - expected[i]!.startMs, endMs - expected[i]!.endMs];
    const isNear = apartMs.every((ms) => Math.abs(ms) < APART_MS);
    assert.ok(isNear, `saying ${i}: ${apartMs} ms apart`);
  }
  // Nothing was cut of the greeting.
  assert.deepEqual(bytesOf(recorded, got[0]), bytesOf(heard, expected[0]));
}

describe('the sound of a call', { concurrency: 2 }, () => {
  test('is recorded with both sides where they were, and without what was cut', async (t) => {
    const directory = await temporaryDirectory(t);
    const lines = new LogLines();
    const options = {
      env: { RECORD_CALLS: 'on', DATA_DIRECTORY: directory },
      log: lines.log,
      ultravox: { reply: () => LONG_REPLY },
    };
    await CallStage.during(options, async (stage) => {
      const { report } = await stage.call(async (caller) => {
        await caller.agentAnswers(); // the greeting
        await caller.speak('hours');
        await caller.agentSpeaking();
        await caller.pause(2500);
        await caller.speak('wait');
        await caller.hangUp();
      });
      const { orchestrator } = stage.stage;
      await orchestrator.calls.settled();
      const { caller, agent } = await tracks(directory, report);
      const start = Buffer.from(report.callerTrack).indexOf(caller);
      assert.ok(start >= 0, 'expected the left channel to be what the caller said, frame by frame');
      assertSameSound(agent, report.agentTrack.subarray(start, start + agent.length));
      const [, interrupting] = sayings(caller);
      const cut = sayings(agent).find(({ endMs }) => endMs > interrupting!.startMs);
      assert.ok(cut && cut.endMs < interrupting!.endMs, 'expected the reply to have been cut');
      const served = await recordingOf(orchestrator.records.recordings, report.callSid);
      assert.equal(served?.bytes, 44 + 2 * caller.length);
    });
    assert.equal(lines.saying('calls are recorded').length, 1);
    assert.deepEqual(lines.saying('recording dropped'), []);
  });

  test('is not kept without the setting', async (t) => {
    const directory = await temporaryDirectory(t);
    const lines = new LogLines();
    const options = { env: { DATA_DIRECTORY: directory }, log: lines.log };
    await CallStage.during(options, async (stage) => {
      await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.hangUp();
      });
      assert.ok(!(await readdir(directory)).includes('recordings'));
    });
    assert.deepEqual(lines.saying('calls are recorded'), []);
  });
});

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { runCommand } from './support/run-command.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

test('the inference engine makes no device id and keeps nothing to report', async (t) => {
  const home = await temporaryDirectory(t);
  const env = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: home };
  const { code, stdout, stderr } = await runCommand(['test/support/start-voice-activity.ts'], env);
  assert.deepEqual([code, stdout, stderr], [0, 'started\n', '']);
  assert.deepEqual(await readdir(home), []);
});

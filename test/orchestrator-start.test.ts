import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** How a process ends whose orchestrator cannot start, and what it says. */
async function failedStart(directory: string, port: number) {
  const script = fileURLToPath(new URL('./support/failed-start.ts', import.meta.url));
  const child = spawn(process.execPath, [script, directory, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
}

test('an orchestrator that cannot listen leaves nothing open: its process ends by itself', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const ended = await failedStart(await temporaryDirectory(t), port);
  assert.deepEqual(ended, { code: 0, signal: null, output: 'EADDRINUSE\n' });
});

test('nor does one that has no place for its records', async (t) => {
  const file = join(await temporaryDirectory(t), 'file');
  await writeFile(file, '');
  const ended = await failedStart(join(file, 'data'), 0);
  assert.deepEqual(ended, { code: 0, signal: null, output: 'ENOTDIR\n' });
});

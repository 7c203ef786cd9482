import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './support/temporary-directory.ts';

test('an orchestrator that cannot start leaves nothing open: its process ends by itself', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const script = fileURLToPath(new URL('./support/failed-start.ts', import.meta.url));
  const directory = await temporaryDirectory(t);
  const child = spawn(process.execPath, [script, directory, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const ended = await new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  assert.deepEqual(ended, { code: 0, signal: null, output: 'EADDRINUSE\n' });
});

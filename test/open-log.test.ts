import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackPressure } from '../src/back-pressure.ts';
import { openLog } from '../src/open-log.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

test('what was logged is written when the log is closed', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  const file = openSync(path, 'w');
  t.after(() => closeSync(file));
  const { log, close } = openLog('info', new BackPressure(), file);
  for (let n = 0; n < 500; n++) log.info({ n }, 'line written');
  log.debug('not written');
  await close();
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).n),
    Array.from({ length: 500 }, (_, n) => n),
  );
});

test('warnings are written also while the process is behind, and its calls tell no more than a few lines', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  const file = openSync(path, 'w');
  t.after(() => closeSync(file));
  const pressure = new BackPressure();
  t.mock.getter(pressure, 'isBehind', () => true);
  const { log, close } = openLog('info', pressure, file);
  const call = log.child({ callSid: 'CA1' });
  for (let n = 0; n < 30; n++) {
    call.info('turn answered');
    call.warn('problem met');
  }
  await close();
  const said = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const count = (msg: string) => said.filter((line) => JSON.parse(line).msg === msg).length;
  assert.equal(count('problem met'), 30);
  assert.equal(count('turn answered'), 10);
  assert.equal(pressure.shed.log, 20);
});

test('whoever has stopped reading the log holds up neither the process nor its end', async (t) => {
  // A pipe that nobody reads: the shell's `sleep` has its other end.
  const script = join(import.meta.dirname, 'support', 'endless-log.ts');
  const command = `"$1" "$2" | sleep 20`;
  const child = spawn('sh', ['-c', command, 'sh', process.execPath, script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  t.after(() => process.kill(-child.pid!, 'SIGKILL'));
  const { dropped, heapMb } = JSON.parse(await firstLine(child));
  assert.ok(dropped > 1000, `expected lines to be given up, got ${dropped}`);
  assert.ok(heapMb < 100, `expected what waits to be bounded, got ${heapMb} MB`);
});

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const piece of child.stderr!) {
    text += piece;
    if (text.includes('\n')) break;
  }
  return text;
}

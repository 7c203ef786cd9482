import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCaptureArguments } from '../src/replay/capture-arguments.ts';
import { captureCall } from '../src/replay/capture-call.ts';
import { capturedTest } from '../src/replay/captured-test.ts';
import { readJournal } from '../src/replay/journal.ts';
import { recordedSyntheticCall } from './support/recorded-synthetic-call.ts';
import { runCommand } from './support/run-command.ts';
import { SyntheticCall } from './support/synthetic-call.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { wholeCall, withPayload } from './support/whole-synthetic-call.ts';

const CAPTURE = 'src/capture.ts';
const BIOME = 'node_modules/@biomejs/biome/bin/biome';

/** Captures the call into a file of its own. */
async function captured(t: TestContext, call: Pick<SyntheticCall, 'events'>, ...args: string[]) {
  const env = await recordedSyntheticCall(t, call, null);
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'captured.test.ts');
  const result = await runCommand([CAPTURE, 'CA1', ...args, '--out', file], env);
  assert.equal(result.stderr, '');
  assert.equal(result.code, 0);
  return { file, env, stdout: result.stdout, text: await readFile(file, 'utf8') };
}

async function assertClean(text: string): Promise<void> {
  const args = [BIOME, 'check', '--write', '--stdin-file-path=test/captured/captured.test.ts'];
  const { code, stdout } = await runCommand(args, {}, text);
  assert.equal(stdout, text);
  assert.equal(code, 0);
}

test('a captured call is a test that fails until the fault is gone', async (t) => {
  const call = new SyntheticCall().send('line.started').pass(1730).send('agent.finished').pass(977);
  call.send('caller.spoke').pass(911).send('caller.finished').pass(700).send('agent.failed');
  const { file, stdout, text } = await captured(
    t,
    call.pass(977).send('agent.finished'),
    '--symptom',
    'event:agent.failed',
  );
  assert.match(
    stdout,
    /^event:agent\.failed: of 6 events 2 are left, written to .*captured\.test\.ts\n$/,
  );
  await assertClean(text);
  const failing = await runCommand(['--test', file]);
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /the call is not moved by agent\.failed/);
  const healed = file.replace('captured', 'healed');
  await writeFile(healed, text.replace("type: 'agent.failed'", "type: 'caller.paused'"));
  assert.equal((await runCommand(['--test', healed])).code, 0);
});

test('a captured difference is a test that fails until the call goes as recorded', async (t) => {
  const { events } = wholeCall();
  const bargeIn = events.find(
    ({ payload }) => (payload as { path?: string }).path === 'conversation.bargeIn',
  );
  const changed = withPayload(events, bargeIn?.seq ?? 0, {
    path: 'conversation.listening.waiting',
  });
  const { file, stdout, text } = await captured(t, { events: changed });
  assert.match(stdout, /^difference: of \d+ events \d are left/);
  await assertClean(text);
  assert.equal((await runCommand(['--test', file])).code, 1);
  const healed = file.replace('captured', 'healed');
  await writeFile(
    healed,
    text.replace("'conversation.listening.waiting'", "'conversation.bargeIn'"),
  );
  assert.equal((await runCommand(['--test', healed])).code, 0);
});

test('a captured test is formatted however long its names are', async () => {
  const call = new SyntheticCall({ personReachable: false }).send('line.started').pass(120_000 - 1);
  call.pass(1).send({ type: 'agent.transferred', destination: 'The "manager" of it' });
  const journal = readJournal(call.pass(20_000).events);
  const file = resolve('test/captured/captured.test.ts');
  const timer = 'event:xstate.after.agentTurn.call.conversation.greeting';
  const kinds = ['state:ended', 'state:handoff.announcing', 'state:conversation.greeting', timer];
  const texts = kinds.map((kind) => capturedTest(captureCall(journal, kind), file));
  const farOff = resolve('test', 'a-directory-with-a-long-name/'.repeat(3), 'captured.test.ts');
  const long = capturedTest(captureCall(journal, 'state:ended'), farOff);
  const continued = { cutOff: 'answer', elapsedMs: 60_000, turns: 1 } as const;
  const goesOn = new SyntheticCall({ continued }).send('line.started').pass(2000);
  const later = ['state:conversation.greeting', 'state:conversation.thinking.quiet'].map((kind) => {
    const life = readJournal(goesOn.send('agent.finished').pass(500).events);
    return capturedTest(captureCall(life, kind), file);
  });
  assert.match(later[1] ?? '', /continued: \{ cutOff: 'answer', elapsedMs: 60_000, turns: 1 \}/);
  await Promise.all([...texts, ...later, long].map(assertClean));
});

test('a captured test holds nothing of the call but what its machine was told', async (t) => {
  const call = new SyntheticCall()
    .send('line.started')
    .hear(640, 'silence')
    .note('turn.answered', { turn: 1 });
  call.note('tool.ended', { name: 'hold_table', beganAt: 1, endedAt: 2, accepted: true });
  call.send({ type: 'agent.transferred', destination: 'Maria' }).pass(99).send('agent.finished');
  const { text } = await captured(t, call, '--symptom', 'outcome:handedOff');
  assert.doesNotMatch(text, /CA1|Maria|Good evening|hold_table|\d{6}|windows/);
  assert.match(text, /\{ ms: 100, type: 'agent\.transferred', destination: 'somebody' \}/);
});

test('capture overwrites nothing, and says what shows where nothing was captured', async (t) => {
  const call = new SyntheticCall().send('line.started').pass(500).send('line.lost');
  const { file, env, text } = await captured(t, call);
  const again = await runCommand([CAPTURE, 'CA1', '--out', file], env);
  assert.deepEqual([again.code, again.stdout], [2, '']);
  assert.match(again.stderr, /expected a new file, got .*captured\.test\.ts, which is there/);
  assert.equal(await readFile(file, 'utf8'), text);
  const missing = await runCommand([CAPTURE, 'CA1', '--symptom', 'stuck'], env);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /got stuck\nusual ones that show: outcome:lost\n/);
});

test('the arguments of a capture are one call, a symptom and a file of tests', () => {
  const { out, ...rest } = readCaptureArguments([
    'CA1',
    '--symptom',
    'stuck',
    '--out',
    'test/x.test.ts',
  ]);
  assert.deepEqual(rest, { callSid: 'CA1', symptom: 'stuck' });
  assert.match(out ?? '', /^\/.*test\/x\.test\.ts$/);
  assert.throws(
    () => readCaptureArguments(['CA1', '--out', 'x.ts']),
    /--out: expected a file named/,
  );
  assert.throws(() => readCaptureArguments([]), /expected one CallSid, got 0\n\nnpm run capture/);
});

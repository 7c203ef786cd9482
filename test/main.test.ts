import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Simulators, startSimulators } from '../src/stage.ts';
import { ChildServer } from './support/child-server.ts';
import { freePort } from './support/free-port.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { TwilioHand } from './support/twilio-hand.ts';

const CALL_SID = `CA${'4'.repeat(32)}`;

test('without settings the server names all that are missing, and ends', async () => {
  const server = new ChildServer({});
  try {
    assert.equal(await server.exited(20_000), 1);
  } finally {
    server.kill();
  }
  const required = ['PUBLIC_URL', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'CARTESIA_API_KEY'];
  for (const name of [...required, 'HF_TOKEN']) assert.match(server.stderr, new RegExp(name));
  assert.doesNotMatch(server.stderr, /\bat .*\.ts:\d+/, 'expected no stack trace');
  assert.equal(server.stdout, '');
});

describe('the server as its own process', { concurrency: 2 }, () => {
  let simulators: Simulators;
  let env: Record<string, string>;
  before(async () => {
    simulators = await startSimulators({ cartesia: { voice: 'tone', realTimeFactor: 50 } });
    env = { ...simulators.env, RESTAURANT_GREETING: 'Hello.' };
  });
  after(() => simulators.close());

  test('serves, and on SIGTERM lets a live call finish, takes no other, and exits 0', async () => {
    const server = new ChildServer({ ...env, SHUTDOWN_GRACE_SECONDS: '30' });
    try {
      const { port } = await server.says('listening');
      await server.says('Model pre-warming completed');
      const url = `http://127.0.0.1:${port}`;
      const hand = new TwilioHand(url, env.TWILIO_AUTH_TOKEN!);
      const call = simulators.twilio.placeCall({
        webhookUrl: `${url}/`,
        publicUrl: simulators.publicUrl,
        maxMs: 30_000,
        caller: async (caller) => {
          await caller.agentSpeaking();
          server.signal('SIGTERM');
          await server.says('draining');
          const late = await hand.post('/', { CallSid: CALL_SID });
          assert.match(late.text, /<Say[^>]*>.*busy.*<\/Say><Dial/);
          assert.equal((await hand.get('/ready', { signature: undefined })).status, 503);
          await caller.agentSilent();
          for (const digit of ['4', '2', '#']) await caller.press(digit);
          await caller.agentSpeaking();
          await caller.agentSilent();
          assert.ok(caller.connected, 'expected the live call to be left alone');
        },
      });
      const report = await call.ended;
      assert.equal(report.scriptError, undefined);
      assert.equal(await server.exited(5000), 0);
    } finally {
      server.kill();
    }
    const ended = server.lines.filter(({ msg }) => msg === 'call ended');
    assert.deepEqual(
      ended.map(({ outcome }) => outcome),
      ['completed'],
    );
    assert.equal(server.lines.at(-1)?.msg, 'closed');
    assert.equal(server.stderr, '');
  });

  test('on SIGTERM without grace says goodbye to a live call, and exits 0', async () => {
    const server = new ChildServer({ ...env, SHUTDOWN_GRACE_SECONDS: '0' });
    try {
      const { port } = await server.says('listening');
      await server.says('Model pre-warming completed');
      const call = simulators.twilio.placeCall({
        webhookUrl: `http://127.0.0.1:${port}/`,
        publicUrl: simulators.publicUrl,
        maxMs: 30_000,
        caller: async (caller) => {
          await caller.agentSpeaking();
          await caller.agentSilent();
          server.signal('SIGTERM');
          await caller.agentSpeaking();
          await caller.hungUp();
        },
      });
      const report = await call.ended;
      assert.equal(report.scriptError, undefined);
      assert.equal(await server.exited(5000), 0);
      const ended = server.lines.find(({ msg }) => msg === 'call ended');
      assert.deepEqual([ended?.outcome, ended?.reason], ['timedOut', 'shutdown']);
    } finally {
      server.kill();
    }
  });

  test('that cannot start leaves no vLLM behind', async (t) => {
    const directory = await temporaryDirectory(t);
    const [command, pidFile] = [join(directory, 'vllm'), join(directory, 'pid')];
    await writeFile(command, `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 1000\n`, { mode: 0o755 });
    const { ULTRAVOX_URL: _, ...withoutEngine } = env;
    const taken = new URL(simulators.twilio.restUrl).port;
    const vllm = { VLLM_COMMAND: command, VLLM_PORT: String(await freePort()) };
    const server = new ChildServer({ ...withoutEngine, HF_TOKEN: 'a token', ...vllm, PORT: taken });
    try {
      assert.equal(await server.exited(20_000), 1);
    } finally {
      server.kill();
    }
    assert.match(server.stderr, /EADDRINUSE/);
    const pid = Number(await readFile(pidFile, 'utf8'));
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  test('told to go while it starts, and told so twice, it closes what it has begun', async () => {
    const server = new ChildServer({ ...env, SHUTDOWN_GRACE_SECONDS: '1' });
    try {
      await server.says('engine state changed');
      server.signal('SIGTERM');
      server.signal('SIGINT');
      assert.equal(await server.exited(10_000), 0);
    } finally {
      server.kill();
    }
    assert.equal(server.lines.at(-1)?.msg, 'closed');
    assert.equal(server.stderr, '');
  });
});

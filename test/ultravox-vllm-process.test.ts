import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StandInVllm } from './support/stand-in-vllm.ts';
import { HF_TOKEN, MODEL, WatchedVllm } from './support/watched-vllm.ts';

describe('a vLLM of our own', { concurrency: 2 }, () => {
  test('is started, loads, answers, serves, and its log is part of ours', async (t) => {
    const env = { ...process.env, TWILIO_AUTH_TOKEN: 'secret', CARTESIA_API_KEY: 'secret' };
    const watched = await WatchedVllm.open(t, { env });
    const running = watched.run();
    const life = await watched.standIn.nextLife();
    assert.deepEqual(life.args.slice(0, 2), ['serve', MODEL]);
    assert.equal(life.env.HF_TOKEN, HF_TOKEN);
    for (const name of ['TWILIO_AUTH_TOKEN', 'CARTESIA_API_KEY']) assert.ok(!(name in life.env));
    const loading = watched.enters('loading');
    await life.say(`INFO 12-02 15:47:51 [core.py:93] Loading with ${HF_TOKEN}.\n`);
    await loading;
    await life.say('(EngineCore_DP0 pid=7) ERROR 12-02 15:47:52 [core.py:94] Oh.\n', 'stderr');
    await life.serve();
    await running;
    assert.equal(watched.vllm.state, 'warming');
    watched.vllm.prove();
    await watched.vllm.stop();
    await life.ends();
    assert.deepEqual(watched.states, [
      'starting',
      'loading',
      'warming',
      'ready',
      'ending',
      'stopped',
    ]);
    const said = watched.lines.saying('vllm says');
    assert.deepEqual(
      said.map(({ component, level, line }) => ({ component, level, line })),
      [
        { component: 'vllm', level: 30, line: '[core.py:93] Loading with [hidden].' },
        { component: 'vllm', level: 50, line: '[core.py:94] Oh.' },
      ],
    );
    assert.doesNotMatch(watched.lines.written.join(''), new RegExp(`${HF_TOKEN}|secret`));
  });

  test('that dies at its start fails who waits for it, and is started again after growing pauses', async (t) => {
    const watched = await WatchedVllm.open(t);
    for (let life = 0; life < 3; life++) {
      const running = watched.run();
      const failing = assert.rejects(running, {
        name: 'VllmError',
        message: 'expected vLLM to run, it ended with code 3',
      });
      const dying = await watched.standIn.nextLife();
      await dying.say('ModuleNotFoundError: no GPU here', 'stderr');
      const crashed = watched.enters('crashed');
      await dying.exit(3);
      await failing;
      await crashed;
    }
    assert.deepEqual(
      watched.crashes.map(({ restartInMs }) => restartInMs),
      [10, 20, 40],
    );
    const running = watched.run();
    await (await watched.standIn.nextLife()).serve();
    await running;
    // The last line had no end.
    assert.equal(watched.lines.saying('vllm says').length, 3);
  });

  test('that is not installed is said so', async (t) => {
    const watched = await WatchedVllm.open(t, {
      command: '/nowhere/vllm',
      limits: { firstMs: 9000 },
    });
    const crashed = watched.enters('crashed');
    await assert.rejects(watched.run(), /could not be run: spawn \/nowhere\/vllm ENOENT/);
    await crashed;
    await watched.vllm.stop();
    assert.equal(watched.vllm.state, 'stopped');
    await assert.rejects(watched.run(), /it was stopped/);
  });

  test('that nobody could start is said so, too', async (t) => {
    const watched = await WatchedVllm.open(t, { command: 'no\0program' });
    await assert.rejects(watched.run(), /could not be run: .*null bytes/);
    await watched.enters('crashed');
    assert.equal(watched.crashes[0]?.restartInMs, 10);
  });

  test('that hangs while it loads is ended and started again', async (t) => {
    const watched = await WatchedVllm.open(t, { limits: { loadingMs: 300 } });
    const crashed = watched.enters('crashed');
    await assert.rejects(watched.run(), /expected an answer within 300 ms of its start, got none/);
    await crashed;
    await watched.enters('starting');
    assert.equal(watched.states.at(-3), 'ending');
  });

  test('whoever no longer waits for it leaves it alone', async (t) => {
    const watched = await WatchedVllm.open(t);
    const impatient = new AbortController();
    const left = assert.rejects(watched.vllm.ensureRunning(impatient.signal), {
      name: 'AbortError',
    });
    const life = await watched.standIn.nextLife();
    impatient.abort();
    await left;
    const patient = watched.run();
    await life.serve();
    await patient;
    assert.equal(watched.standIn.lives.length, 1);
  });

  test('is ended although it ignores SIGTERM, with the processes that it has started', async (t) => {
    const watched = await WatchedVllm.open(t, { limits: { graceMs: 100 } });
    const running = watched.run();
    const life = await watched.standIn.nextLife();
    await life.startWorker();
    const worker = await watched.standIn.nextLife();
    await Promise.all([worker.ignoreSigterm(), life.ignoreSigterm(), life.serve()]);
    await running;
    await watched.vllm.stop();
    await Promise.all([life.ends(), worker.ends()]);
    assert.deepEqual(watched.lines.saying('processes of vLLM do not end'), []);
  });

  test('that dies leaves no process behind that would keep the GPU from the next one', async (t) => {
    const watched = await WatchedVllm.open(t);
    const running = watched.run();
    const life = await watched.standIn.nextLife();
    await life.startWorker();
    const worker = await watched.standIn.nextLife();
    await Promise.all([worker.ignoreSigterm(), life.serve()]);
    await running;
    watched.vllm.prove();
    const again = watched.enters('starting');
    await life.exit(137);
    await worker.ends();
    await again;
    assert.deepEqual(watched.crashes, [{ why: 'it ended with code 137', restartInMs: 10 }]);
  });

  test('is not started beside what holds its port, which is named', async (t) => {
    const watched = await WatchedVllm.open(t);
    const holder = createServer().listen(watched.standIn.port, '127.0.0.1');
    await once(holder, 'listening');
    const refused = new RegExp(
      `expected port ${watched.standIn.port} to be free for vLLM, .*process.* listens there`,
    );
    await assert.rejects(watched.run(), refused);
    if (process.platform === 'linux') {
      assert.match(watched.lines.written.join(''), new RegExp(`process ${process.pid} \\(`));
    }
    assert.deepEqual(watched.standIn.lives, []);
    holder.close();
    await once(holder, 'close');
    const answering = watched.enters('warming');
    await (await watched.standIn.nextLife()).serve();
    await answering;
  });

  test('does not outlive us, however we die', async (t) => {
    const standIn = await StandInVllm.open(t);
    const script = fileURLToPath(new URL('./support/vllm-parent.ts', import.meta.url));
    const args = ['-C', 'development', script, standIn.command, String(standIn.port)];
    const parent = spawn(process.execPath, args, { stdio: 'ignore' });
    t.after(() => parent.kill('SIGKILL'));
    const life = await standIn.nextLife();
    await life.startWorker();
    const worker = await standIn.nextLife();
    parent.kill('SIGKILL');
    await Promise.all([life.ends(), worker.ends()]);
  });
});

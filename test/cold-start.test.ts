import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimWhenReady } from '../src/orchestrator/stream-claims.ts';
import { startSimulators } from '../src/stage.ts';
import type { StreamStart } from '../src/twilio/media-stream.ts';
import { ChildServer } from './support/child-server.ts';

const START = { callSid: `CA${'1'.repeat(32)}` } as StreamStart;

test('the server listens before its sentences are rendered, and a call that comes then hears them', async (t) => {
  // Some ten sentences, one after the other.
  const cartesia = { voice: 'tone', realTimeFactor: 50, firstByteMs: 400 } as const;
  const simulators = await startSimulators({ cartesia });
  t.after(() => simulators.close());
  const server = new ChildServer({ ...simulators.env, SHUTDOWN_GRACE_SECONDS: '5' });
  t.after(() => server.kill());
  const { port } = await server.says('listening');
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => (await fetch(`${url}/ready`)).json();
  await server.says('Model pre-warming completed');
  assert.deepEqual(await ready(), { ready: false, reason: 'engine', engine: 'ready.trusted' });
  const call = simulators.twilio.placeCall({
    webhookUrl: `${url}/`,
    publicUrl: simulators.publicUrl,
    maxMs: 30_000,
    caller: async (caller) => {
      await caller.agentSpeaking();
      await caller.agentSilent();
    },
  });
  assert.equal((await call.ended).scriptError, undefined);
  assert.deepEqual(await ready(), { ready: true, engine: 'ready.trusted' });
  server.signal('SIGTERM');
  assert.equal(await server.exited(20_000), 0);
});

test('a stream waits for what is being prepared, and is refused when that fails or takes too long', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const soon = Promise.withResolvers<void>();
  const claimed = claimWhenReady({ ready: soon.promise }, async () => false)(START);
  soon.resolve();
  assert.equal(await claimed, false, 'then it is claimed as usual');
  assert.equal(await claimWhenReady({ ready: soon.promise }, undefined)(START), true);
  const failed = Promise.reject(new Error('nothing to say'));
  assert.equal(await claimWhenReady({ ready: failed }, undefined)(START), false);
  const late = claimWhenReady({ ready: new Promise(() => {}) }, undefined)(START);
  t.mock.timers.tick(10_000);
  assert.equal(await late, false);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createActor, fromPromise } from 'xstate';
import { type EngineMachineEvent, engineMachine } from '../machines/engine.ts';
import { statePath } from '../machines/state-path.ts';

const LIMITS = {
  warmUpMs: 60_000,
  probeMs: 5000,
  probeIntervalMs: 30_000,
  forgiveMs: 10_000,
  failures: 3,
  backOffMs: 1000,
  backOffMaxMs: 8000,
};

test('an engine that warms up takes calls', async (t) => {
  const engine = start(t);
  assert.equal(engine.state, 'cold');
  assert.equal(engine.send('engine.start').state, 'warming');
  await engine.warmed();
  assert.equal(engine.state, 'ready.trusted');
});

test('a failed start is tried again after a growing pause', async (t) => {
  const engine = start(t).send('engine.start');
  for (const pauseMs of [1000, 2000, 4000, 8000, 8000]) {
    await engine.warmUpFails();
    assert.equal(engine.state, 'down');
    t.mock.timers.tick(pauseMs - 1);
    assert.equal(engine.state, 'down');
    t.mock.timers.tick(1);
    assert.equal(engine.state, 'warming');
  }
});

test('a start that hangs counts as failed', (t) => {
  const engine = start(t).send('engine.start');
  t.mock.timers.tick(LIMITS.warmUpMs);
  assert.equal(engine.state, 'down');
});

test('three failed generations in a row bring it down, a success in between does not', async (t) => {
  const engine = start(t).send('engine.start');
  await engine.warmed();
  engine.send('request.failed', 'request.failed', 'request.succeeded');
  assert.equal(engine.state, 'ready.trusted');
  engine.send('request.failed', 'request.failed');
  assert.equal(engine.state, 'failing');
  assert.equal(engine.send('request.failed').state, 'down');
});

test('a silent engine is probed, and one that hangs in the probe comes down', async (t) => {
  const engine = start(t).send('engine.start');
  await engine.warmed();
  t.mock.timers.tick(LIMITS.probeIntervalMs);
  assert.equal(engine.state, 'ready.probing');
  for (const expected of ['failing', 'failing', 'down']) {
    t.mock.timers.tick(LIMITS.probeMs);
    assert.equal(engine.state, expected);
    if (expected === 'failing') t.mock.timers.tick(LIMITS.forgiveMs);
  }
});

test('an engine that answers a live call is up again', async (t) => {
  const engine = start(t).send('engine.start');
  await engine.warmUpFails();
  assert.equal(engine.send('request.succeeded').state, 'ready.trusted');
});

test('a drained engine stays drained', (t) => {
  const engine = start(t).send('engine.start', 'engine.drain');
  assert.equal(engine.state, 'draining');
  t.mock.timers.tick(1_000_000);
  assert.equal(engine.state, 'draining');
});

function start(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let settle = Promise.withResolvers<void>();
  const machine = engineMachine.provide({
    actors: {
      warmUp: fromPromise(() => settle.promise),
      probe: fromPromise(() => new Promise<void>(() => {})),
    },
  });
  const actor = createActor(machine, { input: { limits: LIMITS } });
  actor.start();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const engine = {
    get state() {
      return statePath(actor.getSnapshot().value);
    },
    send(...types: EngineMachineEvent['type'][]) {
      for (const type of types) actor.send({ type });
      return engine;
    },
    async warmed() {
      settle.resolve();
      await turn();
    },
    async warmUpFails() {
      const failing = settle;
      settle = Promise.withResolvers<void>();
      failing.reject(new Error('no GPU'));
      await turn();
    },
  };
  return engine;
}

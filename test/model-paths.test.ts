import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActor, createMachine, type EventObject } from 'xstate';
import { callMachine } from '../machines/call.ts';
import type { CallInput } from '../machines/call-protocol.ts';
import { engineMachine } from '../machines/engine.ts';
import { CALL_DRIVER, type CallWorld } from './model/call-driver.ts';
import { callModels } from './model/call-model.ts';
import { Coverage } from './model/coverage.ts';
import { drive } from './model/driver.ts';
import { ENGINE_DRIVER } from './model/engine-driver.ts';
import { ENGINE_LIMITS, engineModel } from './model/engine-model.ts';
import { LiveCall } from './model/live-call.ts';
import { LiveEngine } from './model/live-engine.ts';
import { isInTime } from './model/machine-model.ts';
import { essentialPaths, type Path, shortestPaths } from './model/paths.ts';
import { SteppingClock } from './model/stepping-clock.ts';
import { callPathsForWorld, enginePathsForWorld } from './model/world-paths.ts';

test('a real call follows every path of its model and takes every transition it declares', async (t) => {
  const startedAt = performance.now();
  const all = callModels().flatMap(shortestPaths);
  const paths = essentialPaths(all);
  const pureMs = performance.now() - startedAt;
  const coverage = new Coverage(callMachine);
  for (const path of paths) {
    await drive(path, CALL_DRIVER, new LiveCall(inputOf(path), coverage));
  }
  coverage.assertWhole();
  const liveMs = performance.now() - startedAt - pureMs;
  t.diagnostic(`${all.length} edges explored in ${pureMs.toFixed()} ms`);
  t.diagnostic(`${paths.length} paths, ${stepsOf(paths)} steps driven in ${liveMs.toFixed()} ms`);
});

test('a real engine follows every path of its model and takes every transition it declares', async () => {
  const coverage = new Coverage(engineMachine);
  for (const path of essentialPaths(shortestPaths(engineModel()))) {
    await drive(path, ENGINE_DRIVER, new LiveEngine({ limits: ENGINE_LIMITS }, coverage.inspect));
  }
  coverage.assertWhole();
});

test('a few paths take every transition of a call, each timer in its time', async () => {
  const paths = callPathsForWorld();
  const coverage = new Coverage(callMachine);
  const forced: string[] = [];
  for (const path of paths) {
    const call: CallWorld = new LiveCall(inputOf(path), coverage);
    call.force = (event) => {
      forced.push(event.type);
      return CALL_DRIVER[event.type as keyof typeof CALL_DRIVER].act(call, event as never);
    };
    await drive(path, CALL_DRIVER, call, ({ from, event }) => assert.ok(isInTime(from, event)));
  }
  coverage.assertWhole();
  assert.ok(paths.length <= 65, `expected few paths, got ${paths.length}`);
  assert.equal(forced.length, paths.flatMap((path) => path.forced).length);
  assert.deepEqual([...new Set(forced)].sort(), [
    // Clips do not fail, and our actors do not break, unless a test has them do so.
    'agent.failed',
    'xstate.error.actor.agent',
    'xstate.error.actor.ears',
    'xstate.error.actor.line',
  ]);
});

test('a few paths take every transition of an engine, each timer in its time', async () => {
  const paths = enginePathsForWorld();
  const coverage = new Coverage(engineMachine);
  for (const path of paths) {
    assert.deepEqual(path.forced, []);
    const engine = new LiveEngine({ limits: ENGINE_LIMITS }, coverage.inspect);
    await drive(path, ENGINE_DRIVER, engine, ({ from, event }) => assert.ok(isInTime(from, event)));
  }
  coverage.assertWhole();
  assert.ok(paths.length <= 15, `expected few paths, got ${paths.length}`);
});

test('a world that departs from the model is caught where it does', async () => {
  const path = shortestPaths(callModels()[0]!).find(({ steps }) => steps.length === 5)!;
  const deaf = new LiveCall(inputOf(path));
  deaf.speak = () => {};
  let foretold: readonly EventObject[] = [];
  (deaf as CallWorld).foretell = (events) => {
    foretold = events;
  };
  await assert.rejects(drive(path, CALL_DRIVER, deaf), /after line\.started.* > caller\.spoke/);
  assert.equal(foretold.length, path.steps.length);
});

test('a transition that was missed is named by source, event, guard and target', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: {
        on: {
          go: [
            {
              guard: function isFree() {
                return true;
              },
              target: 'b',
            },
            'c',
          ],
        },
      },
      b: {},
      c: {},
    },
  });
  const coverage = new Coverage(machine);
  assert.deepEqual(coverage.missed, ['m.a --go[isFree]--> m.b', 'm.a --go--> m.c']);
  createActor(machine, coverage).start().send({ type: 'go' });
  assert.throws(() => coverage.assertWhole(), {
    message: '1 of 2 transitions were taken, not:\n  m.a --go--> m.c',
  });
});

test('timers that set one another fire at their exact times', () => {
  const clock = new SteppingClock();
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { after: { 10: 'b' } }, b: { after: { 10: 'c' } }, c: { after: { 10: 'a' } } },
  });
  const actor = createActor(machine, { clock });
  clock.of(actor);
  actor.start();
  for (const expected of ['b', 'c', 'a', 'b']) {
    clock.fire(clock.pending[0]!.type);
    assert.equal(actor.getSnapshot().value, expected);
  }
  assert.equal(clock.nowMs, 40);
});

function inputOf({ model }: Path): CallInput {
  return model.options.input as CallInput;
}

function stepsOf(paths: readonly Path[]): number {
  return paths.reduce((sum, { steps }) => sum + steps.length, 0);
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { callMachine } from '../machines/call.ts';
import type { CallInput } from '../machines/call-protocol.ts';
import { CALL_DRIVER } from './model/call-driver.ts';
import { assertInvariants } from './model/call-invariants.ts';
import { callModels } from './model/call-model.ts';
import { callWalk, walkCall } from './model/call-walk.ts';
import { CallWatch } from './model/call-watch.ts';
import { drive } from './model/driver.ts';
import { engineWalk, walkEngine } from './model/engine-walk.ts';
import { LiveCall } from './model/live-call.ts';
import { essentialPaths, shortestPaths } from './model/paths.ts';

/** fast-check prints it, with the path to the smallest walk that fails. */
const SEED = Number(process.env.WALK_SEED ?? 20_251);

test('a call keeps its promises on every path', async () => {
  for (const path of essentialPaths(callModels().flatMap(shortestPaths))) {
    const call = new LiveCall(path.model.options.input as CallInput);
    const watch = new CallWatch(call);
    await drive(path, CALL_DRIVER, call, ({ event }, way) =>
      assertInvariants(watch.next(event.type), way),
    );
  }
});

test('a call keeps its promises whatever happens to it, and then ends by itself', () => {
  fc.assert(
    fc.property(callWalk, (walk) => walkCall(walk)),
    { seed: SEED, numRuns: 1000 },
  );
});

test('an engine keeps its promises whatever happens to it, and then takes calls again', async () => {
  await fc.assert(
    fc.asyncProperty(engineWalk, (moves) => walkEngine(moves)),
    { seed: SEED, numRuns: 500 },
  );
});

test('a call that has ended hears nothing more', (t) => {
  t.mock.method(console, 'warn', () => {});
  const call = new LiveCall(callModels()[0]!.options.input as CallInput);
  const watch = new CallWatch(call);
  for (const happen of [call.startStream, call.hangUp, call.speak, call.hangUp, call.shutDown]) {
    happen();
    assertInvariants(watch.next('anything'), () => happen.name);
  }
  assert.equal(call.actor.getSnapshot().output?.outcome, 'abandoned');
});

describe('walks find', () => {
  const nothing = () => {};
  for (const [fault, implementations, promise] of [
    ['a voice that is not stopped', { actions: { hush: nothing } }, 'sound stops before anything'],
    [
      'a floor that is not yielded',
      { actions: { yieldFloor: nothing } },
      'agent is silent while|held back only',
    ],
    ['ears that do not rest', { actions: { stopListening: nothing } }, 'the ears attend to what'],
    ['a timer that is set twice', { actions: { forgetInactivity: nothing } }, 'no timer is lost'],
    ['a cap that is not set', { actions: { startCallCap: nothing } }, 'always under the cap'],
    [
      'a cap on turns that is forgotten',
      { guards: { turnsAreUsedUp: () => false } },
      'no more answers',
    ],
    [
      'words that are owed after a break, and forgotten',
      { guards: { answerIsOwedFromBefore: () => false } },
      'what a break cost the caller follows',
    ],
    [
      'a hand-over that waits for ever',
      { actions: { awaitPause: nothing } },
      'has a deadline for it',
    ],
    [
      'a pause that is not used to move on',
      { guards: { isMovingOn: () => false } },
      'does so at the first pause',
    ],
    ['an outcome that is forgotten', { actions: { conclude: nothing } }, 'a call has its outcome'],
    ['a goodbye without words', { actions: { play: nothing } }, 'time never ends a call without'],
  ] as const) {
    test(fault, () => {
      const machine = callMachine.provide(implementations as never);
      const found = fc.check(
        fc.property(callWalk, (walk) => walkCall(walk, { machine })),
        { seed: 20_251, numRuns: 2000, endOnFailure: true },
      );
      assert.ok(found.failed);
      assert.match(String(found.errorInstance), new RegExp(promise));
    });
  }
});

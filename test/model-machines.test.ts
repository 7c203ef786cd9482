import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assign, cancel, createMachine, raise } from 'xstate';
import { callModels, timelyCallModels } from './model/call-model.ts';
import { engineModel } from './model/engine-model.ts';
import { machineFaults, unreachableParts } from './model/machine-faults.ts';
import { isInTime, MachineModel } from './model/machine-model.ts';
import { describePath, type Path, shortestPaths } from './model/paths.ts';

const callPaths = callModels().flatMap(shortestPaths);
const enginePaths = shortestPaths(engineModel());

test('a call can be in every state and take every transition; silence alone ends it', () => {
  assert.deepEqual(machineFaults(callPaths, { mustEnd: true }), []);
});

test('an engine can be in every state, take every transition, and rests only before its start', () => {
  assert.deepEqual(machineFaults(enginePaths, { mayRest: ['engine.cold'] }), []);
});

test('no transition of a call waits for a timer that another one always forestalls', () => {
  assert.deepEqual(unreachableParts(timelyCallModels().flatMap(shortestPaths)), []);
});

test('a call keeps within its limits in every state that it can be in', () => {
  assertEverywhere(callPaths, ({ turns, reprompts, failures, limits }) => {
    return turns <= limits.turns && reprompts <= limits.reprompts && failures <= limits.failures;
  });
});

test('an engine that takes calls has failed less often in a row than it may', () => {
  const takesCalls = enginePaths.filter(({ steps }) =>
    steps.at(-1)!.to.snapshot.hasTag('takesCalls'),
  );
  assertEverywhere(takesCalls, ({ failures, limits }) => failures < limits.failures);
});

test('nothing is pending where a machine has ended', () => {
  const ends = [...callPaths, ...enginePaths].map(({ steps }) => steps.at(-1)!.to);
  const done = ends.filter(({ snapshot }) => snapshot.status === 'done');
  assert.ok(done.length > 100, 'expected machines to end');
  assert.ok(done.every(({ pending }) => pending.length === 0));
});

describe('a fault is found:', () => {
  test('a transition that can never be taken, as its guard is asked too late', () => {
    const machine = createMachine({
      id: 'm',
      context: { silences: 0 },
      initial: 'listening',
      states: {
        listening: { after: { 1000: 'timeout' } },
        timeout: {
          entry: assign({ silences: ({ context }) => context.silences + 1 }),
          always: [
            {
              guard: function isFirst({ context }) {
                return context.silences < 1;
              },
              target: 'listening',
            },
            { target: 'ended' },
          ],
        },
        ended: { type: 'final' },
      },
    });
    assert.deepEqual(faultsOf(machine), [
      'm.timeout --always[isFirst]--> m.listening can never be taken',
    ]);
  });

  test('a state that nothing leads to', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { after: { 1: 'end' } }, b: { after: { 1: 'end' } }, end: { type: 'final' } },
    });
    assert.deepEqual(faultsOf(machine), [
      'm.b cannot be reached',
      'm.b --xstate.after.1.m.b--> m.end can never be taken',
    ]);
  });

  test('a state that only an event can end', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { after: { 1: 'trap' } },
        trap: { on: { mercy: 'end' } },
        end: { type: 'final' },
      },
    });
    assert.deepEqual(faultsOf(machine), [
      'm.trap has no bounded exit, no timer is pending: after 1',
    ]);
  });

  test('a timer that may be refused', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      context: { isWilling: false },
      states: {
        a: {
          on: { please: { actions: assign({ isWilling: true }) } },
          after: {
            1: {
              guard: function isWilling({ context }) {
                return context.isWilling;
              },
              target: 'end',
            },
          },
        },
        end: { type: 'final' },
      },
    });
    assert.deepEqual(faultsOf(machine), ['m.a has no bounded exit, no timer is pending: after 1']);
  });

  test('timers that lead from one to the other for ever', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'pair',
      states: {
        pair: {
          initial: 'a',
          on: { mercy: 'end' },
          states: { a: { after: { 1: 'b' } }, b: { after: { 2: 'a' } } },
        },
        end: { type: 'final' },
      },
    });
    assert.deepEqual(faultsOf(machine), [
      'm.pair has no bounded exit, its timers lead in a circle: its start',
    ]);
  });

  test('a deadline that can be cancelled', () => {
    const deadline = raise({ type: 'deadline' }, { id: 'deadline', delay: 10 });
    const states = {
      a: { on: { hush: { actions: cancel('deadline') } } },
      end: { type: 'final' },
    } as const;
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      entry: deadline,
      on: { deadline: '.end' },
      states,
    });
    assert.deepEqual(faultsOf(machine), ['m.a has no bounded exit, no timer is pending: hush']);
  });

  test('a timer that another one always forestalls', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'asking',
      states: {
        asking: {
          initial: 'a',
          after: { 20: 'end' },
          states: { a: { after: { 20: '#m.listening' } } },
        },
        listening: { id: 'm.listening', after: { 1: 'end' } },
        end: { type: 'final' },
      },
    });
    assert.deepEqual(faultsOf(machine), []);
    const inTime = new MachineModel(machine, { allows: isInTime });
    assert.deepEqual(unreachableParts(shortestPaths(inTime)).slice(1, 2), [
      'm.asking.a --xstate.after.20.m.asking.a--> m.listening can never be taken',
    ]);
  });
});

test('a deadline that is always pending is a bounded exit', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    entry: raise({ type: 'deadline' }, { id: 'deadline', delay: 10 }),
    on: { deadline: '.end' },
    states: { a: { on: { go: 'b' } }, b: { on: { go: 'a' } }, end: { type: 'final' } },
  });
  assert.deepEqual(faultsOf(machine), []);
});

function faultsOf(machine: MachineModel['machine']): string[] {
  return machineFaults(shortestPaths(new MachineModel(machine)));
}

// biome-ignore lint/suspicious/noExplicitAny: each machine has its own context
function assertEverywhere(paths: readonly Path[], holds: (context: any) => boolean): void {
  const broken = paths.find(({ steps }) => !holds(steps.at(-1)!.to.snapshot.context));
  assert.equal(broken && describePath(broken), undefined);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallEvent } from '../machines/call-protocol.ts';
import { statePath } from '../machines/state-path.ts';
import { CallFigures } from '../src/call/call-figures.ts';
import { SteeredCall, TEST_LIMITS } from './support/steered-call.ts';

const ASKED: CallEvent['type'][] = [
  'line.started',
  'agent.finished',
  'caller.spoke',
  'caller.finished',
];

test('failed answers, interruptions and re-prompts are counted as the machine goes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const figures = new CallFigures();
  const call = new SteeredCall({
    inspect: (event, root) => {
      if (event.actorRef !== root) return;
      if (event.type === '@xstate.event') figures.noteEvent(event.event.type);
      if (event.type === '@xstate.snapshot') figures.noteState(statePath(root.getSnapshot().value));
    },
  });
  call.send(...ASKED);
  t.mock.timers.tick(TEST_LIMITS.giveUpMs);
  assert.equal(figures.failures, 1, 'an answer that is given up has failed');
  call.send('caller.spoke', 'caller.interrupted', 'caller.finished', 'agent.failed');
  assert.deepEqual([figures.failures, figures.interruptions], [2, 1]);
  call.send('agent.finished');
  t.mock.timers.tick(TEST_LIMITS.idleMs);
  assert.equal(figures.reprompts, 1);
});

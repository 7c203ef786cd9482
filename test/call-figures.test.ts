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

test('prepared answers count over all lives of a call', () => {
  const figures = new CallFigures();
  figures.takeUp([
    { type: 'speculation.ended', payload: '{"how":"dropped","wastedMs":120}' },
    { type: 'speculation.ended', payload: '{"how":"used","wastedMs":0}' },
  ]);
  figures.noteSpeculation({ how: 'dropped', wastedMs: 30 });
  assert.deepEqual(figures.speculation, { used: 1, dropped: 2, wastedMs: 150 });
});

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

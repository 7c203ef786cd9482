import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventName, outcomeName, stateLine, stateName } from '../src/visualiser/page/state-name.ts';

test('a state is told by its place in the conversation, which itself goes without saying', () => {
  assert.deepEqual(stateName('conversation.listening.hearing.talking'), {
    name: 'listening',
    detail: 'hearing · talking',
  });
  assert.equal(stateLine('timeout.asking'), 'timeout · asking');
  assert.equal(stateLine('conversation.speaking'), 'speaking');
  assert.equal(stateLine('conversation'), 'conversation');
});

test("events of XState's own are named after what they are about", () => {
  assert.equal(eventName('xstate.after.idle.call.conversation.listening.waiting'), 'after idle');
  assert.equal(eventName('xstate.done.actor.warmUp'), 'warmUp done');
  assert.equal(eventName('xstate.error.actor.probe'), 'probe failed');
  assert.equal(eventName('caller.spoke'), 'caller.spoke');
});

test('an outcome is told in words', () => {
  assert.equal(outcomeName('handedOff'), 'handed off');
  assert.equal(outcomeName('completed'), 'completed');
});

/** Calls with more than one life: one that takes up another, and one that gives itself away. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { CallEvent, Continued, CutOff } from '../machines/call-protocol.ts';
import { SteeredCall, TEST_LIMITS } from './support/steered-call.ts';

const ANSWERED: CallEvent['type'][] = [
  'line.started',
  'agent.finished', // the greeting
  'caller.spoke',
  'caller.finished',
  'agent.audible',
];

describe('a call that goes on after its stream broke', () => {
  const goOn = (t: TestContext, cutOff: CutOff, more: Partial<Continued> = {}, options = {}) => {
    const continued = { cutOff, elapsedMs: 60_000, turns: 3, ...more };
    return steer(t, options).send({ type: 'line.started', continued });
  };
  const turnsOf = (call: SteeredCall) => call.actor.getSnapshot().context.turns;

  test('says sorry, and gets on with the words that were cut off, which are no new answer', (t) => {
    const call = goOn(t, 'agent');
    assert.equal(call.state, 'conversation.greeting');
    assert.equal(call.send('agent.finished').state, 'conversation.thinking.quiet');
    assert.deepEqual(call.takeTold(), [
      ...['play cutOff', 'attend speaking'],
      ...['reply', 'attend thinking'],
    ]);
    assert.equal(call.send('agent.audible').state, 'conversation.speaking');
    assert.equal(turnsOf(call), 3);
    assert.equal(call.send('agent.finished').state, 'conversation.listening.waiting');
  });

  test('gives the answer that nobody heard, and counts it', (t) => {
    const call = goOn(t, 'answer').send('agent.finished');
    assert.equal(call.state, 'conversation.thinking.quiet');
    assert.deepEqual(call.takeTold().slice(0, 1), ['play cutOff']);
    assert.equal(turnsOf(call.send('agent.audible')), 4);
  });

  test('asks a caller who was cut off to go on, and listens', (t) => {
    const call = goOn(t, 'caller');
    assert.deepEqual(call.takeTold(), ['play cutOffYou', 'attend speaking']);
    assert.equal(call.send('agent.finished').state, 'conversation.listening.waiting');
  });

  test('says sorry where nobody was cut off, and listens', (t) => {
    const call = goOn(t, 'nothing');
    assert.deepEqual(call.takeTold(), ['play cutOff', 'attend speaking']);
    assert.equal(call.send('agent.finished').state, 'conversation.listening.waiting');
  });

  test('goes on to the person it was being given to, or to voicemail', (t) => {
    for (const personReachable of [true, false]) {
      const call = goOn(t, 'handoff', {}, { personReachable });
      assert.equal(call.state, personReachable ? 'handoff.announcing' : 'voicemail');
      call.send('agent.finished');
      const outcome = personReachable ? 'handedOff' : 'voicemail';
      assert.deepEqual(call.output, { outcome, reason: null, destination: null, turns: 3 });
    }
  });

  test('does the same where the words about the break cannot be said', (t) => {
    assert.equal(goOn(t, 'agent').send('agent.failed').state, 'conversation.thinking.quiet');
    assert.equal(goOn(t, 'nothing').send('agent.failed').state, 'conversation.listening.waiting');
  });

  test('still owes its answer after a cough into the words about the break', (t) => {
    const call = goOn(t, 'answer').send('caller.spoke');
    assert.equal(call.state, 'conversation.bargeIn');
    assert.equal(call.send('caller.ignored').state, 'conversation.speaking');
    assert.equal(call.send('agent.finished').state, 'conversation.thinking.quiet');
  });

  test('lets the caller interrupt the words about the break, and owes nothing after', (t) => {
    const call = goOn(t, 'agent').send('caller.spoke', 'caller.interrupted', 'caller.finished');
    assert.equal(call.state, 'conversation.thinking.quiet');
    call.send('agent.audible', 'agent.finished');
    assert.equal(call.state, 'conversation.listening.waiting');
    assert.equal(turnsOf(call), 4);
  });

  test('has its cap from its true beginning', (t) => {
    const limits = { idleMs: 7_200_000, inactivityMs: 7_200_000 };
    const call = goOn(t, 'nothing', { elapsedMs: 1_000_000 }, { limits }).send('agent.finished');
    t.mock.timers.tick(TEST_LIMITS.callMs - 1_000_000 - 1);
    assert.equal(call.state, 'conversation.listening.waiting');
    t.mock.timers.tick(1);
    assert.equal(call.state, 'timeout.outOfTime');
  });

  test('that has lasted longer than it may is ended in words', (t) => {
    const call = goOn(t, 'nothing', { elapsedMs: 2 * TEST_LIMITS.callMs });
    t.mock.timers.tick(0);
    assert.equal(call.state, 'timeout.outOfTime');
  });

  test('has as many answers left as it had before', (t) => {
    const call = goOn(t, 'caller', { turns: 50 }).send('agent.finished', 'caller.spoke');
    assert.equal(call.send('caller.finished').state, 'handoff.announcing');
  });

  test('is completed when the caller hangs up, if there was an answer before the break', (t) => {
    for (const [turns, outcome] of [
      [1, 'completed'],
      [0, 'abandoned'],
    ] as const) {
      const call = goOn(t, 'nothing', { turns }).send('caller.hungUp');
      assert.equal(call.output?.outcome, outcome);
    }
  });
});

describe('a call that is to move to another process', () => {
  test('does so at once where nobody speaks, and says that it takes a moment', (t) => {
    const call = steer(t).send('line.started', 'agent.finished');
    call.takeTold();
    assert.equal(call.send('operator.handOver').state, 'movingOn');
    assert.deepEqual(call.takeTold(), ['rest', 'play movingOn']);
    call.send('agent.finished');
    assert.deepEqual(call.output, {
      outcome: 'continued',
      reason: null,
      destination: null,
      turns: 0,
    });
  });

  test('finishes what it says before', (t) => {
    const call = steer(t).send(...ANSWERED, 'operator.handOver');
    assert.equal(call.state, 'conversation.speaking');
    assert.equal(call.send('agent.finished').state, 'movingOn');
  });

  test('answers the caller before', (t) => {
    const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke');
    call.send('operator.handOver', 'caller.finished', 'agent.audible');
    assert.equal(call.state, 'conversation.speaking');
    assert.equal(call.send('agent.finished').state, 'movingOn');
  });

  test('waits so long and no longer, and being told again does not make it wait longer', (t) => {
    const call = steer(t).send(...ANSWERED, 'operator.handOver');
    t.mock.timers.tick(TEST_LIMITS.handOverMs - 1);
    assert.equal(call.send('operator.handOver').state, 'conversation.speaking');
    t.mock.timers.tick(1);
    assert.equal(call.state, 'movingOn');
  });

  test('does so after a silence that is being asked about', (t) => {
    const asked = () => {
      const call = steer(t).send('line.started', 'agent.finished');
      t.mock.timers.tick(TEST_LIMITS.idleMs);
      return call.send('operator.handOver');
    };
    assert.equal(asked().state, 'timeout.asking');
    assert.equal(asked().send('agent.finished').state, 'movingOn');
    const long = asked();
    t.mock.timers.tick(TEST_LIMITS.handOverMs);
    assert.equal(long.state, 'movingOn');
  });

  test('moves on even if its words are never heard', (t) => {
    const call = steer(t).send('line.started', 'agent.finished', 'operator.handOver');
    t.mock.timers.tick(TEST_LIMITS.announcementMs);
    assert.equal(call.output?.outcome, 'continued');
    const failed = steer(t).send('line.started', 'agent.finished', 'operator.handOver');
    assert.equal(failed.send('agent.failed').output?.outcome, 'continued');
  });

  test('stays where it ends anyway: on the way to a person, or with a goodbye', (t) => {
    const handedOff = steer(t).send(...ANSWERED, { type: 'caller.pressed', digit: '0' });
    assert.equal(handedOff.send('operator.handOver').state, 'handoff.announcing');
    t.mock.timers.tick(TEST_LIMITS.handOverMs);
    assert.equal(handedOff.send('agent.finished').output?.outcome, 'handedOff');

    const leaving = steer(t).send(...ANSWERED, 'agent.concluded', 'operator.handOver');
    assert.equal(leaving.send('agent.finished').output?.outcome, 'completed');
  });

  test('whose stream has not begun is refused, for another process to take', (t) => {
    assert.equal(steer(t).send('operator.handOver').output?.outcome, 'refused');
  });
});

function steer(t: TestContext, options?: ConstructorParameters<typeof SteeredCall>[0]) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return new SteeredCall(options);
}

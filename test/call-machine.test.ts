import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { CallEvent } from '../machines/call-protocol.ts';
import { SteeredCall, TEST_LIMITS } from './support/steered-call.ts';

const ANSWERED: CallEvent['type'][] = [
  'line.started',
  'agent.finished', // the greeting
  'caller.spoke',
  'caller.finished',
  'agent.audible',
];

test('a call greets, listens, thinks, speaks and listens again', (t) => {
  const call = steer(t);
  assert.equal(call.state, 'connecting');
  assert.equal(call.send('line.started').state, 'conversation.greeting');
  assert.equal(call.send('agent.finished').state, 'conversation.listening.waiting');
  assert.equal(call.send('caller.spoke').state, 'conversation.listening.hearing.talking');
  assert.equal(call.send('caller.finished').state, 'conversation.thinking.quiet');
  assert.equal(call.send('agent.audible').state, 'conversation.speaking');
  assert.equal(call.send('agent.finished').state, 'conversation.listening.waiting');
  assert.deepEqual(call.takeTold(), [
    'play greeting',
    'attend speaking',
    'attend listening',
    'reply',
    'attend thinking',
    'attend speaking',
    'attend listening',
  ]);
});

test('a pause prepares a reply, and speech that goes on drops it', (t) => {
  const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke');
  call.takeTold();
  assert.equal(call.send('caller.paused').state, 'conversation.listening.hearing.paused');
  assert.deepEqual(call.takeTold(), ['prepare']);
  assert.equal(call.send('caller.resumed').state, 'conversation.listening.hearing.talking');
  assert.deepEqual(call.takeTold(), ['yield']);
});

test('a caller who speaks over the agent silences it at once', (t) => {
  const call = steer(t).send(...ANSWERED);
  call.takeTold();
  assert.equal(call.send('caller.spoke').state, 'conversation.bargeIn');
  assert.deepEqual(call.takeTold(), ['hush', 'attend interrupted']);
});

test('a real interruption takes the floor', (t) => {
  const call = steer(t).send(...ANSWERED, 'caller.spoke');
  call.takeTold();
  assert.equal(call.send('caller.interrupted').state, 'conversation.listening.hearing.talking');
  assert.deepEqual(call.takeTold(), ['yield', 'attend listening']);
});

test('after a cough the agent goes on where it stopped', (t) => {
  const call = steer(t).send(...ANSWERED, 'caller.spoke');
  call.takeTold();
  assert.equal(call.send('caller.ignored').state, 'conversation.speaking');
  assert.deepEqual(call.takeTold(), ['resume', 'attend speaking']);
});

test('an interruption that stays undecided is taken for a real one', (t) => {
  const call = steer(t).send(...ANSWERED, 'caller.spoke');
  t.mock.timers.tick(TEST_LIMITS.bargeInMs);
  assert.equal(call.state, 'conversation.listening.hearing.talking');
});

test('the greeting can be interrupted', (t) => {
  const call = steer(t).send('line.started', 'caller.spoke');
  assert.equal(call.state, 'conversation.bargeIn');
});

test('speech while the agent thinks continues the turn', (t) => {
  const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke', 'caller.finished');
  call.takeTold();
  assert.equal(call.send('caller.spoke').state, 'conversation.listening.hearing.talking');
  assert.deepEqual(call.takeTold(), ['yield', 'attend listening']);
});

test('a cough while the agent thinks does not cost the caller the answer', (t) => {
  const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke', 'caller.finished');
  call.send('caller.spoke', 'caller.ignored');
  assert.equal(call.state, 'conversation.thinking.quiet');
});

test('a cough into the silence of both is forgotten', (t) => {
  const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke', 'caller.ignored');
  assert.equal(call.state, 'conversation.listening.waiting');
});

test('a long wait is filled, then explained, then counts as a failure', (t) => {
  const call = steer(t).send('line.started', 'agent.finished', 'caller.spoke', 'caller.finished');
  call.takeTold();
  t.mock.timers.tick(TEST_LIMITS.fillerMs);
  assert.equal(call.state, 'conversation.thinking.filling');
  t.mock.timers.tick(TEST_LIMITS.apologyMs);
  assert.equal(call.state, 'conversation.thinking.apologising');
  t.mock.timers.tick(TEST_LIMITS.giveUpMs);
  assert.equal(call.state, 'conversation.speaking');
  assert.deepEqual(call.takeTold(), [
    'fill filler',
    'fill patience',
    'yield',
    'play apology',
    'attend speaking',
  ]);
});

test('the third failed answer in a row brings a person', (t) => {
  const call = steer(t).send('line.started', 'agent.finished');
  const failedTurn = ['caller.spoke', 'caller.finished', 'agent.failed'] as const;
  call.send(...failedTurn, 'agent.finished', ...failedTurn, 'agent.finished');
  assert.equal(call.state, 'conversation.listening.waiting');
  assert.equal(call.send(...failedTurn).state, 'handoff.announcing');
  call.send('agent.finished');
  assert.deepEqual(call.output, {
    outcome: 'handedOff',
    reason: 'engine',
    destination: null,
    turns: 0,
  });
});

test('an answer in between forgives earlier failures', (t) => {
  const call = steer(t).send('line.started', 'agent.finished');
  const failedTurn = ['caller.spoke', 'caller.finished', 'agent.failed', 'agent.finished'] as const;
  call.send(...failedTurn, ...failedTurn);
  call.send('caller.spoke', 'caller.finished', 'agent.audible', 'agent.finished');
  call.send(...failedTurn, ...failedTurn);
  assert.equal(call.state, 'conversation.listening.waiting');
});

test('a silent caller is asked twice, then told goodbye', (t) => {
  const call = steer(t).send('line.started', 'agent.finished');
  for (const _ of [1, 2]) {
    t.mock.timers.tick(TEST_LIMITS.idleMs);
    assert.equal(call.state, 'timeout.asking');
    call.send('agent.finished');
  }
  t.mock.timers.tick(TEST_LIMITS.idleMs);
  assert.equal(call.state, 'timeout.farewell');
  call.send('agent.finished');
  assert.deepEqual(call.output, {
    outcome: 'timedOut',
    reason: 'idle',
    destination: null,
    turns: 0,
  });
});

test('a word from the caller resets how often silence is asked about', (t) => {
  const call = steer(t).send('line.started', 'agent.finished');
  for (const _ of [1, 2, 3, 4]) {
    t.mock.timers.tick(TEST_LIMITS.idleMs);
    assert.equal(call.state, 'timeout.asking');
    call.send('agent.finished', 'caller.spoke', 'caller.finished', 'agent.audible');
    call.send('agent.finished');
  }
});

test('the cap on a call counts from its beginning, and is said before the call ends', (t) => {
  const call = steer(t, { limits: { idleMs: 7_200_000, inactivityMs: 7_200_000 } });
  call.send('line.started', 'agent.finished');
  t.mock.timers.tick(TEST_LIMITS.callMs - 1);
  assert.equal(call.state, 'conversation.listening.waiting');
  t.mock.timers.tick(1);
  assert.equal(call.state, 'timeout.outOfTime');
  call.send('agent.finished');
  assert.deepEqual(call.output, {
    outcome: 'timedOut',
    reason: 'callCap',
    destination: null,
    turns: 0,
  });
});

test('five minutes without a word of either side end the call with a goodbye', (t) => {
  const call = steer(t, { limits: { idleMs: 7_200_000 } }).send('line.started', 'agent.finished');
  t.mock.timers.tick(TEST_LIMITS.inactivityMs);
  assert.equal(call.state, 'timeout.farewell');
});

test('the last allowed turn leads to a person, or without one to voicemail', (t) => {
  for (const personReachable of [true, false]) {
    const call = steer(t, { limits: { turns: 1 }, personReachable });
    call.send(...ANSWERED, 'agent.finished', 'caller.spoke', 'caller.finished');
    assert.equal(call.state, personReachable ? 'handoff.announcing' : 'voicemail');
    call.send('agent.finished');
    assert.equal(call.output?.outcome, personReachable ? 'handedOff' : 'voicemail');
    assert.equal(call.output?.reason, 'turns');
  }
});

test('zero on the keypad asks for a person, other keys do not', (t) => {
  const call = steer(t).send('line.started', 'agent.finished');
  assert.equal(
    call.send({ type: 'caller.pressed', digit: '5' }).state,
    'conversation.listening.waiting',
  );
  assert.equal(call.send({ type: 'caller.pressed', digit: '0' }).state, 'handoff.announcing');
});

test('a stream that never starts properly is refused', (t) => {
  const late = steer(t);
  t.mock.timers.tick(TEST_LIMITS.firstMessagesMs);
  assert.equal(late.output?.outcome, 'refused');
  assert.equal(steer(t).send('line.refused').output?.outcome, 'refused');
});

test('shutdown says goodbye in a conversation', (t) => {
  const call = steer(t).send(...ANSWERED, 'operator.shutdown');
  assert.equal(call.state, 'timeout.farewell');
  call.send('agent.finished');
  assert.deepEqual(call.output, {
    outcome: 'timedOut',
    reason: 'shutdown',
    destination: null,
    turns: 1,
  });
});

test('hanging up ends a call in every state', (t) => {
  const ways: Record<string, CallEvent['type'][]> = {
    connecting: [],
    'conversation.greeting': ['line.started'],
    'conversation.listening.waiting': ['line.started', 'agent.finished'],
    'conversation.listening.hearing.talking': ANSWERED.slice(0, 3),
    'conversation.listening.hearing.paused': [...ANSWERED.slice(0, 3), 'caller.paused'],
    'conversation.thinking.quiet': ANSWERED.slice(0, 4),
    'conversation.speaking': ANSWERED,
    'conversation.bargeIn': [...ANSWERED, 'caller.spoke'],
    'timeout.farewell': [...ANSWERED, 'operator.shutdown'],
  };
  for (const [state, events] of Object.entries(ways)) {
    const call = steer(t).send(...events);
    assert.equal(call.state, state);
    call.send('caller.hungUp');
    const expected = events.includes('agent.audible') ? 'completed' : 'abandoned';
    assert.equal(call.output?.outcome, expected, state);
  }
});

test('a stream that breaks off is told apart from hanging up', (t) => {
  assert.equal(steer(t).send(...ANSWERED, 'line.lost').output?.outcome, 'lost');
});

function steer(t: TestContext, options?: ConstructorParameters<typeof SteeredCall>[0]) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return new SteeredCall(options);
}

describe('a tool of the model', () => {
  const asked = (t: TestContext) =>
    steer(t).send('line.started', 'agent.finished', 'caller.spoke', 'caller.finished');
  const THINKING = 'conversation.thinking';

  test('is a state of its own within thinking', (t) => {
    const call = asked(t);
    assert.equal(call.send('agent.consulting').state, `${THINKING}.consulting.brief`);
    assert.equal(call.send('agent.consulted').state, `${THINKING}.quiet`);
    assert.equal(call.send('agent.audible').state, 'conversation.speaking');
  });

  test('that takes over 800 ms is spoken of, once, and patience is asked for later', (t) => {
    const call = asked(t).send('agent.consulting');
    call.takeTold();
    t.mock.timers.tick(TEST_LIMITS.toolFillerMs);
    assert.equal(call.state, `${THINKING}.consulting.filling`);
    assert.deepEqual(call.takeTold(), ['fill checking']);
    t.mock.timers.tick(TEST_LIMITS.apologyMs);
    assert.deepEqual(call.takeTold(), ['fill patience']);
    assert.equal(call.send('agent.consulted').state, `${THINKING}.wording`);
  });

  test('does not make the silence before a filler longer', (t) => {
    const call = asked(t);
    call.takeTold();
    t.mock.timers.tick(TEST_LIMITS.fillerMs - 300);
    call.send('agent.consulting', 'agent.consulted');
    t.mock.timers.tick(300);
    assert.equal(call.state, `${THINKING}.filling`);
    assert.deepEqual(call.takeTold(), ['fill filler']);
  });

  test('after words belongs to the same answer', (t) => {
    const call = asked(t).send('agent.audible', 'agent.consulting');
    assert.equal(call.state, `${THINKING}.consulting.brief`);
    call.send('agent.consulted', 'agent.audible');
    assert.equal(call.state, 'conversation.speaking');
    assert.equal(call.actor.getSnapshot().context.turns, 1);
  });

  test('gives up with the answer as a whole', (t) => {
    const call = asked(t).send('agent.consulting');
    t.mock.timers.tick(TEST_LIMITS.giveUpMs);
    assert.equal(call.state, 'conversation.speaking');
    assert.ok(call.takeTold().includes('play apology'));
  });

  test('is interrupted by the caller like any silence', (t) => {
    const call = asked(t).send('agent.consulting', 'caller.spoke');
    assert.equal(call.state, 'conversation.listening.hearing.talking');
  });

  test('gives the call to somebody, by name, even when nobody usually takes over', (t) => {
    const call = steer(t, { personReachable: false }).send(...ANSWERED);
    call.send({ type: 'agent.transferred', destination: 'events' });
    assert.equal(call.state, 'handoff.announcing');
    call.send('agent.finished');
    const { outcome, destination } = call.output ?? {};
    assert.deepEqual([outcome, destination], ['handedOff', 'events']);
  });
});

describe('a goodbye of the model', () => {
  test('is said, and the call is completed', (t) => {
    const call = steer(t).send(...ANSWERED);
    call.takeTold();
    assert.equal(call.send('agent.concluded').state, 'conversation.farewell');
    assert.deepEqual(call.takeTold(), ['play farewell', 'attend speaking']);
    call.send('agent.finished');
    assert.equal(call.output?.outcome, 'completed');
  });

  test('gives way to a caller who has something to add', (t) => {
    const call = steer(t).send(...ANSWERED, 'agent.concluded', 'caller.spoke');
    assert.equal(call.state, 'conversation.bargeIn');
    call.send('caller.interrupted', 'caller.finished', 'agent.audible', 'agent.finished');
    assert.equal(call.state, 'conversation.listening.waiting');
  });

  test('is not taken back for a cough', (t) => {
    const call = steer(t).send(...ANSWERED, 'agent.concluded', 'caller.spoke', 'caller.ignored');
    assert.equal(call.send('agent.finished').output?.outcome, 'completed');
  });

  test('ends in any case', (t) => {
    const call = steer(t).send(...ANSWERED, 'agent.concluded');
    t.mock.timers.tick(TEST_LIMITS.announcementMs);
    assert.equal(call.output?.outcome, 'completed');
  });
});

test('a call that a machine answered ends at once', (t) => {
  const call = steer(t).send('line.started', 'line.answeredByMachine');
  assert.equal(call.output?.outcome, 'machine');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FeedMessage, FeedSnapshot } from '../src/visualiser/feed-message.ts';
import { LINGER_MS, LiveCalls } from '../src/visualiser/page/live-calls.ts';
import { WINDOW_MS } from '../src/visualiser/page/state-crowds.ts';

const SID = 'CA00000000000000000000000000000001';

test('a call appears with its state, and is named once its stream has started', () => {
  const live = new LiveCalls();
  live.push(welcome());
  assert.deepEqual(live.push(actor('call:1', 'connecting', 1000)), {
    of: 'call',
    sessionId: 'call:1',
  });
  live.push(named('call:1', SID));
  const call = live.bySid(SID);
  assert.equal(call?.path, 'connecting');
  assert.equal(call?.since, 1000);
  assert.equal(call?.callerLast4, '4567');
  assert.equal(live.maxCalls, 100);
});

test('a call dwells in its state from when it came there, not from its last event', () => {
  const live = begun();
  live.push(moved('call:1', { conversation: { listening: 'waiting' } }, 'agent.finished', 2000));
  live.push(moved('call:1', { conversation: { listening: 'waiting' } }, 'caller.pressed', 2500));
  const call = live.calls.get('call:1');
  assert.equal(call?.path, 'conversation.listening.waiting');
  assert.equal(call?.since, 2000);
  assert.deepEqual(call?.trail, [
    { at: 2000, eventType: 'agent.finished', from: 'connecting', to: call?.path },
  ]);
});

test('the last words are those of the latest turn, even when an earlier one is written down later', () => {
  const live = begun();
  live.push(words('call:1', 0, 'caller', null));
  assert.equal(live.calls.get('call:1')?.words?.text, null);
  live.push(words('call:1', 1, 'agent', 'For how many?'));
  live.push(words('call:1', 0, 'caller', 'A table, please.'));
  assert.deepEqual(live.calls.get('call:1')?.words, {
    turn: 1,
    speaker: 'agent',
    text: 'For how many?',
  });
});

test('of a tool its name alone is shown', () => {
  const live = begun();
  live.push(words('call:1', 0, 'tool', '{"name":"find_table","arguments":{"party":4}}'));
  assert.equal(live.calls.get('call:1')?.words?.text, 'find_table');
  live.push(words('call:1', 1, 'tool', '{"result":'));
  assert.equal(live.calls.get('call:1')?.words?.text, null);
});

test('words without an end are kept to a length that ends between two characters', () => {
  const live = begun();
  live.push(words('call:1', 0, 'caller', `x${'🍝'.repeat(50_000)}`));
  const text = live.calls.get('call:1')?.words?.text ?? '';
  assert.ok(text.length <= 300 && text.length > 290);
  assert.ok(text.isWellFormed());
});

test('a call that has ended stays for some seconds with its outcome, then leaves', () => {
  const live = begun();
  live.push(ended('call:1', 'completed', 5000));
  assert.equal(live.calls.get('call:1')?.ended?.outcome, 'completed');
  assert.equal(live.countByPath().size, 0);
  live.sweep(5000 + LINGER_MS - 1);
  assert.equal(live.calls.size, 1);
  live.sweep(5000 + LINGER_MS);
  assert.equal(live.calls.size, 0);
});

test('calls that ended do not pile up while nobody looks', () => {
  const live = new LiveCalls();
  live.push(welcome());
  for (let index = 0; index < 500; index++) {
    live.push(actor(`call:${index}`, 'connecting', index * 1000));
    live.push(ended(`call:${index}`, 'completed', index * 1000 + 500));
  }
  assert.ok(live.calls.size <= LINGER_MS / 1000 + 1);
});

test('when the feed begins anew, calls that are told again keep what was known of them', () => {
  const live = begun();
  live.push(moved('call:1', 'handoff', 'caller.pressed', 2000));
  live.push(answered('call:1', 480, 2100));
  live.push(actor('call:2', 'connecting', 2200));
  live.push(welcome());
  assert.equal(live.calls.size, 0);
  live.push(actor('call:9', 'handoff', 4000));
  live.push(named('call:9', SID));
  live.push(answered('call:9', 480, 2100));
  const call = live.bySid(SID);
  assert.equal(call?.since, 2000);
  assert.deepEqual(call?.responses, [480]);
  assert.equal(call?.trail.length, 1);
  assert.deepEqual([...live.calls.keys()], ['call:9']);
});

test('calls are counted in their state and in the states around it', () => {
  const live = begun();
  live.push(moved('call:1', { conversation: { listening: 'waiting' } }, 'agent.finished', 2000));
  live.push(actor('call:2', { conversation: 'speaking' }, 2000));
  assert.deepEqual(
    live.countByPath(),
    new Map([
      ['conversation.listening.waiting', 1],
      ['conversation.listening', 1],
      ['conversation', 2],
      ['conversation.speaking', 1],
    ]),
  );
});

test('dwell times of the last minutes are summed up by state, those that go on apart', () => {
  const live = begun();
  for (let turn = 1; turn <= 20; turn++) {
    live.push(moved('call:1', { conversation: 'thinking' }, 'caller.finished', turn * 10_000));
    const until = turn * 10_000 + turn * 100;
    live.push(moved('call:1', { conversation: 'speaking' }, 'agent.audible', until));
  }
  const now = 205_000;
  const crowds = live.crowds(now);
  const speaking = crowds.find(({ path }) => path === 'conversation.speaking');
  assert.equal(speaking?.count, 1);
  assert.equal(speaking?.longestMs, now - 202_000);
  const thinking = crowds.find(({ path }) => path === 'conversation.thinking');
  assert.equal(thinking?.count, 0);
  assert.equal(thinking?.p95Ms, 1900);
  const later = live.crowds(now + WINDOW_MS);
  assert.deepEqual(
    later.map(({ path, p95Ms }) => [path, p95Ms]),
    [['conversation.speaking', undefined]],
  );
});

test('response times are kept by call, the last few, and over all calls', () => {
  const live = begun();
  for (let index = 1; index <= 100; index++) live.push(answered('call:1', index * 10, index));
  assert.equal(live.calls.get('call:1')?.responses.length, 12);
  assert.equal(live.calls.get('call:1')?.responses.at(-1), 1000);
  assert.equal(live.response(0.5, 100), 500);
  assert.equal(live.response(0.95, 100), 950);
});

test('the engine and its queue are told apart from the calls', () => {
  const live = begun();
  assert.deepEqual(live.push({ ...actor('engine', { ready: 'trusted' }, 500), name: 'engine' }), {
    of: 'engine',
  });
  assert.deepEqual(live.push(moved('engine', 'failing', 'request.failed', 900)), { of: 'engine' });
  assert.equal(live.engine?.path, 'failing');
  assert.deepEqual(live.push(queue()), { of: 'queue' });
  assert.equal(live.queue?.depth, 3);
  assert.equal(live.calls.size, 1);
});

test('messages of calls that are not known change nothing', () => {
  const live = begun();
  const before = JSON.stringify([...live.calls]);
  const strangers = [
    moved('call:7', 'handoff', 'caller.pressed', 2000),
    named('call:7', SID),
    words('call:7', 0, 'caller', 'Hello?'),
    answered('call:7', 480, 2100),
    ended('call:7', 'lost', 3000),
  ];
  for (const message of strangers) assert.equal(live.push(message), undefined);
  assert.equal(JSON.stringify([...live.calls]), before);
});

test('whatever comes in whatever order, the counts are those of the calls that live', () => {
  const session = fc.integer({ min: 0, max: 5 }).map((index) => `call:${index}`);
  const state = fc.constantFrom<unknown>('connecting', 'handoff', { conversation: 'speaking' });
  const message = fc.oneof(
    fc.tuple(session, state).map(([id, value]) => actor(id, value, 1)),
    fc.tuple(session, state).map(([id, value]) => moved(id, value, 'caller.spoke', 2)),
    session.map((id) => named(id, `CA${id}`)),
    session.map((id) => ended(id, 'completed', 3)),
    fc.constant(welcome()),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      const live = new LiveCalls();
      for (const each of messages) live.push(each);
      const living = [...live.calls.values()].filter((call) => !call.ended);
      const outermost = [...live.countByPath()].filter(([path]) => !path.includes('.'));
      assert.equal(
        outermost.reduce((sum, [, count]) => sum + count, 0),
        living.length,
      );
      const crowds = live.crowds(10);
      assert.equal(
        crowds.reduce((sum, { count }) => sum + count, 0),
        living.length,
      );
    }),
  );
});

function begun(): LiveCalls {
  const live = new LiveCalls();
  live.push(welcome());
  live.push(actor('call:1', 'connecting', 1000));
  live.push(named('call:1', SID));
  return live;
}

function welcome(): FeedMessage {
  return { type: 'visualiser.welcome', now: 0, program: '0.1.0', maxCalls: 100 };
}

function snapshot(value: unknown): FeedSnapshot {
  return { status: 'active', value, context: {}, tags: [], children: {}, historyValue: {} };
}

function frame(sessionId: string, at: number) {
  return { sessionId, rootId: sessionId, createdAt: String(at), id: null, _version: '0.7.2' };
}

function actor(sessionId: string, value: unknown, at: number) {
  const { id, ...rest } = frame(sessionId, at);
  const type = '@xstate.actor' as const;
  return { type, name: 'call' as const, ...rest, snapshot: snapshot(value), id };
}

function moved(sessionId: string, value: unknown, eventType: string, at: number): FeedMessage {
  const event = { type: eventType };
  return { type: '@xstate.snapshot', event, snapshot: snapshot(value), ...frame(sessionId, at) };
}

function named(sessionId: string, callSid: string): FeedMessage {
  const type = 'visualiser.call';
  return { type, sessionId, callSid, startedAt: 1000, language: 'en', callerLast4: '4567' };
}

function words(
  sessionId: string,
  turn: number,
  speaker: 'caller' | 'agent' | 'tool',
  text: string | null,
): FeedMessage {
  return { type: 'visualiser.words', sessionId, turn, at: 2000, speaker, text };
}

function answered(sessionId: string, response: number, at: number): FeedMessage {
  return { type: 'visualiser.answered', sessionId, at, stages: { response } };
}

function ended(sessionId: string, outcome: string, at: number): FeedMessage {
  return { type: 'visualiser.ended', sessionId, at, outcome, reason: null, durationMs: 1000 };
}

function queue(): FeedMessage {
  return {
    type: 'visualiser.queue',
    at: 1000,
    depth: 3,
    inSlot: 1,
    streaming: 2,
    predictedWaitMs: 90,
    entries: [],
  };
}

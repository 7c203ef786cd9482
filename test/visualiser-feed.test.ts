import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createActor, fromPromise } from 'xstate';
import { type EngineLimits, engineMachine } from '../machines/engine.ts';
import { statePath } from '../machines/state-path.ts';
import { ENGINE_SESSION, Feed, type FeedOptions, MAX_VIEWERS } from '../src/visualiser/feed.ts';
import type { FeedMessage } from '../src/visualiser/feed-message.ts';
import { feedText } from '../src/visualiser/feed-text.ts';
import { DROP_ABOVE_BYTES } from '../src/visualiser/feed-viewer.ts';
import { SteeredCall } from './support/steered-call.ts';

const CALL = {
  callSid: `CA${'1'.repeat(32)}`,
  startedAt: 1000,
  language: 'en',
  callerLast4: '3456',
};
const ENGINE_LIMITS: EngineLimits = {
  warmUpMs: 1000,
  probeMs: 1000,
  probeIntervalMs: 60_000,
  forgiveMs: 60_000,
  failures: 3,
  backOffMs: 1000,
  backOffMaxMs: 1000,
};
const EMPTY = { depth: 0, inSlot: 0, streaming: 0, predictedWaitMs: 0, entries: [] };

function feedOf(options: Partial<FeedOptions> = {}): Feed {
  return new Feed({ program: '1.2.3', maxCalls: 50, readQueue: () => EMPTY, ...options });
}

/** A viewer whose network takes everything at once, or nothing until it is let. */
class Screen {
  readonly seen: FeedMessage[] = [];
  bufferedAmount = 0;
  isStuck = false;

  send(text: string): void {
    if (this.isStuck) this.bufferedAmount += text.length;
    this.seen.push(JSON.parse(text));
  }

  drain(): void {
    this.bufferedAmount = 0;
  }

  get types(): string[] {
    return this.seen.map(({ type }) => type);
  }

  /** Messages of one type since the last look. */
  take<Type extends FeedMessage['type']>(type: Type): Extract<FeedMessage, { type: Type }>[] {
    const all = this.seen.splice(0);
    return all.filter((message) => message.type === type) as never;
  }
}

function join(feed: Feed, t?: TestContext): Screen {
  const screen = new Screen();
  assert.ok(feed.join(screen));
  t?.after(() => feed.close());
  return screen;
}

function callOn(feed: Feed, sessionId = 'call-1'): SteeredCall {
  return new SteeredCall({ inspect: (event) => feed.inspected(sessionId, event) });
}

test('tells of a machine what it does, in the order in which it does it', (t) => {
  const feed = feedOf();
  const screen = join(feed, t);
  screen.seen.length = 0;
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  assert.deepEqual(screen.types, ['@xstate.actor']);
  const [actor] = screen.take('@xstate.actor');
  assert.equal(actor?.name, 'call');
  assert.equal(actor?.snapshot.value, 'connecting');
  assert.deepEqual([actor?.sessionId, actor?.rootId, actor?.id], ['call-1', 'call-1', null]);
  assert.match(actor?.createdAt ?? '', /^\d{13}$/);
  call.send('line.started', 'agent.finished', 'caller.spoke');
  assert.deepEqual(
    screen.seen.map((message) => {
      if (message.type === '@xstate.event') return message.event.type;
      if (message.type !== '@xstate.snapshot') return message.type;
      return `${message.event.type} -> ${statePath(message.snapshot.value as string)}`;
    }),
    [
      'line.started',
      'line.started -> conversation.greeting',
      'agent.finished',
      'agent.finished -> conversation.listening.waiting',
      'caller.spoke',
      'caller.spoke -> conversation.listening.hearing.talking',
    ],
  );
});

test('says nothing of a snapshot in which viewers would see no difference', (t) => {
  const feed = feedOf();
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  call.send('line.started');
  const screen = join(feed, t);
  screen.seen.length = 0;
  call.send('agent.consulted', 'limit.silence');
  assert.deepEqual(screen.types, ['@xstate.event', '@xstate.event']);
});

test('shows counters, reasons and outcomes of a context, and nothing else', (t) => {
  const feed = feedOf();
  const screen = join(feed, t);
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  const [actor] = screen.take('@xstate.actor');
  assert.deepEqual(actor?.snapshot.context, {
    turns: 0,
    reprompts: 0,
    failures: 0,
    unanswered: false,
    leaving: false,
    cutOff: null,
    movingOn: false,
    destination: null,
    reason: null,
    outcome: null,
  });
  call.send('line.started', { type: 'agent.transferred', destination: 'manager' });
  const snapshots = screen.take('@xstate.snapshot');
  assert.equal(snapshots.at(-1)?.snapshot.context.destination, 'manager');
  assert.doesNotMatch(JSON.stringify(snapshots), /limits|personReachable|callMs/);
});

test('shows the engine as the first of all actors', async (t) => {
  const feed = feedOf();
  const call = callOn(feed);
  const engine = createActor(
    engineMachine.provide({
      actors: { warmUp: fromPromise(async () => {}), probe: fromPromise(async () => {}) },
    }),
    {
      input: { limits: ENGINE_LIMITS },
      inspect: (event) => feed.inspected(ENGINE_SESSION, event),
    },
  ).start();
  t.after(() => call.actor.stop());
  t.after(() => engine.stop());
  engine.send({ type: 'engine.start' });
  await new Promise((resolve) => setImmediate(resolve));
  const screen = join(feed, t);
  const actors = screen.take('@xstate.actor');
  assert.deepEqual(
    actors.map(({ name }) => name),
    ['engine', 'call'],
  );
  assert.deepEqual(actors[0]?.snapshot.value, { ready: 'trusted' });
  assert.deepEqual(actors[0]?.snapshot.context, { failures: 0, attempts: 0 });
  engine.send({ type: 'request.failed' });
  const [snapshot] = screen.take('@xstate.snapshot');
  assert.deepEqual(snapshot?.snapshot.context, { failures: 1, attempts: 0 });
});

test('whoever joins is told where every call stands, and since when', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const feed = feedOf();
  const calls = [callOn(feed, 'call-1'), callOn(feed, 'call-2')];
  t.after(() => calls.forEach((call) => void call.actor.stop()));
  t.mock.timers.setTime(1_700_000_005_000);
  calls[0]?.send('line.started');
  t.mock.timers.setTime(1_700_000_009_000);
  calls[0]?.send('agent.consulted');
  feed.started('call-1', CALL);
  for (let turn = 0; turn < 6; turn++) {
    feed.words('call-1', { turn, at: turn, speaker: 'caller', text: null });
  }
  feed.words('call-1', { turn: 4, at: 4, speaker: 'caller', text: 'A table.' });
  feed.words('call-1', { turn: 0, at: 0, speaker: 'caller', text: 'Good evening.' });
  feed.answered('call-1', { at: 5, stages: { response: 500 } });
  const screen = join(feed, t);
  assert.deepEqual(screen.types, [
    'visualiser.welcome',
    '@xstate.actor',
    'visualiser.call',
    ...Array(4).fill('visualiser.words'),
    'visualiser.answered',
    '@xstate.actor',
    'visualiser.queue',
  ]);
  assert.deepEqual(screen.seen[0], {
    type: 'visualiser.welcome',
    now: 1_700_000_009_000,
    program: '1.2.3',
    maxCalls: 50,
  });
  const [first] = screen.seen.filter(({ type }) => type === '@xstate.actor');
  assert.equal(first?.type === '@xstate.actor' && first.createdAt, '1700000005000');
  const words = screen.take('visualiser.words');
  assert.deepEqual(
    words.map(({ turn, text }) => [turn, text]),
    [
      [2, null],
      [3, null],
      [4, 'A table.'],
      [5, null],
    ],
  );
});

test('words that were over after what they led to stand before it, for who joins', (t) => {
  const feed = feedOf();
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  for (const turn of [0, 2, 1, 3]) {
    feed.words('call-1', { turn, at: turn, speaker: 'agent', text: `Turn ${turn}.` });
  }
  const turns = join(feed, t)
    .take('visualiser.words')
    .map(({ turn }) => turn);
  assert.deepEqual(turns, [0, 1, 2, 3]);
});

test('a call that has ended is told of no more', (t) => {
  const feed = feedOf();
  const call = callOn(feed);
  const screen = join(feed, t);
  screen.seen.length = 0;
  call.send('line.started', 'caller.hungUp');
  feed.ended('call-1', { at: 9, outcome: 'abandoned', reason: null, durationMs: 8 });
  assert.equal(screen.types.at(-1), 'visualiser.ended');
  screen.seen.length = 0;
  feed.words('call-1', { turn: 1, at: 1, speaker: 'caller', text: 'Late.' });
  feed.ended('call-1', { at: 9, outcome: 'abandoned', reason: null, durationMs: 8 });
  callOn(feed, 'call-2').actor.stop();
  assert.ok(
    screen.seen.every((message) => 'sessionId' in message && message.sessionId === 'call-2'),
  );
  const late = join(feed);
  assert.equal(late.types.filter((type) => type === '@xstate.actor').length, 1);
});

test('a message is made once, however many look, and not at all when nobody does', (t) => {
  const feed = feedOf();
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  const stringify = t.mock.method(JSON, 'stringify');
  const made = () =>
    stringify.mock.calls.filter(({ arguments: [value] }) => value?.type !== undefined).length;
  call.send('line.started', 'agent.finished');
  feed.started('call-1', CALL);
  feed.words('call-1', { turn: 0, at: 0, speaker: 'agent', text: 'Hello.' });
  assert.equal(made(), 0);
  const screens = [join(feed, t), join(feed, t), join(feed, t)];
  stringify.mock.resetCalls();
  call.send('caller.spoke');
  assert.equal(made(), 2);
  for (const screen of screens) assert.equal(screen.types.at(-1), '@xstate.snapshot');
});

test('the line in front of the engine is read only while somebody looks, and told when it changes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let reads = 0;
  let depth = 0;
  const entries = () =>
    Array.from({ length: depth }, (_, n) => ({
      id: String(n),
      callSid: null,
      priority: 'waiting' as const,
      stage: 'line' as const,
      sinceMs: reads,
    }));
  const feed = feedOf({
    readQueue: () => {
      reads += 1;
      return { ...EMPTY, depth, entries: entries(), predictedWaitMs: reads };
    },
  });
  t.mock.timers.tick(10_000);
  assert.equal(reads, 0);
  const screen = new Screen();
  const leave = feed.join(screen);
  depth = 2;
  t.mock.timers.tick(250);
  t.mock.timers.tick(1000);
  depth = 1;
  t.mock.timers.tick(250);
  assert.deepEqual(
    screen.take('visualiser.queue').map((message) => message.depth),
    [0, 2, 1],
  );
  leave?.();
  t.mock.timers.tick(250);
  const before = reads;
  t.mock.timers.tick(10_000);
  assert.equal(reads, before);
});

test('whoever is told of the line between two readings keeps nobody from its news', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const entry = { id: '1', callSid: null, priority: 'waiting', stage: 'line', sinceMs: 0 } as const;
  let entries: readonly (typeof entry)[] = [];
  const feed = feedOf({ readQueue: () => ({ ...EMPTY, depth: entries.length, entries }) });
  const first = join(feed, t);
  const depths = (screen: Screen) =>
    screen.take('visualiser.queue').map((message) => message.depth);
  t.mock.timers.tick(250);
  assert.deepEqual(depths(first), [0]);
  entries = [entry];
  const second = join(feed);
  assert.deepEqual([depths(first), depths(second)], [[1], [1]]);
  const slow = new Screen();
  slow.bufferedAmount = DROP_ABOVE_BYTES;
  feed.join(slow);
  entries = [];
  slow.drain();
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  assert.deepEqual(depths(slow), [0]);
  entries = [entry];
  t.mock.timers.tick(250);
  assert.deepEqual(depths(slow), [1]);
});

test('who cannot follow misses messages, is told how many, and gets all anew', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const feed = feedOf();
  const fast = join(feed, t);
  const slow = join(feed, t);
  slow.isStuck = true;
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  const text = 'x'.repeat(2000);
  const say = (turn: number) => feed.words('call-1', { turn, at: 0, speaker: 'caller', text });
  for (let turn = 0; turn < 1000; turn++) say(turn);
  const took = slow.take('visualiser.words').length;
  assert.equal(fast.take('visualiser.words').length, 1000);
  assert.ok(took > 100 && took < 140, `expected about 256 KiB, got ${took} messages`);
  assert.ok(slow.bufferedAmount < DROP_ABOVE_BYTES + 3000);
  t.mock.timers.tick(1000);
  assert.deepEqual(slow.types, []);
  slow.drain();
  t.mock.timers.tick(250);
  assert.deepEqual(slow.types, [
    'visualiser.dropped',
    'visualiser.welcome',
    '@xstate.actor',
    ...Array(4).fill('visualiser.words'),
    'visualiser.queue',
  ]);
  assert.deepEqual(slow.seen[0], { type: 'visualiser.dropped', messages: 1000 - took });
  say(1000);
  assert.equal(slow.take('visualiser.words').at(-1)?.turn, 1000);
});

test('while the process is behind nothing is told or made, and then all of it anew', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let isBehind = false;
  let shed = 0;
  const feed = feedOf({ isBehind: () => isBehind, onShed: (messages) => (shed += messages) });
  const [first, second] = [join(feed, t), join(feed, t)];
  const call = callOn(feed);
  const gone = callOn(feed, 'call-2');
  t.after(() => call.actor.stop());
  first.seen.length = 0;
  second.seen.length = 0;
  isBehind = true;
  const stringify = t.mock.method(JSON, 'stringify');
  call.send('line.started');
  feed.words('call-1', { turn: 0, at: 0, speaker: 'agent', text: 'Hello.' });
  gone.actor.stop();
  feed.ended('call-2', { at: 0, outcome: 'completed', reason: null, durationMs: 1 });
  t.mock.timers.tick(1000);
  const late = join(feed);
  assert.deepEqual([first.types, second.types, late.types], [[], [], []]);
  // Two viewers: an event, its snapshot, words, that a call stops, and that it has ended.
  assert.equal(shed, 10);
  const messages = stringify.mock.calls.map(({ result }) => String(result));
  assert.deepEqual(
    messages.filter((text) => text.includes('sessionId')),
    [],
  );
  isBehind = false;
  t.mock.timers.tick(250);
  const anew = ['visualiser.welcome', '@xstate.actor', 'visualiser.words', 'visualiser.queue'];
  assert.deepEqual(first.types, ['visualiser.dropped', ...anew]);
  assert.deepEqual(second.types, first.types);
  assert.deepEqual(late.types, anew);
  assert.deepEqual(first.seen[0], { type: 'visualiser.dropped', messages: 5 });
  const [actor] = first.take('@xstate.actor');
  assert.deepEqual(actor?.snapshot.value, { conversation: 'greeting' });
});

test('the state of many calls is sent as fast as it is taken, and a call once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const feed = feedOf();
  const calls = Array.from({ length: 200 }, (_, n) => callOn(feed, `call-${n}`));
  t.after(() => calls.forEach((call) => void call.actor.stop()));
  for (let n = 0; n < 200; n++) {
    for (let turn = 0; turn < 4; turn++) {
      feed.words(`call-${n}`, { turn, at: 0, speaker: 'agent', text: 'x'.repeat(2000) });
    }
  }
  const screen = new Screen();
  screen.isStuck = true;
  assert.ok(feed.join(screen));
  t.after(() => feed.close());
  const told = () => screen.seen.filter(({ type }) => type === '@xstate.actor').length;
  assert.ok(told() > 1 && told() < 20, `${told()}`);
  // What happens to calls that it does not know yet is told with their state.
  calls[199]?.send('line.started');
  feed.ended('call-198', { at: 0, outcome: 'abandoned', reason: null, durationMs: 0 });
  let most = 0;
  for (let ticks = 0; told() < 199 && ticks < 100; ticks++) {
    most = Math.max(most, screen.bufferedAmount);
    screen.drain();
    t.mock.timers.tick(250);
  }
  assert.ok(most < DROP_ABOVE_BYTES, `${most}`);
  const sessions = screen.seen.flatMap((message) =>
    message.type === '@xstate.actor' ? [message.sessionId] : [],
  );
  assert.equal(new Set(sessions).size, 199);
  assert.equal(sessions.length, 199);
  assert.ok(!sessions.includes('call-198'));
  assert.ok(!screen.types.includes('visualiser.dropped'));
  const last = screen.seen.find((each) => 'sessionId' in each && each.sessionId === 'call-199');
  assert.deepEqual(last?.type === '@xstate.actor' && last.snapshot.value, {
    conversation: 'greeting',
  });
});

test('no more may look than there is room for', (t) => {
  const feed = feedOf();
  t.after(() => feed.close());
  const leaves = Array.from({ length: MAX_VIEWERS }, () => feed.join(new Screen()));
  assert.equal(feed.join(new Screen()), undefined);
  leaves[0]?.();
  assert.ok(feed.join(new Screen()));
});

test('what goes wrong in it is counted, and reaches neither a call nor the other viewers', (t) => {
  const faults: number[] = [];
  const feed = feedOf({
    readQueue: () => {
      throw new Error('no queue');
    },
    onFault: (_error, count) => faults.push(count),
  });
  const broken = {
    bufferedAmount: 0,
    send: () => {
      throw new Error('no socket');
    },
  };
  assert.ok(feed.join(broken));
  const screen = join(feed, t);
  const call = callOn(feed);
  call.send('line.started', 'caller.hungUp');
  assert.equal(call.output?.outcome, 'abandoned');
  assert.equal(screen.take('@xstate.snapshot').length, 2);
  assert.ok(faults.length > 2);
  assert.deepEqual(
    faults,
    faults.map((_, index) => index + 1),
  );
});

test('words keep their dates and prices and lose their phone numbers', () => {
  const same = [
    'On 2026-12-24 at 19:30, for 4, 120 euros.',
    '{"date":"2026-12-24","time":"19:30"}',
    'We open 11 to 14 and 18 to 23.',
    '2026-12-24 19:30',
  ];
  for (const text of same) assert.equal(feedText('agent', text), text);
  const masked: [string, string][] = [
    ['Call +49 30 1234567 please', 'Call … please'],
    ['it is 030-123-4567.', 'it is ….'],
    ['(555) 765 4321', '(…'],
    ['{"phone":"+15557654321"}', '{"phone":"…"}'],
    ['15557654321', '…'],
  ];
  for (const [text, shown] of masked) assert.equal(feedText('caller', text), shown);
});

test('words of any kind and length come as text of a bounded length', (t) => {
  const feed = feedOf();
  const screen = join(feed, t);
  const call = callOn(feed);
  t.after(() => call.actor.stop());
  let turn = 0;
  const say = (text: string) => {
    screen.seen.length = 0;
    feed.words('call-1', { turn: turn++, at: 0, speaker: 'caller', text });
    return screen.take('visualiser.words')[0]?.text ?? '';
  };
  const hostile = '<img src=x onerror=alert(1)> \u202e\u0000 "\\" 🍕';
  assert.equal(say(hostile), hostile);
  assert.equal(say('🍕'.repeat(50_000)).length, 2000);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 3000 }), (text) => {
      const shown = say(text);
      assert.ok(shown.length <= 2000 && shown.isWellFormed());
    }),
    { numRuns: 50 },
  );
});

test('what a tool was asked and answered stays JSON when it is cut', () => {
  const part = `${'y'.repeat(5000)} +4930123456`;
  const text = JSON.stringify({ name: 'find_table', arguments: '{"a":1}', result: part });
  const shown = JSON.parse(feedText('tool', text) ?? '');
  assert.deepEqual([shown.name, shown.arguments], ['find_table', '{"a":1}']);
  assert.equal(shown.result.length, 600);
});

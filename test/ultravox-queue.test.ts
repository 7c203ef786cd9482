import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { EngineEvent, EngineRequest } from '../src/ultravox/engine-client.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import {
  EngineQueue,
  type EngineTicket,
  type Priority,
  type QueueOptions,
} from '../src/ultravox/engine-queue.ts';
import { engineMs, GaveWayError } from '../src/ultravox/engine-ticket.ts';

const testing = new AbortController();
after(() => testing.abort());

/** An engine whose every step the test decides. */
class HandEngine {
  readonly streams: HandStream[] = [];
  /** Streams in the order in which they started. */
  readonly started: string[] = [];
  maxInPrefill = 0;
  maxOpen = 0;

  readonly stream = (request: EngineRequest, signal: AbortSignal): AsyncIterable<EngineEvent> => {
    const stream = new HandStream(String(request.messages[0]?.content), signal);
    this.streams.push(stream);
    this.started.push(stream.name);
    this.maxInPrefill = Math.max(this.maxInPrefill, this.inPrefill);
    this.maxOpen = Math.max(this.maxOpen, this.open.length);
    return stream.events();
  };

  get open(): HandStream[] {
    return this.streams.filter((stream) => stream.isOpen);
  }

  get inPrefill(): number {
    return this.open.filter((stream) => !stream.hasOutput).length;
  }

  named(name: string): HandStream {
    const stream = this.open.find((each) => each.name === name);
    assert.ok(stream, `expected an open stream ${name}, found ${this.open.map((s) => s.name)}`);
    return stream;
  }
}

class HandStream {
  readonly name: string;
  readonly signal: AbortSignal;
  hasOutput = false;
  #hasEnded = false;
  #queue: (EngineEvent | Error | 'end')[] = [];
  #wake: () => void = () => {};

  constructor(name: string, signal: AbortSignal) {
    this.name = name;
    this.signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  get isOpen(): boolean {
    return !this.#hasEnded && !this.signal.aborted;
  }

  say(text: string): void {
    this.hasOutput = true;
    this.#put({ type: 'text', text });
  }

  finish(): void {
    this.#put({ type: 'finished', reason: 'stop' });
    this.#put('end');
  }

  fail(error: Error): void {
    this.#put(error);
  }

  async *events(): AsyncGenerator<EngineEvent, void, undefined> {
    for (;;) {
      while (this.#queue.length === 0 && !this.signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      this.signal.throwIfAborted();
      const next = this.#queue.shift();
      if (next === 'end') return;
      if (next instanceof Error) throw next;
      if (next) yield next;
    }
  }

  #put(event: EngineEvent | Error | 'end'): void {
    if (event === 'end' || event instanceof Error) this.#hasEnded = true;
    this.#queue.push(event);
    this.#wake();
  }
}

function setUp(options: QueueOptions = {}) {
  const engine = new HandEngine();
  const queue = new EngineQueue({ ...options, stream: engine.stream });
  const submit = (name: string, priority: Priority = 'waiting', more = {}): EngineTicket =>
    queue.submit({
      request: requestOf(name),
      priority,
      deadlineMs: 60_000,
      signal: testing.signal,
      ...more,
    });
  return { engine, queue, submit };
}

function requestOf(name: string): EngineRequest {
  return { messages: [{ role: 'user', content: name }], maxTokens: 1, temperature: 0 };
}

/** One turn of the event loop, in which all that follows from what was done has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function outcome(ticket: EngineTicket): Promise<string> {
  let text = '';
  try {
    for await (const event of ticket.events) if (event.type === 'text') text += event.text;
  } catch (error) {
    return error instanceof EngineError ? error.kind : (error as Error).name;
  }
  return text;
}

test('the slot is free again at the first token, and the reply goes on', async () => {
  const { engine, queue, submit } = setUp();
  const a = submit('a');
  submit('b');
  await turn();
  assert.deepEqual(engine.started, ['a']);
  engine.named('a').say('Hello ');
  await turn();
  assert.deepEqual(engine.started, ['a', 'b']);
  assert.deepEqual([queue.inSlot, queue.streaming, queue.depth], [1, 1, 0]);
  engine.named('a').say('there.');
  engine.named('a').finish();
  assert.equal(await outcome(a), 'Hello there.');
  assert.ok(a.timing.firstTokenAtMs! >= a.timing.startedAtMs!);
});

test('an engine that cannot batch is held until the reply is complete', async () => {
  const { engine, submit } = setUp({ slot: 'wholeReply' });
  submit('a');
  submit('b');
  engine.named('a').say('Hello.');
  await turn();
  assert.deepEqual(engine.started, ['a']);
  engine.named('a').finish();
  await turn();
  assert.deepEqual(engine.started, ['a', 'b']);
});

test('a watcher is told how long each request held slot and stream, however it ended', async () => {
  for (const slot of ['firstToken', 'wholeReply'] as const) {
    const { engine, queue, submit } = setUp({ slot });
    const told: string[] = [];
    queue.watch({ onServed: ({ priority, part }) => void told.push(`${priority} ${part}`) });
    const whole = submit('a');
    const cancelled = submit('b', 'speculative');
    const waiting = submit('c', 'background');
    await turn();
    waiting.cancel();
    assert.deepEqual(told, [], 'it never held anything');
    engine.named('a').say('Hello.');
    await turn();
    assert.deepEqual(told, slot === 'firstToken' ? ['waiting slot'] : []);
    engine.named('a').finish();
    await outcome(whole);
    await turn();
    cancelled.cancel();
    const each = ['waiting slot', 'waiting reply', 'speculative slot', 'speculative reply'];
    assert.deepEqual(told, each);
  }
});

test('who waits in silence goes before a speculative reply, and both before background work', async () => {
  const { engine, submit } = setUp();
  submit('first');
  submit('background', 'background');
  submit('speculative', 'speculative');
  submit('waiting');
  for (const name of ['first', 'waiting', 'speculative', 'background']) {
    await turn();
    engine.named(name).say('.');
  }
  assert.deepEqual(engine.started, ['first', 'waiting', 'speculative', 'background']);
});

test('a promoted reply overtakes those that are only prepared', async () => {
  const { engine, submit } = setUp();
  submit('first');
  submit('b', 'speculative');
  const c = submit('c', 'speculative');
  c.promote('waiting');
  engine.named('first').say('.');
  await turn();
  assert.deepEqual(engine.started, ['first', 'c']);
});

test('background work gives the slot to a caller and begins again after', async () => {
  const { engine, queue, submit } = setUp();
  const background = submit('background', 'background');
  const first = engine.named('background');
  const waiting = submit('waiting');
  assert.equal(first.signal.aborted, true, 'its stream is closed at once');
  await turn();
  assert.deepEqual(engine.started, ['background', 'waiting']);
  engine.named('waiting').say('Yes.');
  engine.named('waiting').finish();
  assert.equal(await outcome(waiting), 'Yes.');
  engine.named('background').say('written');
  engine.named('background').finish();
  assert.equal(await outcome(background), 'written');
  await queue.onIdle();
});

test('background work whose stream bars the way gives way too, unseen by its reader', async () => {
  const { engine, queue, submit } = setUp({ maxStreams: 1 });
  const background = submit('background', 'background');
  engine.named('background').say('half a ');
  await turn();
  const waiting = submit('waiting');
  await turn();
  assert.deepEqual(engine.started, ['background', 'waiting']);
  engine.named('waiting').say('Yes.');
  engine.named('waiting').finish();
  await turn();
  engine.named('background').say('whole');
  await turn();
  assert.deepEqual([queue.inSlot, queue.streaming], [0, 1]);
  engine.named('background').finish();
  assert.equal(await outcome(waiting), 'Yes.');
  assert.equal(await outcome(background), 'whole');
});

test('background work that a caller now waits for is shown as it comes, and no longer gives way', async () => {
  const { engine, submit } = setUp({ slot: 'wholeReply' });
  const ticket = submit('a', 'background');
  const reader = ticket.events[Symbol.asyncIterator]();
  engine.named('a').say('now');
  ticket.promote('waiting');
  assert.deepEqual(await reader.next(), { done: false, value: { type: 'text', text: 'now' } });
  submit('b');
  assert.equal(engine.named('a').isOpen, true);
});

test('what a reader has seen is not begun again', async () => {
  const { engine, submit } = setUp({ slot: 'wholeReply' });
  const ticket = submit('a', 'speculative');
  const reader = ticket.events[Symbol.asyncIterator]();
  engine.named('a').say('seen');
  await reader.next();
  ticket.promote('background');
  submit('b');
  assert.equal(engine.named('a').isOpen, true);
});

test('an attempt that had to give way adds nothing to the next', async () => {
  const { promise: late, resolve: goOn } = Promise.withResolvers<void>();
  let attempts = 0;
  const queue = new EngineQueue({
    async *stream(request) {
      const isStubborn = request.messages[0]?.content === 'background' && ++attempts === 1;
      if (isStubborn) await late;
      yield { type: 'text', text: isStubborn ? 'stale' : 'fresh' };
    },
  });
  const options = { deadlineMs: 1000, signal: testing.signal };
  const request = requestOf('background');
  const ticket = queue.submit({ ...options, request, priority: 'background' });
  queue.submit({ ...options, request: requestOf('a'), priority: 'waiting' });
  goOn();
  assert.equal(await outcome(ticket), 'fresh');
  assert.equal(attempts, 2);
});

test('at its end a request leaves no listener on its signal', async () => {
  const { engine, queue, submit } = setUp();
  const { signal } = new AbortController();
  submit('a', 'waiting', { signal });
  submit('b', 'waiting', { signal }).cancel();
  submit('c', 'waiting', { signal, deadlineMs: 1 });
  assert.equal(getEventListeners(signal, 'abort').length, 2);
  engine.named('a').finish();
  await turn();
  engine.open[0]?.fail(new EngineError('garbage', 'x'));
  await queue.onIdle();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('the queue is idle only when its last request has ended', async () => {
  const { engine, queue, submit } = setUp();
  for (const name of ['a', 'b']) submit(name);
  let isIdle = false;
  const idle = queue.onIdle().then(() => {
    isIdle = true;
  });
  engine.named('a').finish();
  await turn();
  assert.equal(isIdle, false);
  engine.named('b').finish();
  await idle;
});

test('no more replies are under way than the engine may decode at once', async () => {
  const { engine, queue, submit } = setUp({ maxStreams: 2 });
  for (const name of ['a', 'b', 'c']) submit(name);
  engine.named('a').say('.');
  await turn();
  engine.named('b').say('.');
  await turn();
  assert.deepEqual(engine.started, ['a', 'b']);
  assert.equal(queue.depth, 1);
  engine.named('a').finish();
  await turn();
  assert.deepEqual(engine.started, ['a', 'b', 'c']);
});

test('a full line refuses, but a caller takes the place of background work', async () => {
  const { submit } = setUp({ maxDepth: 2 });
  submit('in the slot');
  submit('a');
  const background = submit('background', 'background');
  const refused = submit('more', 'background');
  assert.equal(await outcome(refused), 'queueFull');
  submit('caller');
  assert.equal(await outcome(background), 'queueFull');
  assert.equal(await outcome(submit('one too many')), 'queueFull');
});

test('the deadline counts from the moment of asking, and stops at the slot', async () => {
  const { engine, queue, submit } = setUp();
  const first = submit('first', 'waiting', { deadlineMs: 10 });
  const late = submit('late', 'waiting', { deadlineMs: 20 });
  assert.equal(await outcome(late), 'deadline');
  assert.equal(queue.depth, 0);
  engine.named('first').say('in time');
  engine.named('first').finish();
  assert.equal(await outcome(first), 'in time');
});

test('the request is built when the slot is got', async () => {
  const { engine, submit } = setUp();
  let text = 'early';
  submit('first');
  submit('', 'waiting', { request: () => requestOf(text) });
  text = 'late';
  engine.named('first').say('.');
  await turn();
  assert.deepEqual(engine.started, ['first', 'late']);
});

test('a request that cannot be built fails alone', async () => {
  const { engine, submit } = setUp();
  const broken = submit('', 'waiting', {
    request: () => {
      throw new RangeError('no such turn');
    },
  });
  assert.equal(await outcome(broken), 'RangeError');
  submit('next');
  await turn();
  assert.deepEqual(engine.started, ['next']);
});

test('an abort leaves the line, the slot and the stream within a turn of the loop', async () => {
  const { engine, queue, submit } = setUp();
  const stages = ['streaming', 'slot', 'line'].map((name) => {
    const controller = new AbortController();
    const ticket = submit(name, 'waiting', { signal: controller.signal });
    return { name, ticket, controller };
  });
  engine.named('streaming').say('half');
  await turn();
  assert.deepEqual([queue.streaming, queue.inSlot, queue.depth], [1, 1, 1]);
  for (const { ticket, controller } of stages.toReversed()) {
    controller.abort();
    assert.equal(await outcome(ticket), 'AbortError');
  }
  await turn();
  assert.deepEqual([queue.streaming, queue.inSlot, queue.depth], [0, 0, 0]);
  assert.equal(engine.open.length, 0);
  assert.deepEqual(engine.started, ['streaming', 'slot']);
});

test('an aborted holder of the slot makes room for the next in line', async () => {
  const { engine, submit } = setUp();
  const first = submit('first');
  submit('second');
  first.cancel();
  await turn();
  assert.deepEqual(engine.started, ['first', 'second']);
});

test('a prepared reply gives its slot at once to a caller who waits, and begins again after', async () => {
  const { engine, queue, submit } = setUp();
  const prepared = submit('prepared', 'speculative');
  const first = engine.named('prepared');
  const waiting = submit('waiting');
  assert.equal(first.signal.aborted, true, 'its stream is closed at once');
  await turn();
  assert.deepEqual(engine.started, ['prepared', 'waiting']);
  engine.named('waiting').say('Yes.');
  await turn();
  assert.deepEqual(engine.started, ['prepared', 'waiting', 'prepared']);
  engine.named('prepared').say('Whole.');
  engine.named('prepared').finish();
  assert.equal(await outcome(prepared), 'Whole.');
  assert.ok(prepared.timing.lostMs > 0 && engineMs(prepared.timing) > prepared.timing.lostMs);
  engine.named('waiting').finish();
  assert.equal(await outcome(waiting), 'Yes.');
  assert.equal(waiting.timing.lostMs, 0);
  await queue.onIdle();
});

test('a prepared reply that a caller adopts meanwhile is not begun behind others that are prepared', async () => {
  const { engine, submit } = setUp();
  const prepared = submit('prepared', 'speculative');
  submit('waiting');
  submit('another', 'speculative');
  assert.equal(prepared.promote('waiting'), true);
  await turn();
  engine.named('waiting').say('.');
  await turn();
  assert.deepEqual(engine.started, ['prepared', 'waiting', 'prepared']);
});

test('a prepared reply that is adopted in the slot keeps it', async () => {
  const { engine, submit } = setUp();
  const prepared = submit('prepared', 'speculative');
  assert.equal(prepared.promote('waiting'), true);
  submit('waiting');
  await turn();
  assert.equal(engine.named('prepared').isOpen, true);
  assert.deepEqual(engine.started, ['prepared']);
});

test('a prepared reply of which something was read is dropped, and its owner told so at once', async () => {
  const { engine, queue, submit } = setUp({ maxStreams: 1 });
  const prepared = submit('prepared', 'speculative');
  const reader = prepared.events[Symbol.asyncIterator]();
  engine.named('prepared').say('half');
  await reader.next();
  const waiting = submit('waiting');
  assert.equal(prepared.promote('waiting'), false);
  await assert.rejects(reader.next(), GaveWayError);
  await turn();
  assert.deepEqual(engine.started, ['prepared', 'waiting']);
  engine.named('waiting').say('Yes.');
  engine.named('waiting').finish();
  assert.equal(await outcome(waiting), 'Yes.');
  await queue.onIdle();
});

test('a prepared reply stays where nobody needs its place', async () => {
  const { engine, submit } = setUp({ concurrency: 2, maxStreams: 4 });
  submit('prepared', 'speculative');
  submit('waiting');
  submit('another', 'speculative');
  submit('background', 'background');
  await turn();
  assert.equal(engine.named('prepared').isOpen, true);
  assert.deepEqual(engine.started, ['prepared', 'waiting']);
});

test('background work gives way before a prepared reply does, and of these the newest', async () => {
  const { engine, submit } = setUp({ concurrency: 3 });
  for (const name of ['old', 'new']) submit(name, 'speculative');
  submit('background', 'background');
  const aborted = ['background', 'new', 'old'].map((name) => engine.named(name).signal);
  for (const [index, signal] of aborted.entries()) {
    assert.equal(signal.aborted, false);
    submit(`waiting ${index}`);
    assert.equal(signal.aborted, true);
    await turn();
  }
  submit('nobody is left to give way to it');
  await turn();
  assert.equal(engine.open.length, 3);
});

test('whoever counts is told which part of the work was for nothing', async () => {
  const { engine, queue, submit } = setUp();
  const told: string[] = [];
  queue.watch({
    onServed: ({ priority, part, gaveWay }) =>
      void told.push(`${priority} ${part}${gaveWay ? ' gave way' : ''}`),
  });
  const prepared = submit('prepared', 'speculative');
  submit('waiting');
  assert.deepEqual(told, ['speculative slot gave way', 'speculative reply gave way']);
  await turn();
  engine.named('waiting').say('.');
  await turn();
  engine.named('prepared').say('.');
  await turn();
  assert.deepEqual(told.slice(2), ['waiting slot', 'speculative slot']);
  prepared.cancel();
});

test('a signal that is aborted already gets nothing', async () => {
  const { engine, submit } = setUp();
  const ticket = submit('a', 'waiting', { signal: AbortSignal.abort() });
  assert.equal(await outcome(ticket), 'AbortError');
  assert.deepEqual(engine.started, []);
});

test('a reply prepared early is kept until it is read', async () => {
  const { engine, queue, submit } = setUp();
  const ticket = submit('a', 'speculative');
  engine.named('a').say('Prepared.');
  engine.named('a').finish();
  await queue.onIdle();
  ticket.promote('waiting');
  assert.equal(await outcome(ticket), 'Prepared.');
});

test('a reply that is cancelled before it was read is not a short reply', async () => {
  const { engine, queue, submit } = setUp();
  const ticket = submit('a');
  engine.named('a').say('Unread.');
  engine.named('a').finish();
  await queue.onIdle();
  ticket.cancel();
  assert.equal(await outcome(ticket), 'AbortError');
});

test('an error comes after the text before it, and frees the slot', async () => {
  const { engine, queue, submit } = setUp();
  const ticket = submit('a');
  engine.named('a').say('half');
  engine.named('a').fail(new EngineError('tokenStall', 'expected another token'));
  await queue.onIdle();
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const event of ticket.events) if (event.type === 'text') seen.push(event.text);
  }, EngineError);
  assert.deepEqual(seen, ['half']);
});

test('leaving the loop over the events cancels the request', async () => {
  const { engine, queue, submit } = setUp();
  const ticket = submit('a');
  engine.named('a').say('enough');
  for await (const _ of ticket.events) break;
  await turn();
  assert.equal(engine.open.length, 0);
  assert.equal(queue.streaming, 0);
});

test('whoever looks sees who holds the engine and who is next, and for whom', async () => {
  const { engine, queue, submit } = setUp();
  submit('a', 'waiting', { owner: 'CA1' });
  await turn();
  engine.named('a').say('.');
  await turn();
  const b = submit('b');
  submit('c', 'background');
  submit('d', 'speculative', { owner: 'CA4' });
  await turn();
  const seen = () => queue.entries.map(({ id, stage, priority }) => [id, stage, priority]);
  assert.deepEqual(seen(), [
    ['1', 'streaming', 'waiting'],
    ['2', 'slot', 'waiting'],
    ['4', 'line', 'speculative'],
    ['3', 'line', 'background'],
  ]);
  assert.deepEqual(
    queue.entries.map(({ callSid }) => callSid),
    ['CA1', null, 'CA4', null],
  );
  assert.ok(queue.entries.every(({ sinceMs }) => sinceMs >= 0 && sinceMs < 1000));
  b.cancel();
  await turn();
  assert.deepEqual(seen()[1], ['4', 'slot', 'speculative']);
});

test('the predicted wait grows with the line and is zero without one', async () => {
  const { submit, queue } = setUp();
  assert.equal(queue.predictedWaitMs(), 0);
  for (let i = 0; i < 5; i++) submit(`caller ${i}`);
  const five = queue.predictedWaitMs();
  assert.ok(five >= 4 * 150, `${five} ms`);
  submit('background', 'background');
  submit('prepared', 'speculative');
  assert.equal(queue.predictedWaitMs(), five, 'background work gives way, and so does speculation');
});

/** At rest, no caller stands in line while the slot holds what nobody waits for. */
function assertNobodyWaitsForLess(queue: EngineQueue, concurrency: number): void {
  const at = (stage: string) => queue.entries.filter((entry) => entry.stage === stage);
  const waits = at('line').some((entry) => entry.priority === 'waiting');
  const inSlot = at('slot');
  const isSlotFull = inSlot.length >= concurrency;
  if (!waits || !isSlotFull) return;
  assert.ok(!inSlot.some((entry) => entry.priority === 'speculative'), 'a caller waits for less');
}

const priority = fc.constantFrom<Priority>('waiting', 'speculative', 'background');
const index = fc.nat(1000);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('submit' as const), priority }) },
  fc.record({ do: fc.constantFrom('cancel' as const, 'abort' as const), index }),
  fc.record({
    do: fc.constant('promote' as const),
    index,
    priority: fc.constantFrom<Priority>('waiting', 'background'),
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('say' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), index }) },
  fc.record({ do: fc.constant('fail' as const), index }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);

function among<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}

test('whatever happens in whatever order, the slot is never overfull and at rest nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<'firstToken' | 'wholeReply'>('firstToken', 'wholeReply'),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(action, { maxLength: 60 }),
      async (slot, concurrency, maxStreams, actions) => {
        const { engine, queue } = setUp({ slot, concurrency, maxStreams, maxDepth: 8 });
        const tickets: {
          ticket: EngineTicket;
          controller: AbortController;
          end: Promise<string>;
        }[] = [];
        for (const step of actions) {
          if (step.do === 'submit') {
            const controller = new AbortController();
            const { signal } = controller;
            const request = requestOf(String(tickets.length));
            const ticket = queue.submit({
              request,
              priority: step.priority,
              deadlineMs: 60_000,
              signal,
            });
            tickets.push({ ticket, controller, end: outcome(ticket) });
          } else if (step.do === 'turn') await turn();
          else if (step.do === 'say') among(engine.open, step.index)?.say('x');
          else if (step.do === 'finish') among(engine.open, step.index)?.finish();
          else if (step.do === 'fail')
            among(engine.open, step.index)?.fail(new EngineError('garbage', 'x'));
          else if (step.do === 'cancel') among(tickets, step.index)?.ticket.cancel();
          else if (step.do === 'abort') among(tickets, step.index)?.controller.abort();
          else if (step.do === 'promote') among(tickets, step.index)?.ticket.promote(step.priority);
          assert.ok(queue.inSlot <= concurrency);
          assert.ok(queue.inSlot + queue.streaming <= maxStreams);
          assert.ok(queue.depth <= 8);
          if (step.do === 'turn') assertNobodyWaitsForLess(queue, concurrency);
        }
        assert.ok(engine.maxInPrefill <= concurrency, `${engine.maxInPrefill} in prefill`);
        const maxOpen = slot === 'wholeReply' ? Math.min(concurrency, maxStreams) : maxStreams;
        assert.ok(engine.maxOpen <= maxOpen, `${engine.maxOpen} open`);
        // Everything that is still there ends by itself, the line included.
        for (let i = 0; i < 200 && queue.depth + queue.inSlot + queue.streaming > 0; i++) {
          for (const stream of engine.open) {
            stream.say('x');
            stream.finish();
          }
          await turn();
        }
        await queue.onIdle();
        assert.deepEqual([queue.depth, queue.inSlot, queue.streaming], [0, 0, 0]);
        assert.equal(engine.open.length, 0);
        await Promise.all(tickets.map(({ end }) => end));
      },
    ),
    { numRuns: 300 },
  );
});

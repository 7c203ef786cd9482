import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { VoiceError } from '../src/tts/voice.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { numbersIn } from './support/spoken-words.ts';
import { SteeredAgent } from './support/steered-agent.ts';
import { settled, VirtualClock } from './support/virtual-clock.ts';

const REPLY = 'With pleasure, for how many?'; // five words, 1500 ms
const REPLY_MS = 1500;
const cutShort = () => new EngineError('cutShort', 'expected the end of the reply, got none');

let clock: VirtualClock;
let call: SteeredAgent;
beforeEach(() => {
  clock = new VirtualClock().install();
  call = new SteeredAgent();
});
afterEach(() => clock.uninstall());

/** The engine says all of the reply. */
async function answer(text = REPLY): Promise<void> {
  await settled();
  call.engine.last.says(text).ends();
  await settled();
}

/** The line stalls in the midst of the reply, for longer than its last mark may take. */
async function answerIntoStall(): Promise<void> {
  call.perform('reply');
  await answer();
  await clock.advance(400);
  call.ear.stall();
  await clock.advance(REPLY_MS + 1500);
}

describe('a reply', () => {
  test('is asked for when the turn is over, said, and told to be audible and finished', async () => {
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
    await clock.advance(REPLY_MS + 50);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
    assert.deepEqual(call.said, [REPLY]);
    assert.equal(numbersIn(call.ear.heard), '1 2 3 4 5');
    const [note, another] = call.replies;
    assert.equal(another, undefined);
    assert.deepEqual([note?.how, note?.priority, note?.ofResult], ['completed', 'waiting', false]);
    const moments = [note?.askedAt, note?.startedAt, note?.firstTokenAt, note?.firstSoundAt];
    assert.deepEqual(moments.toSorted(), moments);
    assert.ok(moments.every((at) => Number.isInteger(at)));
  });

  test('prepared at a pause is held back, promoted, and not asked for twice', async () => {
    call.perform('prepare');
    await answer();
    await clock.advance(1000);
    assert.deepEqual(call.told, []);
    assert.deepEqual(call.ear.sent, []);
    call.perform('reply');
    assert.deepEqual(call.told, ['agent.audible'], 'expected it to be audible at once');
    await clock.advance(REPLY_MS + 50);
    assert.equal(call.engine.requests.length, 1);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
  });

  test("promoted while it stands in line goes before another caller's that waits longer", async () => {
    const other = new AbortController();
    const submit = (priority: 'waiting' | 'speculative') =>
      call.queue.submit({
        request: { messages: [], maxTokens: 1, temperature: 0 },
        priority,
        deadlineMs: 60_000,
        signal: other.signal,
      });
    submit('waiting');
    submit('speculative');
    call.perform('prepare');
    await settled();
    assert.equal(call.engine.requests.length, 1);
    call.perform('reply');
    call.engine.requests[0]!.ends();
    await settled();
    assert.equal(call.engine.last.request.maxTokens, 100, 'expected our own request to be next');
    other.abort();
  });

  test('enters the history with the very bytes that the engine was given', async () => {
    call.turnDigits = '42';
    call.perform('prepare');
    await settled();
    call.turnAudio = new Uint8Array(3200).fill(9); // more came in meanwhile
    await answer();
    call.perform('reply');
    const [turn] = call.callerTurns;
    assert.deepEqual(turn?.mulaw, new Uint8Array(1600).fill(7));
    assert.equal(turn?.digits, '42');
    const asked = call.engine.last.request.messages.at(-1);
    assert.deepEqual(
      call.conversation.request().find(({ role }) => role === 'user'),
      asked,
    );
    assert.equal(call.forgotten, 1);
  });

  test('dropped because the caller went on leaves no trace, whatever still comes of it', async () => {
    call.voice.fault = 'goes on after the abort';
    const gate = Promise.withResolvers<void>();
    call.voice.gate = gate.promise;
    call.perform('prepare');
    await answer();
    call.perform('yield');
    gate.resolve();
    await clock.advance(3000);
    assert.deepEqual([call.told, call.said, call.ear.sent], [[], [], []]);
    assert.ok(call.engine.last.signal.aborted || call.queue.streaming === 0);
    assert.deepEqual(
      call.replies.map(({ how, priority }) => [how, priority]),
      [['cancelled', 'speculative']],
    );
  });

  test('prepared before more keys were pressed is no answer: it is asked for anew', async () => {
    call.turnDigits = '42';
    call.perform('prepare');
    await answer();
    call.turnDigits = '421';
    call.perform('reply');
    assert.deepEqual(call.told, []);
    await answer();
    assert.deepEqual(
      call.callerTurns.map(({ digits }) => digits),
      ['421'],
    );
    assert.deepEqual(
      call.speculations.map(({ how }) => how),
      ['dropped'],
    );
  });

  test('yielded in the middle is cut in the history, and none of it is sent any more', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure, ');
    await clock.advance(400);
    call.perform('yield');
    const sent = call.ear.sent.length;
    call.engine.last.says('for how many?').ends();
    await clock.advance(3000);
    assert.deepEqual(call.ear.sent.slice(sent), []);
    assert.deepEqual(call.said, ['With']);
    const [cut] = call.conversation.turns.flatMap((turn) => ('cut' in turn ? [turn.cut] : []));
    assert.equal(cut, 'pleasure,');
    assert.deepEqual(call.told, ['agent.audible']);
    assert.equal(call.queue.streaming, 0);
  });

  test('hushed and resumed is said as a whole, however late the rest of it was written', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure, ');
    await clock.advance(400);
    call.perform('hush');
    call.engine.last.says('for how many?').ends();
    await clock.advance(500);
    call.perform('resume');
    await clock.advance(REPLY_MS + 100);
    assert.equal(numbersIn(call.ear.heard), '1 2 3 4 5');
    assert.deepEqual(call.said, [REPLY]);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
  });

  test('hushed at any moment, and resumed or yielded, is told finished at most once', async () => {
    for (let hushMs = REPLY_MS - 60; hushMs <= REPLY_MS + 60; hushMs += 10) {
      for (const next of ['resume', 'yield'] as const) {
        call = new SteeredAgent();
        call.perform('reply');
        await answer();
        await clock.advance(hushMs);
        const before = call.told.filter((type) => type === 'agent.finished').length;
        call.perform('hush');
        await clock.advance(500);
        call.perform(next);
        await clock.advance(2000);
        const finished = call.told.filter((type) => type === 'agent.finished').length;
        // Resuming what has already ended is told once more: nobody else ends that state.
        assert.equal(finished, next === 'resume' ? before + 1 : before, `at ${hushMs} ms`);
        assert.equal(call.said.length, 1, `at ${hushMs} ms, then ${next}`);
      }
    }
  });

  test('nothing is said twice into the history, and nothing is taken from a finished one', async () => {
    call.perform('reply');
    await answer();
    await clock.advance(REPLY_MS + 50);
    call.perform('hush', 'yield', 'yield');
    assert.deepEqual(call.said, [REPLY]);
  });

  test('stuck in a line that stalls is heard late, and then history as a whole', async () => {
    await answerIntoStall();
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
    assert.deepEqual(call.said, ['With pleasure, for']);
    call.ear.goOn();
    await clock.advance(REPLY_MS);
    assert.deepEqual(call.said, [REPLY]);
    assert.deepEqual(call.toldTurns.at(-1), [1, { speaker: 'agent', text: REPLY }]);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
  });

  test('stuck in a line that stalls is not heard any more once something else is said', async () => {
    await answerIntoStall();
    call.play('reprompt');
    call.ear.goOn();
    await clock.advance(5000);
    assert.equal(call.said[0], 'With pleasure, for');
  });

  test('that is cut off by the end of the call is kept as far as it was heard', async () => {
    call.perform('reply');
    await answer();
    await clock.advance(700);
    call.agent.close();
    assert.deepEqual(call.said, ['With pleasure,']);
  });
});

describe('a reply that is prepared at a pause', () => {
  /** The caller pauses, and goes on when the engine has worked for so long. */
  async function pauseAndResume(workedMs: number): Promise<void> {
    call.perform('prepare');
    await clock.advance(workedMs);
    call.perform('yield');
  }

  test('is counted with the time that the engine worked on it for nothing', async () => {
    await pauseAndResume(130);
    call.perform('prepare');
    await clock.advance(100);
    call.engine.last.says(REPLY).ends();
    await clock.advance(500);
    call.perform('yield');
    call.perform('prepare');
    await answer();
    call.perform('reply');
    assert.deepEqual(call.speculations, [
      { how: 'dropped', wastedMs: 130 },
      { how: 'dropped', wastedMs: 100 },
      { how: 'used', wastedMs: 0 },
    ]);
    assert.equal(call.engine.requests.length, 3);
  });

  test('is asked for three times a turn at most, then only when the turn is over', async () => {
    for (let pause = 0; pause < 5; pause++) await pauseAndResume(50);
    assert.equal(call.engine.requests.length, 3);
    call.perform('prepare');
    await settled();
    assert.equal(call.engine.requests.length, 3);
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
    assert.equal(call.replies.at(-1)?.priority, 'waiting');
    await clock.advance(REPLY_MS + 50);
    await pauseAndResume(50);
    assert.equal(call.engine.requests.length, 5, 'the next turn has tries of its own');
  });

  test('is not asked for when the caller has spoken for more than ten seconds', async () => {
    call.turnAudio = new Uint8Array(10_000 * 8);
    await pauseAndResume(50);
    assert.equal(call.engine.requests.length, 1);
    call.turnAudio = new Uint8Array(10_020 * 8);
    await pauseAndResume(50);
    assert.equal(call.engine.requests.length, 1);
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
  });

  test('is left out where it is switched off', async () => {
    call = new SteeredAgent({ speculates: false });
    call.perform('prepare');
    await settled();
    assert.equal(call.engine.requests.length, 0);
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
    assert.deepEqual(call.speculations, []);
  });

  test('gives its slot to a caller who waits, and is the answer all the same', async () => {
    call.perform('prepare');
    await clock.advance(80);
    const other = submitWaiting();
    await clock.advance(150);
    call.engine.last.says('.');
    await settled();
    await answer();
    call.perform('reply');
    assert.deepEqual(call.told, ['agent.audible']);
    assert.deepEqual(call.speculations, [{ how: 'used', wastedMs: 80 }]);
    other.abort();
  });

  /** There are words of the prepared answer when a caller who waits needs its place. @returns that one */
  async function beginAndGiveWay(): Promise<AbortController> {
    call = new SteeredAgent({ queue: { maxStreams: 1 } });
    call.perform('prepare');
    await settled();
    call.engine.last.says('With pleasure, ');
    await settled();
    return submitWaiting();
  }

  test('that had to give way when something of it was there is asked for anew', async () => {
    const other = await beginAndGiveWay();
    call.perform('reply');
    await settled();
    assert.deepEqual(call.told, [], 'nothing of what gave way is heard');
    assert.equal(call.engine.requests.length, 2);
    call.engine.last.ends();
    await settled();
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
    await clock.advance(REPLY_MS + 50);
    assert.deepEqual(call.said, [REPLY]);
    assert.deepEqual(
      call.speculations.map(({ how }) => how),
      ['dropped'],
    );
    assert.deepEqual(
      call.replies.map(({ how }) => how),
      ['cancelled', 'completed'],
    );
    assert.deepEqual(call.failures, [], 'giving way is no failure');
    other.abort();
  });

  test('that had to give way leaves the voice alone, and nothing behind when the caller goes on', async () => {
    const other = await beginAndGiveWay();
    await clock.advance(1000);
    call.perform('yield');
    assert.deepEqual([call.told, call.said, call.failures], [[], [], []]);
    assert.deepEqual(
      call.speculations.map(({ how }) => how),
      ['dropped'],
    );
    other.abort();
  });

  test('and breaks off with sound in it is asked for again, as nobody has heard it', async () => {
    call.perform('prepare');
    await settled();
    call.engine.last.says('With pleasure, ');
    await settled();
    call.engine.last.fail(cutShort());
    await settled();
    call.perform('reply');
    await answer();
    await clock.advance(REPLY_MS + 50);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
    assert.deepEqual(call.said, [REPLY]);
  });

  /** Another caller, who waits in silence. */
  function submitWaiting(): AbortController {
    const controller = new AbortController();
    const { signal } = controller;
    const request = { messages: [], maxTokens: 1, temperature: 0 };
    call.queue.submit({ request, priority: 'waiting', deadlineMs: 60_000, signal });
    return controller;
  }
});

describe('a reply that fails', () => {
  test('unheard is asked for once more; the second time the failure is told', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.fail(cutShort());
    await settled();
    assert.equal(call.engine.requests.length, 2);
    assert.deepEqual(call.told, []);
    call.engine.last.fail(cutShort());
    await settled();
    assert.equal(call.engine.requests.length, 2);
    assert.deepEqual(call.told, ['agent.failed']);
    assert.equal(call.failures.length, 2);
    assert.deepEqual(
      call.replies.map(({ how }) => how),
      ['failed', 'failed'],
    );
    assert.deepEqual(call.conversation.turns, []);
  });

  test('while it was only prepared is asked for again when the turn is over', async () => {
    call.perform('prepare');
    await settled();
    call.engine.last.fail(cutShort());
    await settled();
    assert.equal(call.engine.requests.length, 1);
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.audible']);
    await clock.advance(REPLY_MS + 50);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
  });

  test('is not asked for again when the engine would only refuse it again', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.fail(new EngineError('http', 'expected 200, got 400', { status: 400 }));
    await settled();
    assert.equal(call.engine.requests.length, 1);
    assert.deepEqual(call.told, ['agent.failed']);
  });

  test('in the middle is said as far as it came, then the failure is told', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure, for ');
    await settled();
    call.engine.last.fail(cutShort());
    await clock.advance(2000);
    assert.deepEqual(call.told, ['agent.audible', 'agent.failed']);
    assert.equal(call.engine.requests.length, 1);
    assert.ok(REPLY.startsWith(call.said[0]!));
  });

  test('by its voice enters the history only as far as there was sound', async () => {
    call.voice.fault = new VoiceError('lost', 'expected the rest, got the end');
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure. ').says('For how many people is it? ').ends();
    await clock.advance(3000);
    assert.deepEqual(call.said, ['With pleasure.']);
    assert.deepEqual(call.told, ['agent.audible', 'agent.failed']);
  });

  for (const [what, write] of [
    ['says nothing', () => call.engine.last.ends()],
    ['says only spaces', () => call.engine.last.says('  \n ').ends()],
    ['says what may not be spoken', () => call.engine.last.says('{"a": 1}').ends()],
  ] as const) {
    test(`because the engine ${what}, tells so at once`, async () => {
      call.perform('reply');
      await settled();
      write();
      await settled();
      assert.deepEqual(call.told, ['agent.failed']);
      assert.deepEqual(call.ear.sent, []);
    });
  }

  test('because the voice makes no sound of it, tells so at once', async () => {
    call.voice.fault = 'silence';
    call.perform('reply');
    await answer();
    assert.deepEqual(call.told, ['agent.failed']);
    assert.deepEqual(call.conversation.turns, []);
  });

  test('leaves the next turn as it would be without it', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.fail(new EngineError('http', 'expected 200, got 400', { status: 400 }));
    await settled();
    call.play('apology');
    await clock.advance(1000);
    call.perform('prepare', 'reply');
    await answer();
    await clock.advance(REPLY_MS + 50);
    assert.deepEqual(call.told, [
      'agent.failed',
      'agent.finished',
      'agent.audible',
      'agent.finished',
    ]);
  });
});

describe('a filler', () => {
  test('delays a reply that is ready until it is over, and counts as nothing', async () => {
    call.perform('reply');
    await settled();
    call.fill('filler');
    await clock.advance(100);
    await answer();
    assert.deepEqual(call.told, []);
    await clock.advance(600);
    assert.deepEqual(call.told, ['agent.audible']);
    await clock.advance(REPLY_MS + 50);
    assert.equal(numbersIn(call.ear.heard), '111 112 1 2 3 4 5');
    assert.deepEqual(call.said, [REPLY]);
  });

  test('is left out while another one, or the answer, is being said', async () => {
    call.perform('reply');
    call.fill('filler');
    call.fill('patience');
    await answer();
    await clock.advance(700);
    call.fill('patience');
    await clock.advance(REPLY_MS + 50);
    assert.equal(numbersIn(call.ear.heard), '111 112 1 2 3 4 5');
  });

  test('is silenced when the caller goes on, and the reply behind it is dropped', async () => {
    call.perform('reply');
    await settled();
    call.fill('filler');
    await answer();
    await clock.advance(100);
    call.perform('yield');
    await clock.advance(3000);
    assert.equal(numbersIn(call.ear.heard), '111');
    assert.deepEqual([call.told, call.said, call.callerTurns], [[], [], []]);
  });

  test('gives way to the apology when the reply fails behind it', async () => {
    call.perform('reply');
    await settled();
    call.fill('filler');
    await clock.advance(100);
    call.engine.last.fail(new EngineError('http', 'expected 200, got 400', { status: 400 }));
    await settled();
    assert.deepEqual(call.told, ['agent.failed']);
    call.play('apology');
    await clock.advance(700);
    assert.equal(numbersIn(call.ear.heard), '111 141 142');
    assert.deepEqual(call.told, ['agent.failed', 'agent.finished']);
  });
});

describe('a clip', () => {
  test('replaces what is being said, which is kept as far as it was heard', async () => {
    call.perform('reply');
    await answer();
    await clock.advance(700);
    call.play('goodbye');
    await clock.advance(700);
    assert.deepEqual(call.said, ['With pleasure,', 'goodbye clip.']);
    assert.deepEqual(call.told, ['agent.audible', 'agent.finished']);
  });

  test('drops the reply that was on its way', async () => {
    call.perform('reply');
    await settled();
    call.play('apology');
    await answer();
    await clock.advance(3000);
    assert.equal(numbersIn(call.ear.heard), '141 142');
    assert.equal(call.agent.lastWords, 'apology clip.');
  });
});

describe('the end of a call', () => {
  for (const [when, lead] of [
    ['while a reply is asked for', () => call.perform('reply')],
    ['while a prepared reply is held back', () => call.perform('prepare')],
    ['during a filler', () => call.fill('filler')],
    ['during a clip', () => call.play('greeting')],
  ] as const) {
    test(`${when} leaves no timer, no request and no word`, async () => {
      lead();
      await settled();
      call.scope.abort();
      call.agent.close();
      call.ear.playback.close();
      const told = call.told.length;
      await clock.advance(20);
      await settled();
      assert.deepEqual([call.queue.depth, call.queue.inSlot, call.queue.streaming], [0, 0, 0]);
      await clock.advance(10_000);
      assert.equal(call.told.length, told);
      assert.equal(clock.pending, 0);
    });
  }
});

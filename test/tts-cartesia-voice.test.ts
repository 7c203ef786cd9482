import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  type SimulatedCartesia,
  type SimulatedCartesiaOptions,
  startSimulatedCartesia,
} from '../src/simulators/cartesia/simulated-cartesia.ts';
import { CartesiaVoice, type CartesiaVoiceOptions } from '../src/tts/cartesia-voice.ts';
import { VoiceError, type VoiceErrorKind } from '../src/tts/voice.ts';
import { type Heard, listen, pieces, until } from './support/listener.ts';

const SENTENCE = 'Good evening, thank you for calling us.';
let cartesia: SimulatedCartesia;
let voice: CartesiaVoice;

async function start(
  simulated: SimulatedCartesiaOptions = {},
  options: Partial<CartesiaVoiceOptions> = {},
): Promise<void> {
  await stop();
  cartesia = await startSimulatedCartesia({
    voice: 'tone',
    firstByteMs: 5,
    realTimeFactor: 100,
    ...simulated,
  });
  voice = new CartesiaVoice({
    apiKey: 'secret-key',
    voiceId: 'simulated-voice',
    plaintextTo: cartesia,
    chunkTimeoutMs: 500,
    ...options,
  });
}

async function stop(): Promise<void> {
  await voice?.close();
  await cartesia?.close();
}

/** The first port from this one on at which nobody listens. */
async function closedPort(port: number): Promise<number> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!free) return closedPort(port + 1);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function assertKind(heard: Heard, kind: VoiceErrorKind): void {
  assert.ok(heard.error instanceof VoiceError, String(heard.error));
  assert.equal(heard.error.kind, kind, heard.error.message);
  assert.doesNotMatch(heard.error.message, /secret-key|Good|evening/);
}

/** After an utterance, whatever its end, nothing may be left open on either side. */
async function assertNothingLeft(): Promise<void> {
  assert.equal(voice.openContexts, 0);
  await until(() => cartesia.openContexts === 0, 'no open context at the server');
}

beforeEach(() => start());
afterEach(stop);

describe('Cartesia speaks a reply', () => {
  test('in one context, verbatim, as mu-law at 8 kHz with a time for every word', async () => {
    const heard = await listen(voice, pieces('Good evening, ', 'a table <for> two?'));
    assert.equal(heard.error, undefined);
    assert.equal(heard.text, 'Good evening, a table for two?');
    assert.equal(heard.audioMs, 'Good evening, a table <for> two?'.length * 65);
    assert.deepEqual(
      cartesia.requests.map((r) => 'transcript' in r && [r.transcript, r.continue]),
      [
        ['Good evening, ', true],
        ['a table  for  two?', true],
        ['', false],
      ],
    );
    assert.equal(new Set(cartesia.requests.map((r) => r.context_id)).size, 1);
    assert.ok(heard.words.at(-1)!.endMs <= heard.audioMs);
    await assertNothingLeft();
  });

  test('in the language of the utterance, with the settings for whole clauses', async () => {
    await listen(voice, pieces('Buona sera.'), { language: 'it' });
    const [request] = cartesia.requests;
    assert.ok(request && 'transcript' in request);
    assert.equal(request.language, 'it');
    assert.equal(request.model_id, 'sonic-3.5');
    assert.equal(request.max_buffer_delay_ms, 0);
    assert.equal(request.add_timestamps, true);
  });

  test('with the first piece out before the second is written', async () => {
    const written = Promise.withResolvers<void>();
    async function* text() {
      yield 'Good evening, ';
      await written.promise;
      yield 'welcome.';
    }
    const onEvent = ({ type }: { type: string }) => type === 'audio' && written.resolve();
    assert.equal((await listen(voice, text(), { onEvent })).text, 'Good evening, welcome.');
  });

  test('in a new context when the writer paused for longer than a context lives', async () => {
    async function* text() {
      yield 'One moment. ';
      await new Promise((resolve) => setTimeout(resolve, 1200));
      yield 'Here we are.';
    }
    const heard = await listen(voice, text());
    assert.equal(heard.error, undefined);
    assert.equal(heard.text, 'One moment. Here we are.');
    const here = heard.words.find((word) => word.text === 'Here');
    assert.ok(here && Math.abs(here.startMs - 'One moment. '.length * 65) < 1);
    assert.equal(new Set(cartesia.requests.map((r) => r.context_id)).size, 2);
    await assertNothingLeft();
  });

  test('over one socket for all calls', async () => {
    const heard = await Promise.all(
      Array.from({ length: 10 }, (_, i) => listen(voice, pieces(`This is call number ${i}.`))),
    );
    assert.deepEqual(
      heard.map(({ text }) => text),
      heard.map((_, i) => `This is call number ${i}.`),
    );
    assert.equal(cartesia.openSockets, 1);
  });

  test('not at all, and without asking Cartesia, when there is nothing to say', async () => {
    const heard = await listen(voice, pieces('', ' ', '… '));
    assert.deepEqual([heard.error, heard.audioMs, cartesia.requests.length], [undefined, 0, 0]);
  });
});

describe('an interruption', () => {
  test('cancels the context at once, and nothing is given out after it', async () => {
    await start({ realTimeFactor: 1, faults: { lateChunksAfterCancel: 3 } });
    const controller = new AbortController();
    const reason = new Error('the caller spoke');
    let events = 0;
    const heard = await listen(voice, pieces(SENTENCE), {
      signal: controller.signal,
      onEvent: () => ++events === 3 && controller.abort(reason),
    });
    assert.equal(heard.error, reason);
    assert.equal(events, 3);
    await until(() => cartesia.requests.some((r) => 'cancel' in r), 'a cancel');
    await assertNothingLeft();
    assert.equal((await listen(voice, pieces('Yes?'))).text, 'Yes?');
  });

  test('also frees a caller who only stops listening', async () => {
    for await (const _ of voice.speak(pieces(SENTENCE), { signal: new AbortController().signal })) {
      break;
    }
    await until(() => cartesia.requests.some((r) => 'cancel' in r), 'a cancel');
    await assertNothingLeft();
  });

  test('while the text is still awaited ends the wait', async () => {
    const controller = new AbortController();
    async function* never(): AsyncGenerator<string> {
      await new Promise(() => undefined);
      yield '';
    }
    const listening = listen(voice, never(), { signal: controller.signal });
    controller.abort(new Error('gone'));
    assert.match(String((await listening).error), /gone/);
  });
});

describe('when Cartesia fails', () => {
  test('a socket that dies in mid-utterance is noticed, and replaced', async () => {
    await start({ faults: { dropAfterChunks: 2 } });
    assertKind(await listen(voice, pieces(SENTENCE)), 'lost');
    cartesia.faults.dropAfterChunks = undefined;
    assert.equal((await listen(voice, pieces(SENTENCE))).text, SENTENCE);
    await assertNothingLeft();
  });

  test('a socket that was closed while idle is opened again by itself', async () => {
    await voice.connect();
    cartesia.closeSockets();
    await until(() => cartesia.openSockets === 0, 'the close');
    await until(() => cartesia.openSockets === 1, 'another socket');
    assert.equal((await listen(voice, pieces(SENTENCE))).text, SENTENCE);
  });

  test('a connection that is refused is an error and not the end of the process', async () => {
    cartesia.faults.refuseConnect = 401;
    await assert.rejects(voice.connect(), { name: 'VoiceError', kind: 'refused' });
    assertKind(await listen(voice, pieces(SENTENCE)), 'refused');
    cartesia.faults.refuseConnect = undefined;
    await voice.connect();
    assert.equal((await listen(voice, pieces(SENTENCE))).text, SENTENCE);
  });

  test('too many connections are told apart', async () => {
    cartesia.faults.refuseConnect = 429;
    await assert.rejects(voice.connect(), { kind: 'limited' });
  });

  test('nobody who listens at the port is an error too, be 429 in its number', async () => {
    await start({}, { plaintextTo: { host: '127.0.0.1', port: await closedPort(42_900) } });
    assertKind(await listen(voice, pieces(SENTENCE)), 'refused');
  });

  test('a server that accepts and never answers costs half a second', async () => {
    const silent = createServer((socket) => socket.resume().on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await start({}, { plaintextTo: { host: '127.0.0.1', port }, connectTimeoutMs: 900 });
    const began = performance.now();
    assertKind(await listen(voice, pieces(SENTENCE)), 'refused');
    assert.ok(performance.now() - began < 880);
    await voice.close();
    await new Promise((resolve) => silent.close(resolve));
  });

  test('silence instead of the first chunk, or between chunks, is a stall', async () => {
    for (const stallAfterChunks of [0, 2]) {
      cartesia.faults.stallAfterChunks = stallAfterChunks;
      assertKind(await listen(voice, pieces(SENTENCE)), 'stalled');
      await assertNothingLeft();
    }
    cartesia.faults.stallAfterChunks = undefined;
    assert.equal((await listen(voice, pieces(SENTENCE))).text, SENTENCE);
  });

  test('a pause of the writer is no stall', async () => {
    await start({}, { chunkTimeoutMs: 250 });
    async function* text() {
      yield 'One moment. ';
      await new Promise((resolve) => setTimeout(resolve, 400));
      yield 'Yes.';
    }
    const heard = await listen(voice, text());
    assert.deepEqual([heard.error, heard.text], [undefined, 'One moment. Yes.']);
  });

  test('a missing `done` ends the utterance all the same', async () => {
    cartesia.faults.noDone = true;
    const heard = await listen(voice, pieces(SENTENCE));
    assert.deepEqual([heard.error, heard.text], [undefined, SENTENCE]);
    await assertNothingLeft();
  });

  test('a message that is not its protocol ends the trust in the socket', async () => {
    for (const frame of [true, '{"type":"chunk"}', '{"type":"chunk","context_id":"?","data":5}']) {
      cartesia.faults.garbageFrame = frame;
      assertKind(await listen(voice, pieces(SENTENCE)), 'garbage');
    }
    for (const harmless of ['null', '5', '{"type":"news"}', '{"type":"done","context_id":"?"}']) {
      cartesia.faults.garbageFrame = harmless;
      assert.equal((await listen(voice, pieces(SENTENCE))).error, undefined, harmless);
    }
  });

  test('a socket that is lost between two sentences costs nothing', async () => {
    const spoken = Promise.withResolvers<void>();
    async function* text() {
      yield 'One moment. ';
      await spoken.promise;
      cartesia.dropSockets();
      await until(() => cartesia.openSockets === 0, 'the drop');
      await voice.connect();
      yield 'Here we are.';
    }
    let audioMs = 0;
    const heard = await listen(voice, text(), {
      onEvent: (event) => {
        if (event.type === 'audio') audioMs += event.mulaw.length / 8;
        if (audioMs >= 'One moment. '.length * 65) spoken.resolve();
      },
    });
    assert.deepEqual([heard.error, heard.text], [undefined, 'One moment. Here we are.']);
  });

  test('an error of the server has its kind, and does not repeat the text', async () => {
    cartesia.faults.errorMidStream = true;
    assertKind(await listen(voice, pieces(SENTENCE)), 'failed');
    cartesia.faults.errorMidStream = false;
    cartesia.faults.limit = true;
    assertKind(await listen(voice, pieces(SENTENCE)), 'limited');
    await start({}, { modelId: 'sonic-2' });
    assertKind(await listen(voice, pieces(SENTENCE)), 'refused');
    await assertNothingLeft();
  });

  test("an error of the text comes out as it is, after the text's audio", async () => {
    async function* text() {
      yield 'Good evening, ';
      throw new TypeError('the model broke');
    }
    const heard = await listen(voice, text());
    assert.ok(heard.error instanceof TypeError);
    await assertNothingLeft();
  });

  test('a closed voice does not speak', async () => {
    await voice.close();
    assertKind(await listen(voice, pieces(SENTENCE)), 'refused');
  });
});

describe("the plan's limit of contexts", () => {
  test('is never exceeded, and short waits are served in order', async () => {
    await start({ maxContexts: 2 }, { maxContexts: 2, contextWaitMs: 2000 });
    const heard = await Promise.all(
      Array.from({ length: 6 }, () => listen(voice, pieces('Just a word.'))),
    );
    assert.deepEqual(new Set(heard.map(({ error }) => error)), new Set([undefined]));
    await assertNothingLeft();
  });

  test('costs a caller who waits too long an error and not silence', async () => {
    await start({ realTimeFactor: 1 }, { maxContexts: 1, contextWaitMs: 50 });
    const controller = new AbortController();
    const first = Promise.withResolvers<void>();
    const speaking = listen(voice, pieces(SENTENCE), {
      signal: controller.signal,
      onEvent: () => first.resolve(),
    });
    await first.promise;
    assertKind(await listen(voice, pieces(SENTENCE)), 'limited');
    const waiting = listen(voice, pieces('Yes.'));
    controller.abort(new Error('interrupted'));
    await speaking;
    assert.equal((await waiting).text, 'Yes.');
    await assertNothingLeft();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import {
  type SimulatedCartesia,
  type SimulatedCartesiaOptions,
  startSimulatedCartesia,
} from '../src/simulators/cartesia/simulated-cartesia.ts';
import { CartesiaVoice } from '../src/tts/cartesia-voice.ts';
import { listen, pieces, until } from './support/listener.ts';

type Message = Record<string, unknown> & { type: string };

let cartesia: SimulatedCartesia;
let sockets: WebSocket[] = [];

async function start(options: SimulatedCartesiaOptions = {}): Promise<void> {
  cartesia = await startSimulatedCartesia({
    voice: 'tone',
    firstByteMs: 5,
    realTimeFactor: 50,
    ...options,
  });
}

async function dial(query = 'cartesia_version=2026-08-14&api_key=k') {
  const url = `ws://${cartesia.host}:${cartesia.port}/tts/websocket?${query}`;
  const socket = new WebSocket(url);
  const messages: Message[] = [];
  sockets.push(socket);
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
  await once(socket, 'open');
  return {
    messages,
    types: () => messages.map(({ type }) => type),
    send: (fields: object) => socket.send(JSON.stringify(fields)),
  };
}

function request(fields: object = {}): object {
  return {
    context_id: 'c1',
    model_id: 'sonic-3.5',
    voice: 'simulated-voice',
    output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
    transcript: 'Good evening.',
    max_buffer_delay_ms: 0,
    continue: false,
    ...fields,
  };
}

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
  await cartesia.close();
});

describe('the simulated Cartesia', () => {
  test('says that it is a simulator', async () => {
    await start();
    const answer = await fetch(`http://${cartesia.host}:${cartesia.port}/`);
    assert.match(await answer.text(), /"ok":true.*simulat/);
    const headers = { authorization: 'Bearer k' };
    const voices = await fetch(`http://${cartesia.host}:${cartesia.port}/voices`, { headers });
    assert.match(await voices.text(), /simulated-voice/);
  });

  test('refuses a connection without a key, without a version, or to another path', async () => {
    await start();
    const base = `ws://${cartesia.host}:${cartesia.port}`;
    for (const [path, status] of [
      ['/tts/websocket?cartesia_version=x', 401],
      ['/tts/websocket?api_key=k', 400],
      ['/other?api_key=k&cartesia_version=x', 404],
    ] as const) {
      const [error] = await once(new WebSocket(base + path), 'error');
      assert.match(String(error), new RegExp(`${status}`));
    }
  });

  test('answers with chunks of about 100 ms, word times when asked, and done', async () => {
    await start();
    const client = await dial();
    client.send(request({ add_timestamps: true }));
    await until(() => client.types().includes('done'), 'done');
    const bytes = client.messages
      .filter(({ type }) => type === 'chunk')
      .map(({ data }) => Buffer.from(String(data), 'base64').length);
    assert.equal(
      bytes.reduce((sum, length) => sum + length),
      'Good evening.'.length * 65 * 8,
    );
    assert.equal(Math.max(...bytes), 800);
    assert.deepEqual(client.messages.find(({ type }) => type === 'timestamps')?.word_timestamps, {
      words: ['Good', 'evening.'],
      start: [0, 0.325],
      end: [0.26, 0.845],
    });
    client.send(request({ context_id: 'c2' }));
    await until(() => client.types().filter((type) => type === 'done').length === 2, 'done');
    assert.equal(client.types().filter((type) => type === 'timestamps').length, 1);
  });

  test('waits for more text as long as the client asked it to', async () => {
    await start();
    const client = await dial();
    client.send(request({ transcript: 'Good', continue: true, max_buffer_delay_ms: 5000 }));
    client.send(request({ context_id: 'c2' }));
    await until(() => client.types().includes('done'), 'the other context');
    assert.ok(client.messages.every((message) => message.context_id === 'c2'));
    client.send(request({ transcript: ' evening.', continue: true, max_buffer_delay_ms: 5000 }));
    await until(() => client.messages.some((m) => m.context_id === 'c1'), 'the end of a sentence');
  });

  test('refuses what Cartesia refuses', async () => {
    await start({ maxContexts: 1, realTimeFactor: 1 });
    const client = await dial();
    const errors = () => client.messages.filter(({ type }) => type === 'error');
    client.send(request({ continue: true }));
    client.send(request({ context_id: 'c2' }));
    client.send(request({ context_id: 'c3', model_id: 'sonic-2' }));
    client.send(request({ language: 'it' }));
    client.send({ context_id: 'c4' });
    await until(() => errors().length === 4, 'four errors');
    assert.deepEqual(
      errors().map((error) => [error.context_id, error.status_code, error.error_code]),
      [
        ['c2', 429, 'concurrency_limited'],
        ['c3', 404, 'model_not_found'],
        ['c1', 400, 'bad_request'],
        [undefined, 400, 'bad_request'],
      ],
    );
  });

  test('lets a context die a second after its last audio', async () => {
    await start();
    const client = await dial();
    client.send(request({ transcript: 'Yes. ', continue: true }));
    await until(() => client.types().includes('chunk'), 'audio');
    assert.equal(cartesia.openContexts, 1);
    await until(() => cartesia.openContexts === 0, 'the end of its life');
    client.send(request({ transcript: 'More.' }));
    await until(() => client.types().includes('error'), 'an error');
    assert.match(String(client.messages.at(-1)?.message), /expired/);
  });

  test('sends what was on its way when a context was cancelled', async () => {
    await start({ realTimeFactor: 1, faults: { lateChunksAfterCancel: 2 } });
    const client = await dial();
    client.send(request());
    await until(() => client.types().includes('chunk'), 'audio');
    client.send({ context_id: 'c1', cancel: true });
    await until(() => client.types().length === 3, 'two late chunks');
    assert.equal(cartesia.openContexts, 0);
  });

  test("speaks with Flite's voice, and a rehearsed text sounds after the first-byte time", async () => {
    await cartesia?.close();
    cartesia = await startSimulatedCartesia({ firstByteMs: 60 });
    await cartesia.rehearse(['Good evening, we have a table.']);
    const voice = new CartesiaVoice({ apiKey: 'k', voiceId: 'v', plaintextTo: cartesia });
    await voice.connect();
    const began = performance.now();
    let firstMs = Infinity;
    const heard = await listen(voice, pieces('Good evening, we have a table.'), {
      onEvent: () => {
        firstMs = Math.min(firstMs, performance.now() - began);
      },
    });
    await voice.close();
    assert.equal(heard.text, 'Good evening, we have a table.');
    assert.ok(firstMs >= 55, `${firstMs} ms`);
    assert.ok(heard.audioMs > 1200 && heard.audioMs < 3000, `${heard.audioMs} ms`);
  });
});

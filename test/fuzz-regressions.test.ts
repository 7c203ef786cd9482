/** What fuzzing has found, each by what holds since. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { parseTwiml } from '../src/simulators/twilio/twiml-document.ts';
import { CartesiaVoice } from '../src/tts/cartesia-voice.ts';
import { VoiceError } from '../src/tts/voice.ts';
import { connectStream, whisper } from '../src/twilio/twiml.ts';
import { CompletionParser } from '../src/ultravox/completion-parser.ts';
import { EngineClient, type EngineEvent } from '../src/ultravox/engine-client.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { listen, pieces } from './support/listener.ts';
import { SteeredProcess, startSteeredServer } from './support/steered-server.ts';
import { CALL_SID, inTime } from './support/twilio-hand.ts';

const chunk = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] });
const DONE = '[DONE]';

test('a language with the name of what every object has is said by that name', () => {
  for (const language of ['constructor', '__proto__', 'toString']) {
    const [say] = parseTwiml(whisper({ text: 'Hello.', language })).verbs;
    assert.deepEqual({ ...say?.attributes }, { language });
  }
});

test('what XML cannot hold is left out of languages, names and addresses, and not of texts alone', () => {
  const [say] = parseTwiml(whisper({ text: 'Hello.', language: 'e\u001fn\ufffe' })).verbs;
  assert.equal(say?.attributes.language, 'en');
  const [connect, redirect] = parseTwiml(
    connectStream({
      streamUrl: 'wss://h.example/media\0',
      statusCallbackUrl: 'https://h.example/\u0008s',
      parameters: { 'na\u0001me': 'va\u0002lue' },
      continueUrl: 'https://h.example/c\u000b',
    }),
  ).verbs;
  const stream = connect?.children[0];
  assert.equal(stream?.attributes.url, 'wss://h.example/media');
  assert.equal(stream?.attributes.statusCallback, 'https://h.example/s');
  const { name, value } = stream?.children[0]?.attributes ?? {};
  assert.deepEqual([name, value], ['name', 'value']);
  assert.equal(redirect?.text, 'https://h.example/c');
});

test('a text of which XML can hold nothing is not said', () => {
  assert.deepEqual(parseTwiml(whisper({ text: '\0\u001f' })).verbs, []);
});

test('a tool call without a name ends its reply with an error, and not without a word', async (t) => {
  const nameless = chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] });
  const client = await engineSaying(t, (response) => {
    write(response, nameless, chunk({}, 'tool_calls'), DONE);
    response.end();
  });
  await assert.rejects(replyOf(client), (error) => {
    return error instanceof EngineError && error.kind === 'garbage';
  });
});

test('what follows the end of a reply is no part of it', () => {
  const parser = new CompletionParser();
  parser.push(chunk({ content: 'Yes.' }, 'stop'));
  assert.equal(parser.push(DONE).length, 1);
  assert.deepEqual(parser.push(chunk({ content: ' And no.' })), []);
  assert.deepEqual(parser.push(DONE), []);
  assert.deepEqual(parser.push('not JSON'), []);
  assert.deepEqual(parser.end(), []);
});

test('an engine that goes on after the end of a reply does not hold it open', async (t) => {
  let timer: NodeJS.Timeout | undefined;
  const client = await engineSaying(t, (response) => {
    write(response, chunk({ content: 'Yes.' }, 'stop'), DONE);
    const goOn = () => {
      write(response, '{}');
      timer = setTimeout(goOn, 20);
    };
    goOn();
  });
  t.after(() => clearTimeout(timer));
  const events = await inTime(replyOf(client), 'the reply to be over');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['text', 'finished'],
  );
});

test('the names of tool calls count towards what a reply may hold', () => {
  const parser = new CompletionParser();
  const longer = chunk({ tool_calls: [{ index: 0, function: { name: 'x'.repeat(4000) } }] });
  for (let pieces = 0; pieces < 4; pieces++) parser.push(longer);
  assert.throws(
    () => parser.push(longer),
    ({ kind }: EngineError) => kind === 'garbage',
  );
});

test('a reply that comes to its end without a sound has failed, so that another voice says it', async (t) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { context_id } = JSON.parse(data.toString());
      socket.send(JSON.stringify({ type: 'done', context_id, done: true, status_code: 200 }));
    });
  });
  await new Promise<void>((resolve) => sockets.once('listening', resolve));
  const { port } = sockets.address() as AddressInfo;
  const plaintextTo = { host: '127.0.0.1', port };
  const voice = new CartesiaVoice({ apiKey: 'k', voiceId: 'v', plaintextTo });
  t.after(async () => {
    await voice.close();
    sockets.close();
  });
  const heard = await listen(voice, pieces('Good evening.'));
  assert.ok(heard.error instanceof VoiceError && heard.error.kind === 'failed');
});

test('lengths and moments that are none are not written down', async (t) => {
  const rest = new SteeredProcess();
  const { app, twilio } = await startSteeredServer(rest);
  t.after(() => app.close());
  const form = { CallSid: CALL_SID, From: '+15550123', To: '+15550199', CallStatus: 'completed' };
  const RecordingUrl = `https://api.twilio.com/Recordings/RE${'1'.repeat(32)}`;
  for (const odd of ['Infinity', '1e309', '0x10', '-5', '1.5', '99999999999', ' ', '١']) {
    await twilio.post('/recorded', { ...form, RecordingUrl, RecordingDuration: odd });
    await twilio.post('/status', { ...form, CallDuration: odd, Timestamp: '+275760-09-13' });
    assert.equal(rest.row(CALL_SID).duration_ms, undefined, odd);
  }
  assert.deepEqual(rest.messages, []);
  const endedAt = rest.row(CALL_SID).ended_at ?? 0;
  assert.ok(Math.abs(endedAt - Date.now()) < 60_000, 'expected the moment of the webhook');
});

test("of a stream's failure the log has the code, and none of the words beside it", async (t) => {
  const { app, twilio, log } = await startSteeredServer(new SteeredProcess());
  t.after(() => app.close());
  const form = { CallSid: CALL_SID, StreamEvent: 'stream-error' };
  await twilio.post('/stream-status', { ...form, StreamError: '31921 - the words of somebody' });
  await twilio.post('/stream-status', { ...form, StreamEvent: 'the words of somebody' });
  const lines = log.saying('stream status').map(({ event, error }) => ({ event, error }));
  assert.deepEqual(lines, [
    { event: 'stream-error', error: '31921' },
    { event: undefined, error: undefined },
  ]);
  assert.doesNotMatch(log.written.join(), /somebody/);
});

test('a path that leads nowhere, or is none, is not repeated', async (t) => {
  const { app } = await startSteeredServer(new SteeredProcess());
  t.after(() => app.close());
  for (const [url, statusCode] of [
    ['/somewhere', 404],
    ['/calls/%somewhere', 400],
  ] as const) {
    const answer = await app.inject({ method: 'GET', url });
    assert.equal(answer.statusCode, statusCode);
    assert.doesNotMatch(answer.body, /somewhere/);
  }
});

function write(response: ServerResponse, ...payloads: string[]): void {
  for (const payload of payloads) response.write(`data: ${payload}\n\n`);
}

async function replyOf(client: EngineClient): Promise<EngineEvent[]> {
  const request = { messages: [], maxTokens: 10, temperature: 0 };
  const events: EngineEvent[] = [];
  for await (const event of client.stream(request, new AbortController().signal)) {
    events.push(event);
  }
  return events;
}

async function engineSaying(
  t: TestContext,
  say: (response: ServerResponse) => void,
): Promise<EngineClient> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    say(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new EngineClient({ url: `http://127.0.0.1:${port}/v1`, model: 'ultravox' });
}

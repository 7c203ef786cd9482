import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type SimulatedUltravoxOptions,
  startSimulatedUltravox,
} from '../src/simulators/ultravox/simulated-ultravox.ts';
import { CompletionParser } from '../src/ultravox/completion-parser.ts';
import {
  EngineClient,
  type EngineEvent,
  type EngineRequest,
} from '../src/ultravox/engine-client.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { EngineSelfTestError, warmUp } from '../src/ultravox/warm-up.ts';

const HELLO: EngineRequest = {
  messages: [{ role: 'user', content: 'Hello.' }],
  maxTokens: 100,
  temperature: 0,
};
const never = new AbortController().signal;

async function engine(
  t: { after(fn: () => Promise<void>): void },
  options: SimulatedUltravoxOptions = {},
) {
  const simulated = await startSimulatedUltravox({
    firstTokenMs: 5,
    tokensPerSecond: 2000,
    ...options,
  });
  t.after(() => simulated.close());
  const client = new EngineClient({
    url: simulated.url,
    model: 'ultravox',
    firstTokenMs: 300,
    betweenTokensMs: 200,
  });
  return { simulated, client };
}

/** undici takes a connection back in the turn after the end of what it was used for. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const all: EngineEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function textOf(events: readonly EngineEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EngineError, `expected an EngineError, got ${String(error)}`);
  return error.kind;
}

/** A server that answers every request with these pieces of an event stream. */
async function replaying(
  t: { after(fn: () => void): void },
  write: (response: ServerResponse) => void,
): Promise<EngineClient> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => write(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1`;
  return new EngineClient({ url, model: 'm', firstTokenMs: 300, betweenTokensMs: 200 });
}

function sse(response: ServerResponse, ...payloads: unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const payload of payloads) {
    response.write(`data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`);
  }
}

const choice = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});

test('a reply streams as text and ends with its reason and its usage', async (t) => {
  const { client } = await engine(t, { reply: () => 'A table for two, then.' });
  const events = await collect(client.stream(HELLO, never));
  assert.equal(textOf(events), 'A table for two, then.');
  const last = events.at(-1);
  assert.ok(last?.type === 'finished' && last.usage);
  assert.equal(last.reason, 'stop');
  assert.ok(last.usage.promptTokens > 0 && last.usage.completionTokens > 0);
});

test('a reply longer than its limit finishes for length', async (t) => {
  const { client } = await engine(t, { reply: () => 'one two three four' });
  const events = await collect(client.stream({ ...HELLO, maxTokens: 2 }, never));
  assert.equal(textOf(events), 'one two');
  assert.equal((events.at(-1) as { reason: string }).reason, 'length');
});

test('a tool call comes whole, with the last of its arguments from the final chunk', async (t) => {
  const args = { name: 'Ada Lovelace', people: 4 };
  const { client } = await engine(t, {
    reply: () => ({ tool: { name: 'book', arguments: args } }),
  });
  const events = await collect(client.stream(HELLO, never));
  const [call, end] = events;
  assert.equal(events.length, 2);
  assert.ok(call?.type === 'toolCall' && call.id !== '');
  assert.equal(call.name, 'book');
  assert.deepEqual(JSON.parse(call.argumentsJson), args);
  assert.ok(end?.type === 'finished' && end.reason === 'tool_calls');
});

test('a tool call without arguments has an empty object of them', async (t) => {
  const { client } = await engine(t, { reply: () => ({ tool: { name: 'hours' } }) });
  const [call] = await collect(client.stream(HELLO, never));
  assert.ok(call?.type === 'toolCall');
  assert.equal(call.argumentsJson, '{}');
});

test('the first token of a tool call is told before its arguments are complete', async (t) => {
  const { client } = await engine(t, {
    tokensPerSecond: 100,
    reply: () => ({ tool: { name: 'book', arguments: { note: 'a'.repeat(100) } } }),
  });
  let firstTokenMs = Number.NaN;
  const startMs = performance.now();
  const stream = client.stream(HELLO, never, () => {
    firstTokenMs = performance.now() - startMs;
  });
  await collect(stream);
  const wholeMs = performance.now() - startMs;
  assert.ok(firstTokenMs < wholeMs - 50, `first token at ${firstTokenMs} of ${wholeMs} ms`);
});

test('connections are kept and used again', async (t) => {
  const ports = new Set<number | undefined>();
  const client = await replaying(t, (response) => {
    ports.add(response.socket?.remotePort);
    sse(response, choice({ content: 'Yes.' }), choice({}, 'stop'), '[DONE]');
    response.end();
  });
  for (let i = 0; i < 20; i++) await collect(client.stream(HELLO, never));
  // A request made in the very turn in which the last one ended may open a second.
  assert.ok(ports.size <= 2, `${ports.size} connections`);
});

test('while a caller speaks the connection is opened that the request will use', async (t) => {
  const cold = await engine(t);
  await collect(cold.client.stream(HELLO, never));
  assert.equal(cold.simulated.coldRequests, 1, 'nobody had spoken');
  const warm = await engine(t);
  await warm.client.keepWarm(never);
  await nextTurn();
  await collect(warm.client.stream(HELLO, never));
  assert.deepEqual([warm.simulated.requests, warm.simulated.coldRequests], [1, 0]);
});

test('a connection is not asked for while one is open still, nor where nobody answers', async (t) => {
  let asked = 0;
  const client = await replaying(t, (response) => {
    asked += 1;
    response.end();
  });
  for (let i = 0; i < 3; i++) await client.keepWarm(never);
  assert.equal(asked, 1);
  await new EngineClient({ url: 'http://127.0.0.1:1/v1', model: 'm' }).keepWarm(never);
});

test('a reply that is left takes its connection with it, and the next caller has another opened', async (t) => {
  const { client, simulated } = await engine(t);
  for await (const _ of client.stream(HELLO, never)) break;
  while (simulated.aborted === 0) await nextTurn();
  await client.keepWarm(never);
  await nextTurn();
  await collect(client.stream(HELLO, never));
  assert.equal(simulated.coldRequests, 1, 'only the first');
});

test('what was sent is told when it is on its way, and before the first token', async (t) => {
  const { client } = await engine(t, { firstTokenMs: 50 });
  const told: string[] = [];
  await collect(
    client.stream(
      HELLO,
      never,
      () => told.push('first token'),
      () => told.push('sent'),
    ),
  );
  assert.deepEqual(told, ['sent', 'first token']);
});

test('leaving the loop closes the HTTP stream', async (t) => {
  const { simulated, client } = await engine(t, {
    tokensPerSecond: 50,
    reply: () => 'word '.repeat(90),
  });
  for await (const event of client.stream(HELLO, never)) if (event.type === 'text') break;
  await eventually(() => simulated.aborted === 1 && simulated.streaming === 0);
});

test('aborting closes the HTTP stream before and after the first token', async (t) => {
  const { simulated, client } = await engine(t, { firstTokenMs: 100, tokensPerSecond: 50 });
  for (const untilMs of [20, 150]) {
    const controller = new AbortController();
    const reading = collect(client.stream(HELLO, controller.signal));
    const reason = new Error('barged in');
    setTimeout(() => controller.abort(reason), untilMs);
    await assert.rejects(reading, reason);
  }
  await eventually(() => simulated.aborted === 2);
});

test('every fault of the engine has its kind', async (t) => {
  const { simulated, client } = await engine(t, { reply: () => 'one two three four five' });
  const failing = () => kindOf(collect(client.stream(HELLO, never)));
  const cases = [
    ['httpStatus', 503, 'http'],
    ['tooLong', true, 'http'],
    ['errorInStream', 2, 'inStream'],
    ['errorInStream', 0, 'inStream'],
    ['hangBeforeFirstToken', true, 'firstTokenStall'],
    ['hangAfterTokens', 2, 'tokenStall'],
    ['garbage', true, 'garbage'],
    ['resetAfterTokens', 2, 'cutShort'],
    ['unreachable', true, 'unreachable'],
  ] as const;
  for (const [fault, value, kind] of cases) {
    Object.assign(simulated.faults, { [fault]: value });
    assert.equal(await failing(), kind, fault);
    Object.assign(simulated.faults, { [fault]: typeof value === 'boolean' ? false : undefined });
  }
  assert.equal(textOf(await collect(client.stream(HELLO, never))), 'one two three four five');
});

test('nobody listening is an unreachable engine', async (t) => {
  const { simulated, client } = await engine(t);
  await simulated.close();
  assert.equal(await kindOf(collect(client.stream(HELLO, never))), 'unreachable');
});

test('a refusal keeps its status and the phrases of the engine, but no words of the caller', async (t) => {
  const client = await replaying(t, (response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        error: {
          message: "[{'input': 'my secret'}] At most 5 audio(s) may be provided in one prompt.",
        },
      }),
    );
  });
  const error: unknown = await collect(client.stream(HELLO, never)).catch((reason) => reason);
  assert.ok(error instanceof EngineError);
  assert.equal(error.status, 400);
  assert.equal(error.retryable, false);
  assert.match(error.message, /At most 5 audio/);
  assert.doesNotMatch(error.message, /secret/);
});

test('a stream that is not one, ends early or never stops is an error', async (t) => {
  const html = await replaying(t, (response) => response.end('<html>'));
  assert.equal(await kindOf(collect(html.stream(HELLO, never))), 'garbage');

  const short = await replaying(t, (response) => {
    sse(response, choice({ content: 'Yes' }));
    response.end();
  });
  assert.equal(await kindOf(collect(short.stream(HELLO, never))), 'cutShort');

  const endless = await replaying(t, (response) => {
    sse(response, ...Array.from({ length: 5000 }, () => choice({ content: 'x' })));
  });
  assert.equal(await kindOf(collect(endless.stream(HELLO, never))), 'garbage');

  const huge = await replaying(t, (response) => {
    sse(response, choice({ content: 'x'.repeat(1_000_000) }));
  });
  assert.equal(await kindOf(collect(huge.stream(HELLO, never))), 'garbage');
});

test('comments that keep a connection open do not count as tokens', async (t) => {
  const client = await replaying(t, (response) => {
    sse(response, choice({ role: 'assistant', content: '' }));
    const beat = () => {
      if (response.destroyed) return;
      response.write(': ping\n\n');
      setTimeout(beat, 50);
    };
    beat();
  });
  assert.equal(await kindOf(collect(client.stream(HELLO, never))), 'firstTokenStall');
});

test('a reader that takes its time is not a stall of the engine', async (t) => {
  const { client } = await engine(t, { reply: () => 'one two three' });
  let text = '';
  for await (const event of client.stream(HELLO, never)) {
    if (event.type === 'text') text += event.text;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.equal(text, 'one two three');
});

test('whatever the engine sends, the parser returns events or throws an EngineError', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant([{ index: 0, function: {} }]));
  const delta = fc.record({ content: value, tool_calls: value }, { requiredKeys: [] });
  const chunk = fc.record(
    {
      choices: fc.oneof(
        value,
        fc.array(fc.record({ delta, finish_reason: value }), { maxLength: 2 }),
      ),
      usage: value,
      error: fc.oneof(fc.constant(null), value),
    },
    { requiredKeys: [] },
  );
  const payload = fc.oneof(
    chunk.map((each) => JSON.stringify(each)),
    fc.string(),
    fc.constant('[DONE]'),
  );
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 5 }), (payloads) => {
      const parser = new CompletionParser();
      try {
        for (const each of payloads) {
          for (const event of parser.push(each)) {
            if (event.type === 'text') assert.equal(typeof event.text, 'string');
            if (event.type === 'toolCall') assert.notEqual(event.name, '');
          }
        }
        parser.end();
      } catch (error) {
        assert.ok(error instanceof EngineError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('models and health tell what the engine says', async (t) => {
  const { simulated, client } = await engine(t);
  assert.deepEqual(await client.models(never), ['ultravox']);
  assert.equal(await client.isHealthy(never), true);
  simulated.faults.hangBeforeFirstToken = true;
  assert.equal(await client.isHealthy(never), false);
  simulated.faults.healthLies = true;
  assert.equal(await client.isHealthy(never), true);
});

test('a wrong key is refused for good', async (t) => {
  const { simulated } = await engine(t, { apiKey: 'right' });
  const { url } = simulated;
  const wrong = new EngineClient({ url, model: 'ultravox', apiKey: 'wrong' });
  assert.equal(await kindOf(wrong.models(never)), 'http');
  const right = new EngineClient({ url, model: 'ultravox', apiKey: 'right' });
  assert.equal((await collect(right.stream(HELLO, never))).at(-1)?.type, 'finished');
});

test('the warm-up counts the tokens of a second of sound', async (t) => {
  const { client } = await engine(t);
  const result = await warmUp(client, { signal: never });
  assert.equal(result.audioTokens, 7);
  assert.equal(result.audioFormat, 'mulaw');
  assert.ok(result.ms > 0);
});

test('the warm-up falls back to 16-bit sound where mu-law is refused', async (t) => {
  const { simulated, client } = await engine(t);
  simulated.faults.refusesMulaw = true;
  assert.equal((await warmUp(client, { signal: never })).audioFormat, 'pcm16');
});

test('the warm-up fails when the chat template drops the sound', async (t) => {
  const { simulated, client } = await engine(t);
  simulated.faults.dropsAudio = true;
  await assert.rejects(warmUp(client, { signal: never }), (error) => {
    assert.ok(error instanceof EngineSelfTestError);
    assert.match(error.message, /audio does not reach the model/);
    return true;
  });
});

test('the warm-up has the engine read what all calls begin with', async (t) => {
  const { simulated, client } = await engine(t);
  const beginning = {
    messages: [{ role: 'system', content: 'You answer the telephone.' }],
    tools: [{ type: 'function', function: { name: 'end_call', parameters: {} } }],
  } as const;
  await warmUp(client, { signal: never, beginning });
  assert.equal(simulated.requests, 3);
  simulated.faults.refusesTools = true;
  await assert.rejects(warmUp(client, { signal: never, beginning }), (error) => {
    assert.ok(error instanceof EngineError && error.kind === 'http');
    assert.match(error.message, /--enable-auto-tool-choice/);
    return true;
  });
});

/** Looks again after each turn of the event loop, for a second at most. */
async function eventually(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + 1000;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `expected within 1 s: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { type TestContext, test } from 'node:test';
import { startTracing } from '../src/tracing/tracing.ts';
import { TraceReceiver } from './support/trace-receiver.ts';

const CALL_SID = `CA${'1'.repeat(32)}`;
const AT = Date.UTC(2026, 10, 30, 19, 30);

const isLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('sdk-trace-node'));

/** Those of whoever runs the tests, too. */
function forgetVariables(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('OTEL_')) delete process.env[name];
  }
}

forgetVariables();

/** Sets variables of OpenTelemetry for one test. */
function environment(t: TestContext, variables: Record<string, string>): void {
  t.after(forgetVariables);
  Object.assign(process.env, variables);
}

function start(onFailure = () => {}) {
  return startTracing({ version: '1.2.3', model: 'ultravox', onFailure });
}

async function given(t: TestContext, variables: Record<string, string> = {}) {
  const receiver = await TraceReceiver.start();
  t.after(() => receiver.close());
  environment(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...variables });
  const failures: number[] = [];
  const tracing = await start(() => failures.push(receiver.bodies.length));
  assert.ok(tracing);
  return { receiver, tracing, failures };
}

test('nobody who has not asked for traces pays for them', async (t) => {
  assert.equal(await start(), undefined);
  environment(t, { OTEL_EXPORTER_OTLP_ENDPOINT: '  ' });
  assert.equal(await start(), undefined);
  environment(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'TRUE' });
  assert.equal(await start(), undefined);
  environment(t, { OTEL_SDK_DISABLED: '', OTEL_TRACES_EXPORTER: 'none' });
  assert.equal(await start(), undefined);
  assert.equal(isLoaded(), false, 'expected the packages not to be loaded');
});

test('a call is one trace: turns in it, and in them what they were made of', async (t) => {
  const { receiver, tracing } = await given(t);
  const { calls } = tracing;
  calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  calls.turnBegan(CALL_SID);
  calls.requested(CALL_SID, {
    priority: 'speculative',
    askedAt: AT,
    startedAt: AT + 40,
    firstTokenAt: AT + 190,
    endedAt: AT + 700,
    outcome: 'completed',
    failure: undefined,
    finishReason: 'tool_calls',
    tokens: { input: 900, output: 21 },
  });
  calls.toolUsed(CALL_SID, {
    name: 'hold_table',
    startedAt: AT + 700,
    endedAt: AT + 720,
    accepted: true,
  });
  calls.spoke(CALL_SID, {
    startedAt: AT + 300,
    firstSoundAt: AT + 390,
    endedAt: AT + 900,
    outcome: 'completed',
  });
  calls.turnAnswered(CALL_SID, 'silence', { response: 560, queue: 40 });
  calls.turnEnded(CALL_SID, false);
  calls.turnBegan(CALL_SID);
  const ended = { outcome: 'completed', reason: null, turns: 1, deadAirMs: 560 };
  calls.ended(CALL_SID, ended);
  await tracing.close();

  const [root] = receiver.named('call');
  const [first, second] = receiver.named('turn');
  assert.ok(root && first && second);
  assert.equal(receiver.spans.length, 6);
  assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
  assert.equal(root.parentSpanId, undefined);
  assert.deepEqual([first.parentSpanId, second.parentSpanId], [root.spanId, root.spanId]);
  assert.equal(root.attributes['voice.call.sid'], CALL_SID);
  assert.equal(root.attributes['voice.call.outcome'], 'completed');
  assert.equal(first.attributes['voice.turn.response_seconds'], 0.56);
  assert.equal(first.attributes['voice.turn.interrupted'], false);
  assert.deepEqual(first.events, ['agent.audible']);

  for (const name of ['chat ultravox', 'execute_tool hold_table', 'speak']) {
    const [span, ...more] = receiver.named(name);
    assert.equal(span?.parentSpanId, first.spanId, name);
    assert.deepEqual(more, []);
  }
  const [chat] = receiver.named('chat ultravox');
  assert.equal(chat?.durationMs, 700);
  assert.deepEqual(chat?.events, ['slot.taken', 'first.token']);
  assert.deepEqual(chat?.attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'vllm',
    'gen_ai.request.model': 'ultravox',
    'gen_ai.request.stream': true,
    'gen_ai.conversation.id': CALL_SID,
    'gen_ai.response.time_to_first_chunk': 0.15,
    'gen_ai.response.finish_reasons': ['tool_calls'],
    'gen_ai.usage.input_tokens': 900,
    'gen_ai.usage.output_tokens': 21,
    'voice.engine.priority': 'speculative',
    'voice.engine.outcome': 'completed',
    'voice.engine.queue_wait_seconds': 0.04,
  });
  const [speech] = receiver.named('speak');
  assert.equal(speech?.attributes['voice.speech.first_sound_seconds'], 0.09);
});

test('what fails is marked as failed, by its kind', async (t) => {
  const { receiver, tracing } = await given(t);
  const { calls } = tracing;
  calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  calls.requested(CALL_SID, {
    priority: 'waiting',
    askedAt: AT,
    startedAt: undefined,
    firstTokenAt: undefined,
    endedAt: AT + 6000,
    outcome: 'failed',
    failure: 'deadline',
    finishReason: undefined,
    tokens: undefined,
  });
  calls.ended(CALL_SID, { outcome: 'failed', reason: 'engine', turns: 0, deadAirMs: 6000 });
  await tracing.close();
  const [chat] = receiver.named('chat ultravox');
  const [root] = receiver.named('call');
  assert.equal(chat?.attributes['error.type'], 'deadline');
  assert.equal(chat?.attributes['voice.engine.queue_wait_seconds'], 6);
  assert.deepEqual([chat?.failed, root?.failed], [true, true]);
  assert.equal(chat?.parentSpanId, root?.spanId, 'outside of a turn it is in the call');
});

test('what is written when a call is over is in its trace', async (t) => {
  const { receiver, tracing } = await given(t);
  const { calls } = tracing;
  const request = {
    priority: 'background',
    askedAt: AT,
    startedAt: AT,
    firstTokenAt: AT,
    endedAt: AT + 100,
    outcome: 'completed',
    failure: undefined,
    finishReason: 'stop',
    tokens: undefined,
  } as const;
  const other = `CA${'2'.repeat(32)}`;
  calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  calls.ended(CALL_SID, { outcome: 'completed', reason: null, turns: 1, deadAirMs: 0 });
  calls.requested(CALL_SID, request);
  calls.requested(other, request);
  calls.turnBegan(other);
  calls.ended(other, { outcome: 'completed', reason: null, turns: 1, deadAirMs: 0 });
  await tracing.close();
  assert.deepEqual(receiver.spans.map(({ name }) => name).sort(), ['call', 'chat ultravox']);
  assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
});

test('the standard variables say where, as whom, and how much', async (t) => {
  const { receiver, tracing } = await given(t, {
    OTEL_SERVICE_NAME: 'the restaurant',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=seven',
  });
  tracing.calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  tracing.calls.ended(CALL_SID, { outcome: 'completed', reason: null, turns: 0, deadAirMs: 0 });
  await tracing.close();
  assert.deepEqual(receiver.paths, ['/v1/traces']);
  assert.equal(receiver.headers[0]?.['x-tenant'], 'seven');
  assert.match(receiver.headers[0]?.['content-type'] ?? '', /^application\/json/);
  assert.equal(receiver.resource['service.name'], 'the restaurant');
  assert.equal(receiver.resource['service.version'], '1.2.3');
  assert.equal(receiver.resource['deployment.environment.name'], 'test');

  const quiet = await given(t, { OTEL_TRACES_SAMPLER: 'always_off', OTEL_SERVICE_NAME: '' });
  quiet.tracing.calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  quiet.tracing.calls.turnBegan(CALL_SID);
  quiet.tracing.calls.ended(CALL_SID, {
    outcome: 'completed',
    reason: null,
    turns: 0,
    deadAirMs: 0,
  });
  await quiet.tracing.close();
  assert.deepEqual(quiet.receiver.bodies, []);
});

test('a collector that hangs holds a shutdown up for 2 s, one that refuses not at all', async (t) => {
  const { receiver, tracing } = await given(t);
  receiver.hangs = true;
  tracing.calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  tracing.calls.ended(CALL_SID, { outcome: 'completed', reason: null, turns: 0, deadAirMs: 0 });
  const from = performance.now();
  await tracing.close();
  const tookMs = performance.now() - from;
  assert.ok(tookMs > 1900 && tookMs < 2500, `expected 2 s, took ${tookMs} ms`);
  assert.equal(receiver.spans.length, 1);

  const refusing = await given(t);
  refusing.receiver.status = 400;
  refusing.tracing.calls.started({ callSid: CALL_SID, language: 'en', startedAt: AT });
  refusing.tracing.calls.ended(CALL_SID, {
    outcome: 'completed',
    reason: null,
    turns: 0,
    deadAirMs: 0,
  });
  await refusing.tracing.close();
  assert.equal(refusing.failures.length, 1);
});

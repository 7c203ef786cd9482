import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createActor, fromPromise } from 'xstate';
import { callMachine } from '../machines/call.ts';
import { engineMachine } from '../machines/engine.ts';
import type { Call } from '../src/call.ts';
import type { Readings } from '../src/metrics/state-metrics.ts';
import { VLLM_METRICS, vllmExposition } from '../src/metrics/vllm-exposition.ts';
import { declaredEdges, statePaths } from '../src/orchestrator/declared-edges.ts';
import { harmless } from '../src/orchestrator/harmless.ts';
import { VLLM_STATES } from '../src/orchestrator/label-values.ts';
import { metricsFeed, newMetrics } from '../src/orchestrator/metrics.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { EngineQueue } from '../src/ultravox/engine-queue.ts';
import { PrometheusText } from './support/prometheus-text.ts';

const READINGS: Readings = {
  ready: true,
  calls: { active: 3, limit: 50, oldestMarkAgeMs: 1500 },
  queue: { depth: 4, inSlot: 1, streaming: 2, predictedWaitMs: 250 },
  engine: { state: 'ready.trusted', takesCalls: true },
  load: { utilisation: 0.5, waitMs: 100 },
  voiceContexts: 2,
  journal: { pending: 5, spooledBytes: 600, databaseUp: false, dropped: 7, refused: 8, fenced: 9 },
  shed: { log: 10, visualiser: 11 },
};

function given() {
  const metrics = newMetrics(['hold_table']);
  const read = async (readings: Partial<Readings> = {}, vllm?: string) =>
    new PrometheusText(await metrics.text({ ...READINGS, ...readings }, vllm));
  return { metrics, feed: metricsFeed(metrics), read };
}

describe('how things stand', () => {
  test('with a vLLM that is run here is told, and elsewhere it has no state', async () => {
    const { read } = given();
    const name = 'voice_engine_process_state';
    assert.equal((await read()).value(name), undefined);
    for (const state of VLLM_STATES) {
      const told = await read({ engineProcess: { state, starts: 3 } });
      assert.deepEqual([told.value(name, { state }), told.value(name)], [1, 1], state);
      assert.equal(told.value('voice_engine_process_starts_total'), 3);
    }
  });

  test('is told as it is when somebody reads', async () => {
    const { read } = given();
    const told = await read();
    for (const [name, value] of Object.entries({
      voice_ready: 1,
      voice_calls_active: 3,
      voice_calls_limit: 50,
      voice_mark_age_seconds: 1.5,
      voice_engine_queue_depth: 4,
      voice_engine_in_slot: 1,
      voice_engine_streams: 2,
      voice_engine_predicted_wait_seconds: 0.25,
      voice_engine_takes_calls: 1,
      voice_admission_utilisation_ratio: 0.5,
      voice_admission_wait_seconds: 0.1,
      voice_tts_contexts: 2,
      voice_journal_pending_entries: 5,
      voice_journal_spooled_bytes: 600,
      voice_journal_database_up: 0,
      voice_journal_dropped_total: 7,
      voice_journal_refused_total: 8,
      voice_journal_fenced_total: 9,
    })) {
      assert.equal(told.value(name), value, name);
    }
    assert.equal(told.value('voice_shed_total', { what: 'log' }), 10);
    assert.equal(told.value('voice_shed_total', { what: 'visualiser' }), 11);
    assert.equal((await read({ ready: false })).value('voice_ready'), 0);
    assert.equal(
      (await read()).value('voice_journal_dropped_total'),
      7,
      'read twice, counted once',
    );
  });

  test("names one state of the engine's machine, and no other", async () => {
    const { read } = given();
    for (const state of statePaths(engineMachine)) {
      const told = await read({ engine: { state, takesCalls: false } });
      assert.equal(told.value('voice_engine_state', { state }), 1, state);
      assert.equal(told.value('voice_engine_state'), 1, state);
    }
    const unknown = await read({ engine: { state: 'gone mad', takesCalls: false } });
    assert.equal(unknown.value('voice_engine_state', { state: 'other' }), 1);
  });

  test('tells of the event loop and of memory under the names that all programs have', async () => {
    const { read } = given();
    const told = await read();
    const p99 = told.value('nodejs_eventloop_lag_p99_seconds');
    assert.ok(p99 !== undefined && p99 >= 0);
    assert.ok((told.value('process_resident_memory_bytes') ?? 0) > 1e6);
  });
});

describe('labels', () => {
  test('hold nothing that is not on a list', async () => {
    const { metrics, feed, read } = given();
    const secret = 'call me at +15557654321';
    metrics.calls.ended({ outcome: secret, callSid: secret, durationMs: 1, deadAirMs: 1 });
    metrics.calls.answered({ [secret]: 1 });
    metrics.calls.toolEnded(secret, true, 1);
    metrics.calls.speculated(secret, 1);
    metrics.calls.playoutEnded(secret, 0);
    metrics.transition({ machine: secret, from: secret, to: secret, event: secret });
    metrics.transition({ machine: 'call', from: 'connecting', to: secret, event: secret });
    metrics.engine.voiceFellBack(secret);
    metrics.engine.requestEnded({
      priority: secret,
      outcome: secret,
      failure: secret,
      waitMs: 1,
      firstTokenMs: 1,
      tokens: undefined,
    });
    metrics.server.callRefused(secret);
    feed.server.signatureRejected(undefined);
    const told = await read({ engine: { state: secret, takesCalls: true } });
    assert.ok(!told.text.includes('555'), 'expected no number');
    const others = told.samples.filter(
      ({ labels, value }) => Object.values(labels).includes('other') && value > 0,
    );
    const names = new Set(others.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
    assert.deepEqual([...names].sort(), [
      'voice_calls_refused_total',
      'voice_calls_total',
      'voice_engine_failures_total',
      'voice_engine_queue_wait_seconds',
      'voice_engine_requests_total',
      'voice_engine_state',
      'voice_machine_transitions_total',
      'voice_playouts_total',
      'voice_signature_rejects_total',
      'voice_speculations_total',
      'voice_tool_calls_total',
      'voice_tts_fallbacks_total',
    ]);
  });

  test('are there from the start, so that the first of each is counted as one more', async () => {
    const told = await given().read();
    assert.equal(told.value('voice_calls_total', { outcome: 'failed' }), 0);
    assert.equal(told.value('voice_engine_failures_total', { kind: 'tokenStall' }), 0);
    assert.equal(told.value('voice_tool_calls_total', { tool: 'hold_table' }), 0);
    assert.equal(told.value('voice_calls_refused_total', { reason: 'load' }), 0);
  });
});

test('prepared answers are counted with the time of the engine that went into nothing', async () => {
  const { feed, read } = given();
  const [used, dropped] = ['used', 'dropped'].map((outcome) => ({ outcome }));
  const count = async () => {
    const told = await read();
    const wasted = told.value('voice_speculation_wasted_seconds_total');
    const of = (labels = {}) => told.value('voice_speculations_total', labels);
    return [of(used), of(dropped), wasted];
  };
  assert.deepEqual(await count(), [0, 0, 0]);
  const call = {} as Call;
  feed.observer.onSpeculation?.(call, { how: 'used', wastedMs: 0 });
  feed.observer.onSpeculation?.(call, { how: 'dropped', wastedMs: 250 });
  feed.observer.onSpeculation?.(call, { how: 'dropped', wastedMs: 500 });
  assert.deepEqual(await count(), [1, 2, 0.75]);
});

test('answers are counted exactly at 0.6 and 2 s', async () => {
  const { metrics, read } = given();
  for (const response of [599.9, 600, 600.1, 2000, 2000.1]) metrics.calls.answered({ response });
  const told = await read();
  const upTo = (le: string) =>
    told.value('voice_turn_latency_seconds_bucket', { stage: 'response', le });
  assert.deepEqual([upTo('0.6'), upTo('2'), upTo('+Inf')], [2, 4, 5]);
});

describe('edges', () => {
  test('are all that a machine goes along', () => {
    const known = new Set(declaredEdges(engineMachine).map((edge) => JSON.stringify(edge)));
    const edge = (from: string, to: string, event: string) => JSON.stringify({ from, to, event });
    assert.ok(known.has(edge('cold', 'warming', 'engine.start')));
    assert.ok(known.has(edge('ready.trusted', 'ready.probing', 'after.probeInterval')));
    assert.ok(known.has(edge('ready.probing', 'down', 'xstate.error.actor.probe')));
    assert.ok(!known.has(edge('cold', 'down', 'request.failed')));
  });

  test('never end where no machine stays', () => {
    const states = declaredEdges(callMachine).flatMap(({ from, to }) => [from, to]);
    assert.ok(states.includes('handoff.announcing') && states.includes('voicemail'));
    assert.ok(!states.some((state) => state.endsWith('deciding')), 'left as soon as it is entered');
    assert.deepEqual([...new Set(states)].sort(), statePaths(callMachine).sort());
  });

  test("of the engine's machine are counted as it takes them", async () => {
    const { feed, read } = given();
    const limits = {
      warmUpMs: 1000,
      probeMs: 1000,
      probeIntervalMs: 1000,
      forgiveMs: 1000,
      failures: 1,
      backOffMs: 1000,
      backOffMaxMs: 1000,
    };
    const idle = fromPromise<void>(() => new Promise(() => {}));
    const machine = engineMachine.provide({
      actors: { warmUp: fromPromise(async () => {}), probe: idle },
    });
    const actor = createActor(machine, { input: { limits }, inspect: feed.inspectEngine });
    const ready = new Promise<void>((resolve) => {
      actor.subscribe((snapshot) => snapshot.hasTag('takesCalls') && resolve());
    });
    actor.start();
    actor.send({ type: 'engine.start' });
    await ready;
    actor.send({ type: 'request.failed' });
    actor.stop();
    const told = await read();
    const taken = (labels: Record<string, string>) =>
      told.value('voice_machine_transitions_total', { machine: 'engine', ...labels });
    assert.equal(taken({ from: 'cold', to: 'warming', event: 'engine.start' }), 1);
    assert.equal(taken({ from: 'warming', to: 'ready.trusted' }), 1);
    assert.equal(taken({ from: 'ready.trusted', to: 'down', event: 'request.failed' }), 1);
    assert.equal(taken({}), 3);
  });
});

describe('requests to the engine', () => {
  test('are counted by how they ended, each once', async () => {
    const { feed, read } = given();
    const queue = new EngineQueue({
      concurrency: 1,
      maxDepth: 1,
      stream: async function* (request, signal) {
        const { maxTokens } = request;
        if (maxTokens === 1) throw new EngineError('firstTokenStall', 'none came');
        if (maxTokens === 2)
          await new Promise((_resolve, reject) => (signal.onabort = () => reject(signal.reason)));
        yield { type: 'text', text: 'Hello.' };
        yield { type: 'finished', reason: 'stop', usage: { promptTokens: 9, completionTokens: 2 } };
      },
    });
    queue.watch({ onEnded: feed.onRequestEnded });
    const { signal } = new AbortController();
    const ask = (maxTokens: number) =>
      queue.submit({
        request: { messages: [], maxTokens, temperature: 0 },
        priority: 'waiting',
        deadlineMs: 10_000,
        signal,
      });
    const read1 = async (ticket: ReturnType<typeof ask>) => {
      for await (const event of ticket.events) if (event.type === 'finished') break;
    };
    await read1(ask(3));
    await assert.rejects(read1(ask(1)), { kind: 'firstTokenStall' });
    const hanging = ask(2);
    ask(3);
    await assert.rejects(read1(ask(3)), { kind: 'queueFull' });
    hanging.cancel();
    await queue.onIdle();
    const told = await read();
    const ended = (outcome: string) =>
      told.value('voice_engine_requests_total', { priority: 'waiting', outcome });
    assert.deepEqual([ended('completed'), ended('failed'), ended('cancelled')], [2, 2, 1]);
    const failed = (kind: string) => told.value('voice_engine_failures_total', { kind });
    assert.deepEqual([failed('firstTokenStall'), failed('queueFull'), failed('other')], [1, 1, 0]);
    assert.equal(told.value('voice_engine_tokens_total', { direction: 'input' }), 18);
    assert.equal(told.value('voice_engine_queue_wait_seconds_count', { priority: 'waiting' }), 5);
    assert.equal(told.value('voice_engine_first_token_seconds_count'), 2);
  });
});

describe("vLLM's own figures", () => {
  const TEXT = [
    '# HELP vllm:num_requests_running Number of requests in model execution batches.',
    '# TYPE vllm:num_requests_running gauge',
    'vllm:num_requests_running{engine="0",model_name="a"} 3.0',
    'vllm:num_requests_running{engine="1",model_name="a"} 4.0',
    'vllm:gpu_cache_usage_perc{engine="0"} 0.25',
    'vllm:gpu_cache_usage_perc{engine="1"} 0.75',
    'vllm:cache_config_info{block_size="16",gpu_memory_utilization="0.85",num_gpu_blocks="661"} 1.0',
    'vllm:num_preemptions_total{engine="0"} 2.0',
    'vllm:prefix_cache_hits_total{engine="0"} NaN',
    'vllm:e2e_request_latency_seconds_sum{model_name="secret"} 17',
    'python_info{implementation="CPython"} 1.0',
    'not a sample at all {{{',
  ].join('\n');

  test('are a few of them, under our names and without labels', () => {
    const told = new PrometheusText(vllmExposition(TEXT));
    assert.deepEqual(
      told.samples.map(({ name, value }) => [name, value]),
      [
        ['voice_vllm_requests_running', 7],
        ['voice_vllm_kv_cache_usage_ratio', 0.75],
        ['voice_vllm_gpu_memory_utilization_ratio', 0.85],
        ['voice_vllm_kv_cache_blocks', 661],
        ['voice_vllm_preemptions_total', 2],
      ],
    );
    assert.ok(!told.text.includes('secret'));
  });

  test('are absent where the engine tells none', async () => {
    const { read } = given();
    for (const text of [undefined, '', '<html>not found</html>', '\u0000'.repeat(1000)]) {
      const told = await read({}, text);
      for (const { name } of VLLM_METRICS) assert.equal(told.value(name), undefined);
      assert.equal(told.value('voice_calls_active'), 3);
    }
  });
});

test('what fails while it looks on goes no further', () => {
  const faults: unknown[] = [];
  const told: unknown[] = [];
  const watch = harmless(
    {
      limit: 3,
      broken: (value: string) => {
        throw new Error(value);
      },
      works: (value: string) => told.push(value),
    },
    (fault) => faults.push(fault),
  );
  watch.broken('as expected');
  watch.works('heard');
  assert.equal((faults[0] as Error).message, 'as expected');
  assert.deepEqual([told, faults.length, watch.limit], [['heard'], 1, 3]);
});

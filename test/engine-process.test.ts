import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { InspectionEvent } from 'xstate';
import type { EngineLimits } from '../machines/engine.ts';
import { Engine } from '../src/engine.ts';
import { EngineClient } from '../src/ultravox/engine-client.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { vllmUrl } from '../src/ultravox/vllm-command.ts';
import { CallStage } from './support/call-stage.ts';
import { until } from './support/listener.ts';
import { StandInVllm } from './support/stand-in-vllm.ts';
import { inTime } from './support/twilio-hand.ts';
import { MODEL, WatchedVllm } from './support/watched-vllm.ts';

const LIMITS = {
  warmUpMs: 60_000,
  probeMs: 10_000,
  probeIntervalMs: 60_000,
  forgiveMs: 60_000,
  failures: 3,
  backOffMs: 10,
  backOffMaxMs: 20,
};

describe('an engine whose process is ours', { concurrency: true }, () => {
  test('is down as soon as the process has ended, and back when the next one serves', async (t) => {
    const { engine, watched } = await open(t);
    const life = await watched.standIn.nextLife();
    await life.serve();
    assert.ok(await engine.ready(20_000));
    assert.equal(watched.vllm.state, 'ready');
    const ending = watched.enters('ending');
    await life.exit(1);
    await ending;
    assert.equal(engine.takesCalls, false);
    await (await watched.standIn.nextLife()).serve();
    assert.ok(await engine.ready(20_000));
  });

  test('has a process ended that never serves, though it is in good health by its own account', async (t) => {
    const { engine, watched } = await open(t);
    const lying = await watched.standIn.nextLife();
    await lying.serve({ hangBeforeFirstToken: true, healthLies: true });
    await lying.ends();
    await (await watched.standIn.nextLife()).serve();
    assert.ok(await engine.ready(20_000));
    assert.match(watched.crashes[0]?.why ?? '', /it serves nothing: firstTokenStall/);
  });

  test('has a process ended that served and hangs now; one that failed for a moment is left', async (t) => {
    // Long enough to be well again before it is asked again.
    const { engine, watched } = await open(t, { backOffMs: 2000, backOffMaxMs: 2000 });
    const life = await watched.standIn.nextLife();
    await life.serve();
    assert.ok(await engine.ready(20_000));

    await life.fail({ unreachable: true });
    await failing(engine, LIMITS.failures);
    assert.equal(engine.takesCalls, false);
    await life.fail({ unreachable: false });
    assert.ok(await engine.ready(20_000));
    assert.deepEqual(watched.crashes, []);

    await life.fail({ hangBeforeFirstToken: true, healthLies: true });
    await failing(engine, LIMITS.failures);
    await life.ends();
    await (await watched.standIn.nextLife()).serve();
    assert.ok(await engine.ready(20_000));
    assert.equal(watched.crashes.length, 1);
  });

  test('is not started again for what its flags forbid: it would come to the same', async (t) => {
    const { engine, watched, failure } = await open(t);
    const life = await watched.standIn.nextLife();
    await life.serve({ dropsAudio: true });
    await failure('EngineSelfTestError');
    await life.fail({ dropsAudio: false, refusesTools: true });
    await failure('EngineError');
    await life.fail({ refusesTools: false });
    assert.ok(await engine.ready(20_000));
    assert.equal(watched.standIn.lives.length, 1);
  });

  test('that dies in a call leaves the call with words and the server up, and comes back', async (t) => {
    const standIn = await StandInVllm.open(t);
    const first = standIn.nextLife();
    void first.then((life) => life.serve());
    const env = {
      ULTRAVOX_URL: '',
      HF_TOKEN: 'hf_of_nobody',
      VLLM_COMMAND: standIn.command,
      VLLM_PORT: String(standIn.port),
    };
    await CallStage.during({ env }, async (stage) => {
      const { engine } = stage.stage.orchestrator;
      const { record, turns } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await (await first).exit(137);
        await until(() => !engine.takesCalls, 'an engine that is down');
        await caller.speak('table');
        await caller.agentAnswers();
        await (await standIn.nextLife()).serve();
        assert.ok(await engine.ready(20_000));
        await caller.ask('hours');
        await caller.hangUp();
      });
      const { outcome, failures, deadAirMs } = record;
      assert.deepEqual({ outcome, failures }, { outcome: 'completed', failures: 1 });
      assert.ok(deadAirMs < 5000, `expected under 5 s of silence, got ${deadAirMs} ms`);
      const agentSaid = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
      assert.equal(agentSaid.at(-1), 'Of course.');
    });
    await Promise.all(standIn.lives.map((life) => life.ends()));
    assert.equal(standIn.lives.length, 2);
  });
});

/** With little patience, so that a test need not have more. */
async function open(t: TestContext, limits: Partial<EngineLimits> = {}) {
  const watched = await WatchedVllm.open(t);
  const failures = failedStarts();
  const url = vllmUrl(watched.standIn.port);
  const client = new EngineClient({ url, model: MODEL, firstTokenMs: 2000 });
  const engine = new Engine({
    client,
    patientClient: client,
    queue: { concurrency: 8 },
    limits: { ...LIMITS, ...limits },
    beginning: {
      messages: [{ role: 'system', content: 'You answer the telephone.' }],
      tools: TOOLS,
    },
    log: watched.lines.log,
    inspect: failures.inspect,
    process: watched.vllm,
  });
  watched.vllm.watch((state) => {
    if (state === 'ending') engine.lost();
  });
  t.after(() => engine.close());
  engine.start();
  return { engine, watched, failure: failures.next };
}

const TOOLS = [{ type: 'function', function: { name: 'book', parameters: { type: 'object' } } }];

/** So many requests of calls at once, which must fail. */
async function failing(engine: Engine, requests: number): Promise<void> {
  await Promise.all(Array.from({ length: requests }, () => failingRequest(engine)));
}

async function failingRequest(engine: Engine): Promise<void> {
  const messages = [{ role: 'user', content: 'Hello.' } as const];
  const ticket = engine.queue.submit({
    request: { messages, maxTokens: 8, temperature: 0 },
    priority: 'waiting',
    deadlineMs: 10_000,
    signal: new AbortController().signal,
  });
  await assert.rejects(async () => {
    for await (const _ of ticket.events) {
      // Nothing is expected.
    }
  }, EngineError);
}

/** Of the engine's warm-ups: waits for the next one that failed of such an error. */
function failedStarts() {
  const awaited = new Map<string, () => void>();
  return {
    inspect: (event: InspectionEvent) => {
      if (event.type !== '@xstate.event' || event.event.type !== 'xstate.error.actor.warmUp')
        return;
      const { error } = event.event as unknown as { error: Error };
      awaited.get(error.name)?.();
    },
    next: (name: string) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      awaited.set(name, resolve);
      return inTime(promise, `a start that fails of ${name}`, 20_000);
    },
  };
}

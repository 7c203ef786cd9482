import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Engine } from '../src/engine.ts';
import { CallStage } from './support/call-stage.ts';
import { recordedCall } from './support/recorded-call.ts';

/** A busy disk included. */
const WRITTEN_MS = 10_000;

describe('admission to a whole server', { concurrency: 2 }, () => {
  test('with a slow engine a second caller hears why not, and is taken once there is room', () => {
    // One request of 1.5 s: with two callers the wait would be beyond a tenth of a second.
    const options = {
      env: { ENGINE_MAX_WAIT_SECONDS: '0.1', RESTAURANT_GREETING: 'Hello.' },
      ultravox: { firstTokenMs: 1500, reply: () => 'At what time?' },
    };
    return CallStage.during(options, async (stage) => {
      const { orchestrator, placeCall } = stage.stage;
      const ask = (path: string) => get(orchestrator.url, path);
      const ring = (dial: 'completed' | 'no-answer') =>
        placeCall({ caller: (caller) => caller.hungUp(), dial }).ended;
      assert.deepEqual((await ask('/ready')).json.ready, true);
      await stage.call(async (caller) => {
        await caller.agentAnswers();
        for (const digit of ['4', '2', '#']) await caller.press(digit);
        await caller.agentAnswers();
        const { status, json } = await ask('/ready');
        assert.deepEqual([status, json.ready, json.reason], [503, false, 'load']);
        assert.equal((await ask('/health')).status, 200);
        const { calls, slotMs, waitMs, takesCalls } = orchestrator.load;
        assert.deepEqual([calls, takesCalls], [1, false]);
        assert.ok(slotMs > 150 && waitMs > 100, `slot ${slotMs} ms, wait ${waitMs} ms`);

        const given = await ring('completed');
        assert.deepEqual(given.verbs, ['Say', 'Dial', 'Hangup']);
        const [words] = given.timeline.filter(
          ({ type, name }) => type === 'twiml' && name === 'Say',
        );
        assert.match(words?.detail ?? '', /busy just now\. I will connect you\.$/);
        assert.ok(await orchestrator.records.journal.flush(WRITTEN_MS));
        const { call } = await recordedCall(orchestrator.records.database, given.callSid);
        assert.deepEqual([call.outcome, call.reason], ['shed', 'load']);
        assert.equal(call.handoff_status, 'completed');
        // Nobody is there either: the caller leaves a message.
        const left = await ring('no-answer');
        assert.deepEqual(left.verbs, ['Say', 'Dial', 'Say', 'Record', 'Say', 'Hangup']);
        assert.ok(caller.connected, 'expected the live call to be left alone');
        await caller.hangUp();
      });
      assert.equal((await ask('/ready')).status, 200);
      const { record } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.hangUp();
      });
      assert.equal(record.outcome, 'abandoned');
    });
  });
  test('while the engine is dead the process is healthy, keeps its calls, and is not ready', () => {
    const options = { env: { RESTAURANT_GREETING: 'Hello.' } };
    return CallStage.during(options, async (stage) => {
      const { orchestrator, ultravox } = stage.stage;
      const ask = (path: string) => get(orchestrator.url, path);
      await stage.call(async (caller) => {
        await caller.agentAnswers();
        ultravox.faults.unreachable = true;
        for (let failed = 0; failed < 3; failed++)
          await assert.rejects(generation(orchestrator.engine));
        const { status, json } = await ask('/ready');
        assert.deepEqual([status, json.ready, json.reason], [503, false, 'engine']);
        const health = await ask('/health');
        assert.deepEqual([health.status, health.json.active_connections], [200, 1]);
        assert.ok(caller.connected);
        ultravox.faults.unreachable = false;
        assert.ok(await orchestrator.engine.ready(15_000), 'expected the engine to be tried again');
        assert.equal((await ask('/ready')).status, 200);
        await caller.hangUp();
      });
    });
  });
});

/** One reply, to its end. */
async function generation({ queue }: Engine): Promise<void> {
  const messages = [{ role: 'user', content: 'Hello.' } as const];
  const request = { messages, temperature: 0, maxTokens: 8 };
  const { signal } = new AbortController();
  const ticket = queue.submit({ request, priority: 'waiting', deadlineMs: 5000, signal });
  for await (const _event of ticket.events);
}

async function get(url: string, path: string) {
  const response = await fetch(url + path);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

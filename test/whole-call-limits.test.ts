import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CallLimits } from '../machines/call-protocol.ts';
import { CallStage } from './support/call-stage.ts';

describe('the limits of a call', { concurrency: 3 }, () => {
  test('a silent caller is asked twice and then told goodbye', () =>
    withStage({ idleMs: 400 }, async (stage) => {
      const { record, report, states } = await stage.call((caller) => caller.hungUp());
      assert.equal(record.outcome, 'timedOut');
      assert.equal(record.reason, 'idle');
      assert.equal(states.filter((state) => state === 'timeout.asking').length, 2);
      assert.equal(states.at(-2), 'timeout.farewell');
      assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Hangup']);
    }));

  test('the cap on the length of a call is said before it ends', () =>
    withStage({ callMs: 4000 }, async (stage) => {
      const { record, states } = await stage.call((caller) => caller.hungUp());
      assert.equal(record.reason, 'callCap');
      assert.equal(states.at(-2), 'timeout.outOfTime');
      assert.ok(record.durationMs < 12_000, `the call took ${record.durationMs} ms`);
    }));

  test('after the last allowed turn a person is dialled', () =>
    withStage({ turns: 1 }, async (stage) => {
      const { record, report } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.speak('table');
        await caller.agentAnswers();
        await caller.speak('hours');
        await caller.hungUp();
      });
      assert.equal(record.outcome, 'handedOff');
      assert.equal(record.reason, 'turns');
      assert.ok(report.verbs.includes('Dial'));
    }));

  test('a call without any activity ends with a goodbye', () =>
    withStage({ inactivityMs: 3500, idleMs: 60_000 }, async (stage) => {
      const { record } = await stage.call((caller) => caller.hungUp());
      assert.equal(record.reason, 'inactivity');
    }));
});

describe('admission and shutdown', () => {
  let stage: CallStage;
  before(async () => {
    stage = await CallStage.set({ env: { MAX_CALLS: '1' } });
  });
  after(() => stage.close());

  test('a call beyond the limit is told so in words and given to a person', async () => {
    let second: Awaited<ReturnType<CallStage['stage']['placeCall']>> | undefined;
    await stage.call(async (caller) => {
      await caller.agentSpeaking();
      second = stage.stage.placeCall({ caller: (other) => other.hungUp(), dial: 'completed' });
      await second.ended;
      await caller.hangUp();
    });
    const report = await second!.ended;
    assert.deepEqual(report.verbs, ['Say', 'Dial', 'Hangup']);
  });

  test('shutdown tells a live caller goodbye, and a new one that nobody can answer', async () => {
    let closing: Promise<void> | undefined;
    const { record, report } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      closing = stage.stage.orchestrator.calls.drain(0);
      await caller.hungUp();
    });
    await closing;
    assert.equal(record.reason, 'shutdown');
    assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Hangup']);
    const late = await stage.stage.placeCall({ caller: (caller) => caller.hungUp() }).ended;
    assert.equal(late.verbs[0], 'Say');
    await stage.assertAtRest();
  });
});

function withStage(limits: Partial<CallLimits>, run: (stage: CallStage) => Promise<void>) {
  return CallStage.during({ limits }, run);
}

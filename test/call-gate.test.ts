import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Call } from '../src/call.ts';
import { loadConfig } from '../src/config.ts';
import { CallGate } from '../src/orchestrator/call-gate.ts';
import type { QueueWatcher } from '../src/ultravox/queue-watcher.ts';

const SETTINGS = {
  PUBLIC_URL: 'https://calls.example',
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  HF_TOKEN: 'a token',
};

/** A gate whose engine, calls and clock are a test's. */
function gateOf(t: TestContext, settings: Record<string, string> = {}) {
  const clock = { nowMs: 0 };
  t.mock.method(performance, 'now', () => clock.nowMs);
  const watchers: QueueWatcher[] = [];
  const queue = { watch: (watcher: QueueWatcher) => void watchers.push(watcher) };
  const engine = { takesCalls: true, queue };
  const gate = new CallGate(loadConfig({ ...SETTINGS, ...settings }), engine as never);
  const calls = { active: 0, full: false, draining: false };
  gate.guard(calls);
  const begin = (callSid: string): Call => {
    const call = {} as Call;
    calls.active += 1;
    gate.observer.onStarted?.(call, { callSid, language: 'en', callerLast4: null, startedAt: 0 });
    return call;
  };
  const end = (call: Call) => {
    calls.active -= 1;
    gate.observer.onEnded?.(call, {} as never);
  };
  const serve = (ms: number, priority: 'waiting' | 'background' = 'waiting') => {
    for (const { onServed } of watchers) onServed?.({ priority, part: 'slot', gaveWay: false, ms });
  };
  return { gate, calls, engine, clock, begin, end, serve };
}

test('a promised call counts until its stream has come, or for three seconds', (t) => {
  const { gate, begin, end, clock } = gateOf(t, { MAX_CALLS: '2' });
  assert.equal(gate.admit('CA1'), undefined);
  assert.equal(gate.admit('CA2'), undefined);
  assert.equal(gate.admit('CA3'), 'full');
  assert.equal(gate.load.calls, 2);
  const first = begin('CA1');
  assert.equal(gate.load.calls, 2, 'it is counted once');
  clock.nowMs = 3001;
  assert.equal(gate.load.calls, 1, 'the other has come to another replica');
  assert.equal(gate.refusal(), undefined);
  end(first);
  assert.equal(gate.load.calls, 0);
});

test('a call that goes on is promised whatever the load, and counts', (t) => {
  const { gate, engine, calls } = gateOf(t, { MAX_CALLS: '1' });
  engine.takesCalls = false;
  calls.draining = true;
  gate.promise('CA1');
  assert.equal(gate.load.calls, 1);
  assert.equal(gate.admit('CA1'), undefined);
  calls.draining = false;
  assert.equal(gate.admit('CA2'), 'full');
});

test('a webhook that is told again gets the same answer, whatever the load is by then', (t) => {
  const { gate, engine } = gateOf(t);
  assert.equal(gate.admit('CA1'), undefined);
  engine.takesCalls = false;
  assert.equal(gate.admit('CA1'), undefined);
  assert.equal(gate.admit('CA2'), 'engine');
});

test('what is refused, and why', (t) => {
  const { gate, calls, engine, begin, serve } = gateOf(t, { ENGINE_MAX_WAIT_SECONDS: '0.2' });
  assert.equal(gate.refusal(), undefined);
  begin('CA1');
  for (let n = 0; n < 20; n++) serve(2000);
  assert.equal(gate.refusal(), 'load');
  assert.equal(gate.load.takesCalls, false);
  engine.takesCalls = false;
  assert.equal(gate.refusal(), 'engine');
  calls.full = true;
  assert.equal(gate.refusal(), 'full');
  calls.draining = true;
  assert.equal(gate.refusal(), 'draining');
});

test('work in the background gives way, so it refuses nobody', (t) => {
  const { gate, begin, serve } = gateOf(t, { ENGINE_MAX_WAIT_SECONDS: '0.2' });
  begin('CA1');
  for (let n = 0; n < 20; n++) serve(2000, 'background');
  assert.equal(gate.refusal(), undefined);
});

test('twenty phones that ring in one moment are not all promised one engine', (t) => {
  const { gate } = gateOf(t);
  const refusals = Array.from({ length: 30 }, (_, n) => gate.admit(`CA${n}`));
  const taken = refusals.filter((refusal) => refusal === undefined).length;
  assert.ok(taken > 10 && taken < 20, `${taken} were taken`);
  assert.deepEqual(new Set(refusals.slice(taken)), new Set(['load']));
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cartesiaKey } from '../src/doctor/checks/cartesia-key.ts';
import { cartesiaPlan } from '../src/doctor/checks/cartesia-plan.ts';
import { cartesiaVoice } from '../src/doctor/checks/cartesia-voice.ts';
import {
  type SimulatedCartesiaOptions,
  startSimulatedCartesia,
} from '../src/simulators/cartesia/simulated-cartesia.ts';
import { found } from './support/doctor-check.ts';
import { httpAnswers } from './support/http-answers.ts';

async function start(t: TestContext, options: SimulatedCartesiaOptions = {}) {
  const cartesia = await startSimulatedCartesia({ voice: 'tone', firstByteMs: 20, ...options });
  t.after(() => cartesia.close());
  const env: Record<string, string> = {
    CARTESIA_API_KEY: 'the key of the voice',
    CARTESIA_PLAINTEXT_ADDRESS: `${cartesia.host}:${cartesia.port}`,
  };
  return { cartesia, env };
}

test('doctor: a key that Cartesia accepts passes, one that it does not fails', async (t) => {
  const { cartesia, env } = await start(t);
  assert.equal((await found(cartesiaKey, env)).outcome, 'pass');
  for (const [status, outcome] of [
    [401, 'failure'],
    [402, 'failure'],
    [429, 'warning'],
    [503, 'warning'],
  ] as const) {
    cartesia.faults.restStatus = status;
    const finding = await found(cartesiaKey, env);
    assert.equal(finding.outcome, outcome, finding.found);
    assert.doesNotMatch(JSON.stringify(finding), /the key of the voice/);
  }
});

test('doctor: a Cartesia that nobody reaches is a failure', async () => {
  const away = { CARTESIA_API_KEY: 'k', CARTESIA_PLAINTEXT_ADDRESS: '127.0.0.1:1' };
  for (const check of [cartesiaKey, cartesiaPlan]) {
    assert.equal((await found(check, away)).outcome, 'failure');
  }
  assert.equal((await found(cartesiaVoice, away)).outcome, 'skipped');
});

test('doctor: each voice must be there, also those of single languages', async (t) => {
  const { cartesia, env } = await start(t);
  const fine = await found(cartesiaVoice, env);
  assert.equal(fine.outcome, 'pass');
  assert.match(fine.found, /Simulated stock voice/);
  const missing = await found(cartesiaVoice, { ...env, CARTESIA_VOICE_ID: 'nobody' });
  assert.equal(missing.outcome, 'failure');
  assert.match(missing.next ?? '', /set CARTESIA_VOICE_ID/);
  const ofLanguage = await found(cartesiaVoice, {
    ...env,
    RESTAURANT__LANGUAGES__DE__VOICE: 'nobody',
  });
  assert.equal(ofLanguage.outcome, 'failure');
  assert.match(ofLanguage.next ?? '', /languages\.de\.voice/);
  cartesia.faults.restStatus = 500;
  assert.equal((await found(cartesiaVoice, env)).outcome, 'warning');
  cartesia.faults.restStatus = 401;
  assert.equal((await found(cartesiaVoice, env)).outcome, 'skipped');
});

test('doctor: a plan passes when as many contexts as configured speak at once', async (t) => {
  const { cartesia, env } = await start(t, { maxContexts: 5 });
  const finding = await found(cartesiaPlan, env);
  assert.equal(finding.outcome, 'pass');
  assert.equal(finding.found, '5 contexts spoke at once');
  assert.equal(charactersSpoken(cartesia.requests), 5);
});

test('doctor: a plan that allows fewer is a warning, with how many', async (t) => {
  const { env } = await start(t, { maxContexts: 3 });
  const finding = await found(cartesiaPlan, env);
  assert.equal(finding.outcome, 'warning');
  assert.match(finding.next ?? '', /CARTESIA_MAX_CONTEXTS=3/);
});

test('doctor: a plan of which nothing is left is a failure, as is a model that does not exist', async (t) => {
  const { cartesia, env } = await start(t);
  cartesia.faults.limit = true;
  assert.equal((await found(cartesiaPlan, env)).outcome, 'failure');
  cartesia.faults.limit = false;
  const old = await found(cartesiaPlan, { ...env, CARTESIA_MODEL: 'sonic-2' });
  assert.equal(old.outcome, 'failure');
});

test('doctor: trying the plan never costs more than 15 characters', async (t) => {
  const { cartesia, env } = await start(t, { maxContexts: 1000 });
  const finding = await found(cartesiaPlan, { ...env, CARTESIA_MAX_CONTEXTS: '1000' });
  assert.equal(finding.found, '15 of 1000 contexts spoke at once');
  assert.equal(charactersSpoken(cartesia.requests), 15);
});

test('doctor: the plan is not tried while a call could miss the context', async (t) => {
  const { cartesia, env } = await start(t);
  const health = { status: 'healthy', active_connections: 2, service: 'twilio-ultravox-agent' };
  const server = await httpAnswers(t, () => ({ body: JSON.stringify(health) }));
  const finding = await found(cartesiaPlan, { ...env, PUBLIC_URL: server.url });
  assert.equal(finding.outcome, 'skipped');
  assert.equal(cartesia.requests.length, 0);
});

function charactersSpoken(requests: readonly object[]): number {
  return requests.reduce(
    (sum, request) => sum + ('transcript' in request ? String(request.transcript).length : 0),
    0,
  );
}

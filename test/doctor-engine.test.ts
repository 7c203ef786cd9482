import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { engineAudio } from '../src/doctor/checks/engine-audio.ts';
import { engineModel } from '../src/doctor/checks/engine-model.ts';
import { engineTools } from '../src/doctor/checks/engine-tools.ts';
import { huggingFace } from '../src/doctor/checks/hugging-face.ts';
import { unlessNotStarted } from '../src/doctor/engine-connection.ts';
import {
  type SimulatedUltravoxOptions,
  startSimulatedUltravox,
} from '../src/simulators/ultravox/simulated-ultravox.ts';
import { EngineError } from '../src/ultravox/engine-error.ts';
import { found } from './support/doctor-check.ts';
import { GATED, MODEL, startHuggingFace } from './support/hugging-face.ts';

const WEATHER = { name: 'report_weather', arguments: { city: 'Berlin' } };

async function start(t: TestContext, options: SimulatedUltravoxOptions = {}) {
  const engine = await startSimulatedUltravox({ firstTokenMs: 5, ...options });
  t.after(() => engine.close());
  const env: Record<string, string> = { ULTRAVOX_URL: engine.url, ULTRAVOX_MODEL: 'ultravox' };
  return { engine, env };
}

test('doctor: the model must be served under the name that it is asked for by', async (t) => {
  const { engine, env } = await start(t, { apiKey: 'the key of the engine' });
  const withKey = { ...env, ULTRAVOX_API_KEY: 'the key of the engine' };
  assert.equal((await found(engineModel, withKey)).outcome, 'pass');
  const other = await found(engineModel, { ...withKey, ULTRAVOX_MODEL: 'another' });
  assert.equal(other.outcome, 'failure');
  assert.match(other.found, /expected it to serve another, it serves ultravox/);
  const refused = await found(engineModel, env);
  assert.match(refused.next ?? '', /ULTRAVOX_API_KEY/);
  engine.faults.httpStatus = 500;
  const sick = await found(engineModel, withKey);
  assert.equal(sick.outcome, 'warning');
  assert.match(sick.found, /\/health says otherwise/);
  engine.faults.unreachable = true;
  assert.equal((await found(engineModel, withKey)).outcome, 'failure');
});

test('doctor: sound must lengthen the prompt', async (t) => {
  const { engine, env } = await start(t);
  const fine = await found(engineAudio, env);
  assert.equal(fine.outcome, 'pass');
  assert.match(fine.found, /a second of sound is 7 tokens/);
  engine.faults.refusesMulaw = true;
  assert.equal((await found(engineAudio, env)).outcome, 'warning');
  engine.faults.dropsAudio = true;
  const deaf = await found(engineAudio, env);
  assert.equal(deaf.outcome, 'failure');
  assert.match(deaf.next ?? '', /--chat-template-content-format string/);
});

test('doctor: a tool that is asked for must be called, as a call and not in words', async (t) => {
  const { engine, env } = await start(t, { reply: () => ({ tool: WEATHER }) });
  assert.equal((await found(engineTools, env)).outcome, 'pass');
  engine.faults.jsonLeak = true;
  const leaked = await found(engineTools, env);
  assert.equal(leaked.outcome, 'warning');
  assert.match(leaked.found, /came as words/);
  engine.faults.refusesTools = true;
  const refused = await found(engineTools, env);
  assert.equal(refused.outcome, 'failure');
  assert.match(refused.next ?? '', /--enable-auto-tool-choice/);
});

test('doctor: a model that answers without the tool is a warning', async (t) => {
  const { env } = await start(t, { reply: () => 'It is sunny.' });
  const finding = await found(engineTools, env);
  assert.equal(finding.outcome, 'warning');
  assert.match(finding.found, /without the tool/);
});

test('doctor: an engine that the server would start is not missed while it does not run', async () => {
  const away = async () => {
    throw new EngineError('unreachable', 'expected an answer');
  };
  const own = await unlessNotStarted({}, away);
  assert.equal(own.outcome, 'skipped');
  const given = unlessNotStarted({ ULTRAVOX_URL: 'http://gpu.example/v1' }, away);
  await assert.rejects(given, EngineError);
});

test('doctor: the token must open the model and the gated one that it is built from', async (t) => {
  const hub = await startHuggingFace(t, { token: 'hf_right' });
  const env = { HF_TOKEN: 'hf_right', HF_ENDPOINT: hub.url };
  const fine = await found(huggingFace, env);
  assert.equal(fine.outcome, 'pass');
  assert.ok(fine.found.includes(MODEL) && fine.found.includes(GATED));
  assert.deepEqual(
    hub.asked.map((line) => line.split(' ')[0]),
    ['GET', 'HEAD', 'HEAD'],
  );
  const wrong = await found(huggingFace, { ...env, HF_TOKEN: 'hf_wrong' });
  assert.equal(wrong.outcome, 'failure');
  assert.match(wrong.next ?? '', /huggingface\.co\/settings\/tokens/);
  assert.doesNotMatch(JSON.stringify(wrong), /hf_wrong/);
  const unknown = await found(huggingFace, { ...env, ULTRAVOX_MODEL: 'nobody/nothing' });
  assert.match(unknown.found, /there is no nobody\/nothing/);
});

test('doctor: a licence that is not accepted is a failure, with where to accept it', async (t) => {
  const hub = await startHuggingFace(t, { token: 'hf_right', licensed: false });
  const finding = await found(huggingFace, { HF_TOKEN: 'hf_right', HF_ENDPOINT: hub.url });
  assert.equal(finding.outcome, 'failure');
  assert.ok(finding.next?.includes(`huggingface.co/${GATED}`));
});

test('doctor: a hub that fails is a warning, and one that is not needed is skipped', async (t) => {
  const hub = await startHuggingFace(t, { token: 'hf_right', status: 503 });
  const env = { HF_TOKEN: 'hf_right', HF_ENDPOINT: hub.url };
  assert.equal((await found(huggingFace, env)).outcome, 'warning');
  const elsewhere = { ...env, ULTRAVOX_URL: 'http://gpu.example:8000/v1' };
  assert.equal((await found(huggingFace, elsewhere)).outcome, 'skipped');
  assert.equal(hub.asked.length, 1);
});

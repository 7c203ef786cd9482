import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, loadConfig } from '../src/config.ts';

const COMPLETE = {
  PUBLIC_URL: 'https://calls.example/v4/p-1/agent/',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token-of-the-account',
  CARTESIA_API_KEY: 'key-of-the-voice',
  ULTRAVOX_URL: 'http://127.0.0.1:8000/v1',
};

test('a complete environment gives one frozen object with defaults', () => {
  const config = loadConfig(COMPLETE);
  assert.equal(config.PUBLIC_URL, 'https://calls.example/v4/p-1/agent');
  assert.equal(config.MAX_CONVERSATION_TURNS, 50);
  assert.equal(config.MAX_CALL_MINUTES, 30);
  assert.equal(config.FIRST_MESSAGES_SECONDS, 10);
  assert.ok(Object.isFrozen(config));
});

test('everything that is missing is named at once', () => {
  const problems = problemsOf({});
  for (const name of [
    'PUBLIC_URL',
    'TWILIO_ACCOUNT_SID',
    'TWILIO_AUTH_TOKEN',
    'CARTESIA_API_KEY',
    'HF_TOKEN',
  ]) {
    assert.ok(
      problems.some((line) => line.startsWith(`${name}: expected`) && line.includes('not set')),
      name,
    );
  }
});

test('what is malformed is named with what was expected, never with its value', () => {
  const problems = problemsOf({
    ...COMPLETE,
    PORT: 'eighty-eighty',
    ULTRAVOX_TEMPERATURE: '3',
    OUTBOUND_FROM: '555-1234',
    TWILIO_ACCOUNT_SID: 'AC-secret',
    PUBLIC_URL: 'https://calls.example/?token=secret',
    MAX_CALLS: '2.5',
  });
  assert.deepEqual(
    [...problems].sort().map((line) => line.split(':')[0]),
    [
      'MAX_CALLS',
      'OUTBOUND_FROM',
      'PORT',
      'PUBLIC_URL',
      'TWILIO_ACCOUNT_SID',
      'ULTRAVOX_TEMPERATURE',
    ],
  );
  assert.doesNotMatch(problems.join('\n'), /eighty|secret|555-1234/);
});

test('an empty value counts as not set', () => {
  assert.equal(loadConfig({ ...COMPLETE, IDLE_SECONDS: ' ' }).IDLE_SECONDS, 8);
});

test('without the address of an engine, vLLM is started here and needs its token', () => {
  const { ULTRAVOX_URL: _, ...rest } = COMPLETE;
  assert.match(problemsOf(rest).join(), /HF_TOKEN/);
  assert.equal(loadConfig({ ...rest, HF_TOKEN: 'hf' }).ULTRAVOX_URL, undefined);
});

test('a vLLM that is started here writes as many replies at once as we may ask of it', () => {
  const { ULTRAVOX_URL: _, ...rest } = COMPLETE;
  const own = { ...rest, HF_TOKEN: 'hf' };
  const config = loadConfig(own);
  assert.deepEqual(
    [config.VLLM_GPU_MEMORY_UTILIZATION, config.VLLM_MAX_MODEL_LEN, config.VLLM_DTYPE],
    [0.9, 8192, 'bfloat16'],
  );
  assert.deepEqual([config.VLLM_MAX_NUM_SEQS, config.VLLM_PORT], [32, 8000]);
  assert.match(problemsOf({ ...own, VLLM_MAX_NUM_SEQS: '16' }).join(), /^ENGINE_MAX_STREAMS: /);
  loadConfig({ ...own, VLLM_MAX_NUM_SEQS: '16', ENGINE_MAX_STREAMS: '16' });
  assert.match(problemsOf({ ...own, PORT: '8000' }).join(), /^VLLM_PORT: /);
  // Elsewhere, that is somebody else's business.
  loadConfig({ ...COMPLETE, VLLM_MAX_NUM_SEQS: '16', PORT: '8000' });
});

test('further arguments of vLLM are a JSON array, and none that would undo ours', () => {
  const withArguments = (VLLM_EXTRA_ARGS: string) => ({ ...COMPLETE, VLLM_EXTRA_ARGS });
  assert.deepEqual(loadConfig(COMPLETE).VLLM_EXTRA_ARGS, []);
  const fine = ['--quantization', 'fp8', '--model-impl', 'vllm', '-O3'];
  assert.deepEqual(loadConfig(withArguments(JSON.stringify(fine))).VLLM_EXTRA_ARGS, fine);
  for (const wrong of ['--quantization fp8', '"--quantization"', '[1]', '{}']) {
    assert.match(
      problemsOf(withArguments(wrong)).join(),
      /^VLLM_EXTRA_ARGS: expected a JSON array/,
    );
  }
  for (const reserved of ['--port=1', '--enable-log-req', '--enable_log_outputs', '--api-key']) {
    const problems = problemsOf(withArguments(JSON.stringify([reserved, 'x'])));
    assert.match(problems.join(), /^VLLM_EXTRA_ARGS: expected none of --host/, reserved);
  }
});

test('what belongs together is asked for together', () => {
  const webhook = { ...COMPLETE, BOOKING_WEBHOOK_URL: 'https://bookings.example/agent' };
  assert.match(problemsOf(webhook).join(), /BOOKING_WEBHOOK_SECRET/);
  assert.match(problemsOf({ ...COMPLETE, OUTBOUND_COUNTRIES: 'DE,AT' }).join(), /OUTBOUND_FROM/);
});

test('the address of a booking system names a host, and holds no password', () => {
  const withAddress = (BOOKING_WEBHOOK_URL: string) => ({
    ...{ ...COMPLETE, BOOKING_WEBHOOK_SECRET: 'a secret of the bookings' },
    BOOKING_WEBHOOK_URL,
  });
  assert.ok(loadConfig(withAddress('https://bookings.example/agent')));
  for (const host of ['127.0.0.1', '[::1]:8443', 'me:password@bookings.example']) {
    const [problem = ''] = problemsOf(withAddress(`https://${host}/agent`));
    assert.match(problem, /^BOOKING_WEBHOOK_URL: expected a host name/);
    assert.ok(!problem.includes(host));
  }
});

test('calls are recorded only where that is asked for', () => {
  assert.equal(loadConfig(COMPLETE).RECORD_CALLS, 'off');
  assert.equal(loadConfig({ ...COMPLETE, RECORD_CALLS: 'on' }).RECORD_CALLS, 'on');
  const [problem] = problemsOf({ ...COMPLETE, RECORD_CALLS: 'yes' });
  assert.match(problem ?? '', /^RECORD_CALLS: expected on or off; /);
});

test('outbound countries are a list of codes', () => {
  const config = loadConfig({
    ...COMPLETE,
    OUTBOUND_COUNTRIES: 'DE, AT',
    OUTBOUND_FROM: '+4930123456',
  });
  assert.deepEqual(config.OUTBOUND_COUNTRIES, ['DE', 'AT']);
  assert.match(problemsOf({ ...COMPLETE, OUTBOUND_COUNTRIES: 'Germany' }).join(), /DE,AT/);
});

test('who may look at calls is one of three words', () => {
  assert.equal(loadConfig(COMPLETE).VISUALISER, 'on');
  assert.equal(loadConfig({ ...COMPLETE, VISUALISER: 'token' }).VISUALISER, 'token');
  const problems = problemsOf({ ...COMPLETE, VISUALISER: 'yes' });
  assert.match(problems.join(), /^VISUALISER: expected on, token or off/);
});

test('on Cerebrium the project id is needed', () => {
  const container = { ...COMPLETE, APP_NAME: 'agent', PROJECT_ID: 'p-1', BUILD_ID: 'b-1' };
  assert.match(problemsOf(container).join(), /CEREBRIUM_PROJECT_ID/);
  assert.ok(loadConfig({ ...container, CEREBRIUM_PROJECT_ID: 'p-1' }).cerebrium);
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return assert.fail('expected a ConfigError');
}

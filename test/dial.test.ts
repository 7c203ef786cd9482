import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { startSimulatedTwilio } from '../src/simulators/twilio/simulated-twilio.ts';
import { inTime } from './support/twilio-hand.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'a test token';
const NUMBER = '+4930123456';
const SETTINGS = {
  PUBLIC_URL: 'https://calls.example/agent',
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  CARTESIA_API_KEY: 'a key',
  ULTRAVOX_URL: 'http://127.0.0.1:1/v1',
};
const OPTED_IN = { ...SETTINGS, OUTBOUND_COUNTRIES: 'DE, AT', OUTBOUND_FROM: '+15550199' };

/** `npm run dial`, with nothing else in its environment. */
async function dial(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['src/dial.ts', ...args], { env });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.on('data', (text) => {
    output.stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    const code = await inTime(exited, 'the command to exit', 20_000);
    return { ...output, code };
  } finally {
    child.kill('SIGKILL');
  }
}

async function twilioThatRings(t: TestContext) {
  const twilio = await startSimulatedTwilio({ accountSid, authToken });
  t.after(() => twilio.close());
  const called: string[] = [];
  const answer = ({ to }: { to: string }) => {
    called.push(to);
    return { ringMs: 60_000 };
  };
  twilio.answerCalls({ webhookUrl: 'http://127.0.0.1:1/', answer });
  return { twilio, called };
}

test('dial places a call and prints its CallSid', async (t) => {
  const { twilio, called } = await twilioThatRings(t);
  const run = await dial([NUMBER], { ...OPTED_IN, TWILIO_API_URL: twilio.restUrl });
  assert.equal(run.stderr, '');
  assert.equal(run.code, 0);
  assert.match(run.stdout, /^CA[0-9a-f]{32}\n$/);
  assert.deepEqual(called, [NUMBER]);
});

test('dial asks nothing of Twilio unless calls out are allowed to this country', async (t) => {
  const { twilio, called } = await twilioThatRings(t);
  const url = { TWILIO_API_URL: twilio.restUrl };
  const refusals: [args: string[], env: Record<string, string>, expected: RegExp][] = [
    [[NUMBER], { ...SETTINGS, ...url }, /^OUTBOUND_COUNTRIES: expected .*; it is not set\n$/],
    [[NUMBER], { ...url }, /TWILIO_ACCOUNT_SID: expected/],
    [['+18762345678'], { ...OPTED_IN, ...url }, /^expected a number of DE, AT, got one of JM\n$/],
    [['030123456'], { ...OPTED_IN, ...url }, /^expected a phone number in E\.164 form/],
    [[], { ...OPTED_IN, ...url }, /^npm run dial -- /],
    [[NUMBER, NUMBER], { ...OPTED_IN, ...url }, /^npm run dial -- /],
  ];
  const runs = await Promise.all(refusals.map(([args, env]) => dial(args, env)));
  for (const [at, [, , expected]] of refusals.entries()) {
    assert.equal(runs[at]?.code, 2);
    assert.match(runs[at].stderr, expected);
    assert.equal(runs[at].stdout, '');
  }
  assert.deepEqual(called, []);
});

test('dial says that Twilio did not take the call, without the number', async (t) => {
  const { twilio } = await twilioThatRings(t);
  const wrong = { ...OPTED_IN, TWILIO_API_URL: twilio.restUrl, TWILIO_AUTH_TOKEN: 'another' };
  const refused = await dial([NUMBER], wrong);
  assert.equal(refused.code, 1);
  assert.equal(refused.stderr, 'expected Twilio to place a call, got HTTP 401, code 20003\n');
  const lost = await dial([NUMBER], { ...OPTED_IN, TWILIO_API_URL: 'http://127.0.0.1:1' });
  assert.equal(lost.code, 1);
  assert.match(lost.stderr, /no answer; the call may have been placed/);
});

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import { confirm } from '../src/doctor/confirm.ts';
import { doctorArguments } from '../src/doctor/doctor-arguments.ts';
import { fixNumber } from '../src/doctor/fix-number.ts';
import { usableSettings } from '../src/doctor/usable-settings.ts';
import { newNumber } from '../src/simulators/twilio/rest-account.ts';
import {
  type SimulatedTwilio,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import { UsageError } from '../src/usage-error.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'the auth token of the account';
const URL = 'https://calls.example/agent';
const NUMBER = '+4930123456';
const SET = {
  voice_url: `${URL}/#rc=2&rp=ct,5xx&rt=4000&tt=12000`,
  voice_fallback_url: `${URL}/fallback`,
  status_callback: `${URL}/status#rc=5&rp=all&rt=4000`,
};

let twilio: SimulatedTwilio;
let env: Record<string, string>;
let posts: string[];

before(async () => {
  const restFault = (method: string, path: string) => {
    if (method === 'POST') posts.push(path);
    return undefined;
  };
  twilio = await startSimulatedTwilio({ accountSid, authToken, restFault });
});
after(() => twilio.close());
beforeEach(() => {
  posts = [];
  twilio.account.numbers = [newNumber(NUMBER)];
  env = {
    PUBLIC_URL: URL,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_URL: twilio.restUrl,
  };
});

/** What is said when the question is answered so. */
async function fix(answer: boolean, number?: string) {
  const said: string[] = [];
  const settings = usableSettings(env);
  const isChanged = await fixNumber(
    { env, settings, directory: '/nowhere', nodeVersion: '24.12.0', number },
    { say: (text) => void said.push(text), confirm: async () => answer },
  );
  return { isChanged, said };
}

test('doctor --fix shows before and after, and sets them after a yes', async () => {
  const { isChanged, said } = await fix(true);
  assert.equal(isChanged, true);
  assert.deepEqual(said[0]?.split('\n'), [
    'number ...3456:',
    `  webhook          nothing -> ${SET.voice_url}`,
    `  fallback         nothing -> ${SET.voice_fallback_url}`,
    `  status callback  nothing -> ${SET.status_callback}`,
  ]);
  assert.equal(said[1], 'number ...3456 is set.');
  assert.deepEqual(twilio.account.numbers, [newNumber(NUMBER, SET)]);
});

test('doctor --fix asks nothing of Twilio after a no', async () => {
  const { isChanged, said } = await fix(false);
  assert.equal(isChanged, false);
  assert.equal(said.at(-1), 'Nothing was changed.');
  assert.deepEqual(posts, []);
});

test('doctor --fix sets the number that was named, and no other', async () => {
  const other = newNumber('+4930777777', { voice_url: 'https://demo.example/' });
  twilio.account.numbers = [newNumber(NUMBER), structuredClone(other)];
  assert.deepEqual(await fix(true), { isChanged: false, said: ['Nothing to set at Twilio.'] });
  await fix(true, NUMBER);
  assert.deepEqual(twilio.account.numbers, [newNumber(NUMBER, SET), other]);
});

test('doctor --fix leaves what is right as it is, and a fallback that Twilio keeps', async () => {
  const kept = {
    voice_fallback_url: 'https://handler.twilio.com/twiml/EH1',
    voice_url: `${URL}/#rc=5`,
  };
  twilio.account.numbers = [newNumber(NUMBER, { ...kept, status_callback_method: 'GET' })];
  await fix(true);
  assert.deepEqual(twilio.account.numbers, [newNumber(NUMBER, { ...SET, ...kept })]);
  assert.deepEqual(await fix(true), { isChanged: false, said: ['Nothing to set at Twilio.'] });
});

test('doctor --fix says what it could not do', async () => {
  env.TWILIO_AUTH_TOKEN = 'another token';
  const refused = await fix(true);
  assert.match(refused.said.join(), /^Not set: Twilio does not know/);
  env = {};
  const blind = await fix(true);
  assert.deepEqual(blind.said, ['Not set: needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN']);
});

test('doctor: only a yes is a yes', async () => {
  for (const [typed, expected] of [
    ['y\n', true],
    ['Yes\n', true],
    ['n\n', false],
    ['\n', false],
    ['yesterday\n', false],
    ['', false],
  ] as const) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end(typed);
    assert.equal(await confirm('Really?', input, output), expected, JSON.stringify(typed));
    assert.match(String(output.read()), /^Really\? \[y\/N\] /);
  }
});

test('doctor: a command line that is wrong is answered with how it is right', () => {
  for (const args of [['--fixx'], ['now'], ['--yes'], ['--fix', '--number', '0301234567']]) {
    assert.throws(
      () => doctorArguments(args),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /expected .*\n\nnpm run doctor/);
        assert.doesNotMatch(error.message, /0301234567/);
        return true;
      },
    );
  }
  const { number } = doctorArguments(['--number', '+49 30 1234567']);
  assert.equal(number, '+49301234567');
});

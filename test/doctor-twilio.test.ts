import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { clock } from '../src/doctor/checks/clock.ts';
import { twilioAccount } from '../src/doctor/checks/twilio-account.ts';
import { twilioNumber } from '../src/doctor/checks/twilio-number.ts';
import { twilioPermissions } from '../src/doctor/checks/twilio-permissions.ts';
import { newAccount, newNumber } from '../src/simulators/twilio/rest-account.ts';
import type { RestFault } from '../src/simulators/twilio/rest-endpoint.ts';
import {
  type SimulatedTwilio,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import { found } from './support/doctor-check.ts';

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
let fault: RestFault | undefined;
let env: Record<string, string>;

before(async () => {
  twilio = await startSimulatedTwilio({ accountSid, authToken, restFault: () => fault });
});
after(() => twilio.close());
beforeEach(() => {
  fault = undefined;
  Object.assign(twilio.account, newAccount({ numbers: [newNumber(NUMBER, SET)] }));
  env = {
    PUBLIC_URL: URL,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_URL: twilio.restUrl,
    RESTAURANT_STAFF_PHONE: '+493012345678',
  };
});

describe('doctor, the account', () => {
  test('an account that is active passes', async () => {
    assert.equal((await found(twilioAccount, env)).outcome, 'pass');
  });

  test('a trial is a warning', async () => {
    twilio.account.type = 'Trial';
    const finding = await found(twilioAccount, env);
    assert.equal(finding.outcome, 'warning');
    assert.match(finding.next ?? '', /upgrade/);
  });

  test('a suspended account, a wrong token and a Twilio that fails are failures', async () => {
    twilio.account.status = 'suspended';
    assert.match((await failing(twilioAccount)).found, /suspended/);
    const wrong = { ...env, TWILIO_AUTH_TOKEN: 'another one' };
    const refused = await found(twilioAccount, wrong);
    assert.equal(refused.outcome, 'failure');
    assert.match(refused.next ?? '', /TWILIO_AUTH_TOKEN/);
    assert.doesNotMatch(JSON.stringify(refused), /another one/);
    fault = { status: 503 };
    assert.match((await failing(twilioAccount)).found, /got 503/);
  });

  test('without its credentials it is skipped, and says what it needs', async () => {
    const finding = await found(twilioAccount, { ...env, TWILIO_AUTH_TOKEN: ' ' });
    assert.equal(finding.outcome, 'skipped');
    assert.equal(finding.found, 'needs TWILIO_AUTH_TOKEN');
  });
});

describe('doctor, the number', () => {
  test('a number that is set up passes, and is told by its last four digits', async () => {
    const finding = await found(twilioNumber, env);
    assert.equal(finding.outcome, 'pass');
    assert.match(finding.found, /\.\.\.3456/);
    assert.doesNotMatch(JSON.stringify(finding), /30123456/);
  });

  test("a TwiML Bin of Twilio's own is as good a fallback", async () => {
    const bin = 'https://handler.twilio.com/twiml/EH00000000000000000000000000000000';
    twilio.account.numbers = [newNumber(NUMBER, { ...SET, voice_fallback_url: bin })];
    assert.equal((await found(twilioNumber, env)).outcome, 'pass');
  });

  const incomplete: [what: string, given: object, expected: RegExp][] = [
    ['fallback', { voice_fallback_url: null }, /fallback .*got nothing/],
    ['status callback', { status_callback: null }, /status callback .*got nothing/],
    ['status callback that is told once', { status_callback: `${URL}/status` }, /rc=5/],
    ['status callback by GET', { status_callback_method: 'GET' }, /callback method POST, got GET/],
    ['webhook that is tried once', { voice_url: `${URL}/` }, /webhook .*#rc=2/],
    ['webhook by GET', { voice_method: 'GET' }, /webhook method POST, got GET/],
  ];
  for (const [what, given, expected] of incomplete) {
    test(`a warning tells of a ${what}`, async () => {
      twilio.account.numbers = [newNumber(NUMBER, { ...SET, ...given })];
      const finding = await found(twilioNumber, env);
      assert.equal(finding.outcome, 'warning');
      assert.match(finding.found, expected);
      assert.equal(finding.next, 'npm run doctor -- --fix');
    });
  }

  test('the only number that takes calls is meant, and fails while it calls somebody else', async () => {
    const elsewhere = { voice_url: 'https://user:secret@demo.example/voice?key=secret' };
    const mute = newNumber('+4930999999', { capabilities: { voice: false } });
    twilio.account.numbers = [mute, newNumber(NUMBER, { ...SET, ...elsewhere })];
    const { found: text } = await failing(twilioNumber);
    assert.match(text, /\.\.\.3456: expected the webhook .*, got https:\/\/demo\.example\/voice/);
    assert.doesNotMatch(text, /secret/);
  });

  test('of several numbers those that call this server are looked at, else that of OUTBOUND_FROM', async () => {
    const other = newNumber('+4930000001', { voice_url: 'https://calls.example/agent-two/' });
    const second = newNumber('+4930000002', { ...SET, status_callback: null });
    twilio.account.numbers = [other, newNumber(NUMBER, SET), second];
    const both = await found(twilioNumber, env);
    assert.equal(both.outcome, 'warning');
    assert.match(both.found, /0002/);
    twilio.account.numbers = [other, newNumber('+4930000003')];
    assert.match((await failing(twilioNumber)).found, /none of the account's 2 numbers/);
    const caller = { ...env, OUTBOUND_FROM: '+4930000003' };
    assert.match((await found(twilioNumber, caller)).found, /0003.*got nothing/);
  });

  test('a number can be named, and must be one of the account', async () => {
    twilio.account.numbers = [newNumber(NUMBER, SET), newNumber('+4930000002')];
    const named = await found(twilioNumber, env, { number: '+4930000002' });
    assert.equal(named.outcome, 'failure');
    assert.match(named.found, /0002: expected the webhook/);
    const unknown = await found(twilioNumber, env, { number: '+4930777777' });
    assert.equal(unknown.found, 'the account has no number ...7777');
  });

  test('a number of a later page is found', async () => {
    const many = Array.from({ length: 230 }, (_, at) => newNumber(`+49301${1000 + at}`));
    twilio.account.numbers = [...many, newNumber(NUMBER, SET)];
    assert.match((await found(twilioNumber, env)).found, /\.\.\.3456/);
  });

  test('a number without voice, of a trunk, of an application, and none at all are failures', async () => {
    const cases: [numbers: ReturnType<typeof newNumber>[], expected: RegExp][] = [
      [[newNumber(NUMBER, { ...SET, capabilities: { voice: false } })], /takes no calls/],
      [[newNumber(NUMBER, { ...SET, trunk_sid: 'TK1' })], /SIP trunk/],
      [[newNumber(NUMBER, { ...SET, voice_application_sid: 'AP1' })], /TwiML application/],
      [[], /no number that takes calls/],
    ];
    for (const [numbers, expected] of cases) {
      twilio.account.numbers = numbers;
      assert.match((await failing(twilioNumber)).found, expected);
    }
  });
});

describe('doctor, dialing permissions', () => {
  test('countries that may be dialled pass: those of calls out and those of the staff', async () => {
    const finding = await found(twilioPermissions, { ...env, OUTBOUND_COUNTRIES: 'FR, AT' });
    assert.equal(finding.outcome, 'pass');
    assert.equal(finding.found, 'may dial AT, DE, FR');
  });

  test('high-risk numbers that may be dialled are a warning', async () => {
    twilio.account.dialing.DE = { high_risk_tollfraud_numbers_enabled: true };
    const finding = await found(twilioPermissions, env);
    assert.equal(finding.outcome, 'warning');
    assert.match(finding.next ?? '', /forbid the high-risk numbers of DE/);
  });

  test("a country of the staff's that may not be dialled is a failure", async () => {
    twilio.account.dialing.DE = { low_risk_numbers_enabled: false };
    assert.equal((await failing(twilioPermissions)).found, 'Twilio does not dial DE');
  });

  test('where nobody is ever dialled it is skipped', async () => {
    const { RESTAURANT_STAFF_PHONE: _, ...nobody } = env;
    assert.equal((await found(twilioPermissions, nobody)).outcome, 'skipped');
  });
});

describe('doctor, the clock', () => {
  test('a clock passes, is a warning or a failure by how far it is off', async () => {
    const cases: [aheadMs: number, outcome: string, found: RegExp][] = [
      [0, 'pass', /within 5 s/],
      [8000, 'warning', /^[78]\.\d s behind/],
      [-8000, 'warning', /^[78]\.\d s ahead of/],
      [60_000, 'failure', /longer than a stream's token lives/],
    ];
    for (const [aheadMs, outcome, expected] of cases) {
      twilio.account.clockAheadMs = aheadMs;
      const finding = await found(clock, env);
      assert.equal(finding.outcome, outcome);
      assert.match(finding.found, expected);
    }
  });

  test('it is told even by a Twilio that does not know the token', async () => {
    assert.equal((await found(clock, { ...env, TWILIO_AUTH_TOKEN: 'x' })).outcome, 'pass');
  });
});

async function failing(check: typeof twilioNumber) {
  const finding = await found(check, env);
  assert.equal(finding.outcome, 'failure', finding.found);
  assert.ok(finding.next, 'expected advice');
  return finding;
}

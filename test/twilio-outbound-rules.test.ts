import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DestinationRefusedError, outboundCalls } from '../src/twilio/outbound-calls.ts';
import { checkDestination, type DestinationProblem } from '../src/twilio/outbound-rules.ts';
import type { OutboundCall } from '../src/twilio/rest.ts';

const COUNTRIES = ['DE', 'US', 'GB', 'FR'];

const ALLOWED: [number: string, what: string][] = [
  ['+4930123456', 'a landline in Berlin'],
  ['+4915112345678', 'a German mobile'],
  ['+4932221234567', 'a German internet number'],
  ['+14152007986', 'a number of San Francisco'],
  ['+442079460000', 'a landline in London'],
  ['+33142685300', 'a landline in Paris'],
];
for (const [number, what] of ALLOWED) {
  test(`${what} may be called`, () => {
    assert.deepEqual(checkDestination(number, COUNTRIES), { allowed: true });
  });
}

const REFUSED: [number: string, problem: DestinationProblem, what: string][] = [
  ['+18762345678', 'country', 'Jamaica, which is +1 too'],
  ['+18095551234', 'country', 'the Dominican Republic, which is +1 too'],
  ['+12423456789', 'country', 'the Bahamas, which are +1 too'],
  ['+16042345678', 'country', 'Canada, which is +1 too'],
  ['+447624123456', 'country', 'the Isle of Man, which is +44 too'],
  ['+447911123456', 'country', 'Guernsey, which is +44 too'],
  ['+262692123456', 'country', 'Réunion, which is France with a code of its own'],
  ['+88216123456789', 'country', 'a satellite network'],
  ['+499001234567', 'kind', 'premium rate in Germany'],
  ['+491801234567', 'kind', 'shared cost in Germany'],
  ['+491371234567', 'kind', 'televoting in Germany'],
  ['+448712345678', 'kind', 'revenue sharing in Britain'],
  ['+33899123456', 'kind', 'premium rate in France'],
  ['+19002345678', 'kind', 'premium rate in the United States'],
  ['+18002345678', 'kind', 'a free number, which only costs us'],
  ['+49151123', 'unassigned', 'fewer digits than a German mobile has'],
  ['+14155550123456', 'unassigned', 'more digits than +1 has'],
  ['+12025', 'malformed', 'too short'],
  ['+4904930123456', 'malformed', 'a trunk zero within'],
  ['004930123456', 'malformed', 'zeros for the plus'],
  ['030123456', 'malformed', 'a national number'],
  ['+49 30 123456', 'malformed', 'blanks'],
  ['+4930123456;ext=7', 'malformed', 'an extension'],
  ['sip:a@b.example', 'malformed', 'no number'],
  ['', 'malformed', 'nothing'],
];
for (const [number, problem, what] of REFUSED) {
  test(`not called: ${what}`, () => {
    const verdict = checkDestination(number, COUNTRIES);
    assert.equal(verdict.allowed, false);
    assert.equal(verdict.problem, problem);
    const digits = number.replace(/\D/g, '');
    if (digits.length > 5) assert.ok(!JSON.stringify(verdict).includes(digits));
  });
}

test('without countries nobody is called, whatever the number', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\+[1-9]\d{6,14}$/), (number) => {
      assert.equal(checkDestination(number, []).allowed, false);
    }),
  );
});

test('no text whatsoever makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (to) => void checkDestination(to, ['DE'])));
});

test('a number that is refused is never told to Twilio', async () => {
  const placed: OutboundCall[] = [];
  const placeCall = async (call: OutboundCall) => {
    placed.push(call);
    return 'CA1';
  };
  const call = outboundCalls({
    rest: { placeCall },
    countries: ['DE'],
    from: '+15550199',
    publicUrl: 'https://calls.example/agent',
    timeLimitS: 600,
  });
  await assert.rejects(
    call('+18762345678'),
    (error: DestinationRefusedError) =>
      error instanceof DestinationRefusedError &&
      error.kind === 'country' &&
      error.message === 'expected a number of DE, got one of JM',
  );
  assert.deepEqual(placed, []);
  assert.equal(await call('+4930123456'), 'CA1');
  assert.deepEqual(placed, [
    {
      to: '+4930123456',
      from: '+15550199',
      url: 'https://calls.example/agent/',
      fallbackUrl: 'https://calls.example/agent/fallback',
      statusCallbackUrl: 'https://calls.example/agent/status#rc=5&rp=all&rt=4000',
      asyncAmd: { callbackUrl: 'https://calls.example/agent/answered-by#rc=5&rp=all&rt=4000' },
      timeoutS: 30,
      timeLimitS: 600,
    },
  ]);
});

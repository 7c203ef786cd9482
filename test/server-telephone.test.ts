import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CallReport } from '../src/simulators/twilio/call-report.ts';
import type { Callee } from '../src/simulators/twilio/callee.ts';
import {
  type SimulatedTwilioOptions,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import { outboundCalls } from '../src/twilio/outbound-calls.ts';
import { TwilioRest } from '../src/twilio/rest.ts';
import { AUTH_TOKEN, SteeredProcess, startSteeredServer } from './support/steered-server.ts';
import { PUBLIC_URL } from './support/twilio-hand.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const CALLER = '+4930123456';
const statusCallbackUrl = `${PUBLIC_URL}/status`;

/** The real webhooks, called by the simulated Twilio; streams are refused, so that calls go on. */
async function stage(t: TestContext, options: Partial<SimulatedTwilioOptions> = {}) {
  const rest = new SteeredProcess();
  rest.full = true;
  const server = await startSteeredServer(rest);
  t.after(() => server.app.close());
  const twilio = await startSimulatedTwilio({
    accountSid,
    authToken: AUTH_TOKEN,
    seed: 11,
    ...options,
  });
  t.after(() => twilio.close());
  const webhookUrl = `${server.url}/`;
  const place = (more: object, decided: object) => {
    const call = twilio.placeCall({
      webhookUrl,
      publicUrl: PUBLIC_URL,
      from: CALLER,
      caller: async () => {},
      statusCallbackUrl,
      ...more,
    });
    rest.decisions.set(call.callSid, { outcome: 'handedOff', ...decided });
    return call.ended;
  };
  return { rest, twilio, webhookUrl, place };
}

/** The stream is refused on purpose; nothing else may be wrong. */
function assertClean({ violations }: CallReport): void {
  assert.deepEqual(violations, ['31920 the upgrade was refused']);
}

test('a person hears the brief, talks to the caller, and the call is over', async (t) => {
  const { rest, place } = await stage(t);
  const brief = 'Anna asks about nuts.';
  const report = await place({ dial: 'completed' }, { brief });
  assertClean(report);
  assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Dial', 'Hangup']);
  assert.deepEqual(report.whispers, [brief]);
  const row = rest.row(report.callSid);
  assert.equal(row.handoff_status, 'completed');
  assert.equal(row.handoff_destination, 'manager');
  assert.equal(row.handoff_brief, brief);
  assert.equal(row.outcome, 'lost');
  assert.equal(row.outcome_is_own, 0);
});

for (const dial of ['busy', 'no-answer', 'failed'] as const) {
  test(`a person who is ${dial} leads to a message, stored once from up to five webhooks`, async (t) => {
    const { rest, place } = await stage(t, { webhookCopies: 5 });
    const report = await place({ dial, messageS: 9 }, { destination: 'manager' });
    assertClean(report);
    assert.deepEqual(report.whispers, []);
    assert.deepEqual(report.verbs.slice(2), ['Dial', 'Say', 'Record', 'Say', 'Hangup']);
    const [message, ...others] = rest.messages;
    assert.deepEqual(others, []);
    assert.equal(message?.recording_s, 9);
    assert.equal(message.call_sid, report.callSid);
    assert.equal(rest.row(report.callSid).handoff_status, dial);
    assert.equal(rest.row(report.callSid).voicemail, 1);
  });
}

test('a caller who says nothing after the tone leaves no message', async (t) => {
  const { rest, place } = await stage(t);
  const report = await place({ messageS: 0 }, { outcome: 'voicemail' });
  assertClean(report);
  assert.deepEqual(report.verbs.slice(2), ['Record', 'Hangup']);
  assert.deepEqual(rest.messages, []);
  assert.equal(rest.row(report.callSid).voicemail, undefined);
});

test('a caller who hangs up in the midst of a message has left it', async (t) => {
  const { rest, place } = await stage(t);
  const report = await place({ messageS: 3, hangUpDuring: 'Record' }, { outcome: 'voicemail' });
  assertClean(report);
  assert.equal(report.endedBy, 'caller');
  assert.equal(rest.messages.length, 1);
  const phones = rest.entries.flatMap((e) => (e.kind === 'message' ? [e.row.phone] : []));
  assert.ok(phones.includes(CALLER));
});

test('a caller who hangs up while it rings has spoken to nobody', async (t) => {
  const { rest, place } = await stage(t);
  const report = await place({ hangUpDuring: 'Dial' }, {});
  assertClean(report);
  assert.equal(report.endedBy, 'caller');
  const row = rest.row(report.callSid);
  assert.equal(row.handoff_destination, 'manager');
  assert.equal(row.handoff_status, undefined);
});

async function callOut(t: TestContext, callee: Callee, live: boolean) {
  const { rest, twilio, webhookUrl } = await stage(t, { webhookCopies: 5 });
  rest.full = !live;
  twilio.answerCalls({ webhookUrl, publicUrl: PUBLIC_URL, answer: () => callee });
  const client = new TwilioRest({
    accountSid,
    authToken: AUTH_TOKEN,
    baseUrl: twilio.restUrl,
  });
  const call = outboundCalls({
    rest: client,
    countries: ['DE'],
    from: '+15550199',
    publicUrl: PUBLIC_URL,
    timeLimitS: 60,
  });
  const sid = await call(CALLER);
  rest.decisions.set(sid, { outcome: 'completed' });
  const report = await twilio.calls.get(sid)!.ended;
  return { rest, sid, report };
}

for (const rings of ['busy', 'no-answer', 'failed'] as const) {
  test(`an outbound call that ends as ${rings} has one record that says so`, async (t) => {
    const { rest, sid, report } = await callOut(t, { rings }, true);
    assert.deepEqual(report.violations, []);
    const row = rest.row(sid);
    assert.equal(row.direction, 'outbound');
    assert.equal(row.caller_last4, '3456');
    assert.equal(row.outcome, rings === 'no-answer' ? 'noAnswer' : rings);
    const sids = rest.entries.map((entry) => entry.kind === 'call' && entry.callSid);
    assert.deepEqual([...new Set(sids)], [sid]);
  });
}

test('who answered an outbound call is written down', async (t) => {
  // The server of these tests closes every stream at once, so the call is short.
  const callee: Callee = { answeredBy: 'machine_start', detectionMs: 1 };
  const { rest, sid } = await callOut(t, callee, true);
  assert.equal(rest.row(sid).answered_by, 'machine_start');
  assert.ok(rest.hungUp.every((one) => one === sid) && rest.hungUp.length > 0);
});

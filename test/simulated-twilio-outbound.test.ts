import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Twilio from 'twilio';
import type { Callee, OutboundRequest } from '../src/simulators/twilio/callee.ts';
import type { SimulatedCall } from '../src/simulators/twilio/simulated-call.ts';
import {
  type SimulatedTwilioOptions,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import { TwilioRest, type TwilioRestError } from '../src/twilio/rest.ts';
import { connectStream, hangUp } from '../src/twilio/twiml.ts';
import { inTime } from './support/twilio-hand.ts';
import { startVoiceServer } from './support/voice-server.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'a test token';

/** A server whose calls connect a stream that says nothing, and a Twilio whose calls are answered. */
async function stage(
  t: TestContext,
  callee: Callee | undefined,
  options: Partial<SimulatedTwilioOptions> = {},
  statusAnswers: (number | 'none')[] = [],
) {
  const voice = await startVoiceServer({
    webhook: (path, _form, url) => {
      if (path === '/status') return statusAnswers.shift() ?? hangUp();
      if (path !== '/') return hangUp();
      return connectStream({
        streamUrl: `${url.replace('http', 'ws')}/media`,
        statusCallbackUrl: `${url}/stream`,
        parameters: {},
        continueUrl: `${url}/continue`,
      });
    },
    stream: (socket) => socket.on('message', () => {}),
  });
  t.after(() => voice.close());
  const twilio = await startSimulatedTwilio({ accountSid, authToken, seed: 7, ...options });
  t.after(() => twilio.close());
  const requests: OutboundRequest[] = [];
  if (callee) {
    twilio.answerCalls({
      webhookUrl: `${voice.url}/`,
      answer: (request) => {
        requests.push(request);
        return callee;
      },
    });
  }
  const order = {
    to: '+4930123456',
    from: '+15550199',
    url: `${voice.url}/`,
    statusCallbackUrl: `${voice.url}/status`,
    asyncAmd: { callbackUrl: `${voice.url}/answered-by` },
    timeoutS: 20,
    timeLimitS: 60,
  };
  const rest = new TwilioRest({ accountSid, authToken, baseUrl: twilio.restUrl });
  const formsTo = (path: string) =>
    voice.webhooks.filter((webhook) => webhook.path === path).map(({ form }) => form);
  return { voice, twilio, rest, order, requests, formsTo };
}

const theCall = (calls: ReadonlyMap<string, SimulatedCall>, sid: string) => {
  const call = calls.get(sid);
  assert.ok(call, 'expected the call to be up');
  return call;
};

test('a call that is placed by REST is answered, detected, and ends', async (t) => {
  const { twilio, rest, order, requests, formsTo } = await stage(t, {
    detectionMs: 20,
    caller: (caller) => caller.pause(200),
  });
  const sid = await rest.placeCall(order);
  assert.match(sid, /^CA[0-9a-f]{32}$/);
  const report = await theCall(twilio.calls, sid).ended;
  assert.deepEqual(report.violations, []);
  assert.equal(report.outcome, 'completed');
  assert.equal(report.endedBy, 'caller');
  assert.deepEqual(report.verbs, ['Connect']);
  const [first] = formsTo('/');
  assert.equal(first?.Direction, 'outbound-api');
  assert.equal(first.CallStatus, 'in-progress');
  assert.equal(first.To, order.to);
  assert.equal(first.From, order.from);
  const [detected] = formsTo('/answered-by');
  assert.deepEqual(
    { ...detected },
    { AccountSid: accountSid, CallSid: sid, AnsweredBy: 'human', MachineDetectionDuration: '20' },
  );
  const [status, ...more] = formsTo('/status');
  assert.deepEqual(more, []);
  assert.equal(status?.CallStatus, 'completed');
  assert.match(status.CallDuration ?? '', /^\d+$/);
  assert.ok(!Number.isNaN(Date.parse(status.Timestamp ?? '')));
  assert.equal(requests[0]?.timeLimitS, 60);
});

for (const rings of ['busy', 'no-answer', 'failed'] as const) {
  test(`a call that ends as ${rings} never asks for a document`, async (t) => {
    const { twilio, rest, order, formsTo } = await stage(t, { rings });
    const report = await theCall(twilio.calls, await rest.placeCall(order)).ended;
    assert.equal(report.outcome, rings);
    assert.deepEqual(formsTo('/'), []);
    assert.deepEqual(formsTo('/answered-by'), []);
    assert.deepEqual(
      formsTo('/status').map((form) => form.CallStatus),
      [rings],
    );
  });
}

test('hanging up while it rings cancels the call', async (t) => {
  const { twilio, rest, order, formsTo } = await stage(t, { ringMs: 60_000 });
  const sid = await rest.placeCall(order);
  const call = theCall(twilio.calls, sid);
  await rest.hangUp(sid);
  assert.equal((await inTime(call.ended, 'the call to end')).outcome, 'canceled');
  assert.deepEqual(
    formsTo('/status').map((form) => form.CallStatus),
    ['canceled'],
  );
});

test('progress is told in numbered events, as many as were asked for, to the SDK of anybody', async (t) => {
  const { twilio, order, formsTo } = await stage(t, {
    answeredBy: 'machine_start',
    detectionMs: 10,
    caller: (caller) => caller.pause(100),
  });
  const client = Twilio(accountSid, authToken);
  client.api.baseUrl = twilio.restUrl;
  const created = await client.calls.create({
    to: order.to,
    from: order.from,
    url: order.url,
    statusCallback: order.statusCallbackUrl,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    machineDetection: 'Enable',
    asyncAmd: 'true',
    asyncAmdStatusCallback: order.asyncAmd.callbackUrl,
  });
  assert.equal(created.direction, 'outbound-api');
  assert.match(created.status, /^(initiated|ringing)$/);
  await theCall(twilio.calls, created.sid).ended;
  const inOrder = formsTo('/status').toSorted(
    (a, b) => Number(a.SequenceNumber) - Number(b.SequenceNumber),
  );
  assert.deepEqual(
    inOrder.map((form) => [form.SequenceNumber, form.CallStatus]),
    [
      ['0', 'initiated'],
      ['1', 'ringing'],
      ['2', 'in-progress'],
      ['3', 'completed'],
    ],
  );
  assert.equal(formsTo('/answered-by')[0]?.AnsweredBy, 'machine_start');
  const fetched = await client.calls(created.sid).fetch();
  assert.equal(fetched.status, 'completed');
  assert.equal(fetched.direction, 'outbound-api');
});

test('what Twilio would not take is refused, and nothing is tried twice', async (t) => {
  let requests = 0;
  const { rest, order } = await stage(t, undefined, {
    restFault: () => {
      requests += 1;
      return requests < 3 ? undefined : { status: 503 };
    },
  });
  const refused = (status: number, code: number | undefined) => (error: TwilioRestError) =>
    error.kind === 'refused' && error.status === status && error.code === code;
  await assert.rejects(rest.placeCall(order), refused(403, 21215));
  await assert.rejects(rest.placeCall({ ...order, to: '123' }), refused(400, 21211));
  await assert.rejects(rest.placeCall(order), refused(503, undefined));
  assert.equal(requests, 3);
  const nobody = new TwilioRest({ accountSid, authToken, baseUrl: 'http://127.0.0.1:1' });
  await assert.rejects(
    nobody.placeCall(order),
    (error: TwilioRestError) => error.kind === 'unreachable' && !error.message.includes(order.to),
  );
});

test('news arrive up to five times, and all copies are signed and the same', async (t) => {
  const { twilio, rest, order, formsTo } = await stage(
    t,
    { detectionMs: 10, caller: (caller) => caller.pause(60) },
    { webhookCopies: 5 },
  );
  const counts = new Set<number>();
  for (let call = 0; call < 6; call++) {
    const sid = await rest.placeCall(order);
    const report = await theCall(twilio.calls, sid).ended;
    assert.deepEqual(report.violations, []);
    const copies = formsTo('/status').filter((form) => form.CallSid === sid);
    assert.ok(copies.length >= 1 && copies.length <= 5);
    assert.equal(new Set(copies.map((form) => JSON.stringify(form))).size, 1);
    counts.add(copies.length);
  }
  assert.ok(counts.size > 1, 'expected different numbers of copies');
});

test('a status is told again as often, and after what, its URL says', async (t) => {
  const callee: Callee = { caller: (caller) => caller.pause(50) };
  const cases: [fragment: string, answers: (number | 'none')[], told: number][] = [
    ['', [503, 204], 1],
    ['#rc=3&rp=5xx', [503, 500, 204], 3],
    ['#rc=2&rp=all', [503, 403, 503, 204], 3],
    ['#rc=2&rp=ct,rt', [503, 204], 1],
    ['#rc=2&rp=ct,5xx&rt=300', ['none', 204], 1],
    ['#rc=2&rp=rt&rt=300', ['none', 'none', 204], 3],
    ['#rc=5&rp=all&rt=300&tt=900', ['none', 'none', 'none', 'none', 204], 3],
  ];
  for (const [fragment, answers, told] of cases) {
    const { twilio, rest, order, formsTo } = await stage(t, callee, {}, answers);
    const statusCallbackUrl = order.statusCallbackUrl + fragment;
    const sid = await rest.placeCall({ ...order, statusCallbackUrl });
    await theCall(twilio.calls, sid).ended;
    assert.equal(formsTo('/status').length, told, fragment);
  }
});

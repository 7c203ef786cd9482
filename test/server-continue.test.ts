import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { CallOutcome } from '../machines/call-protocol.ts';
import { parseTwiml } from '../src/simulators/twilio/twiml-document.ts';
import { StreamTokens } from '../src/twilio/stream-token.ts';
import {
  AUTH_TOKEN,
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID } from './support/twilio-hand.ts';

const form = { CallSid: CALL_SID, Direction: 'inbound', From: '+15550123', To: '+15550199' };

describe('/continue of a call whose stream broke', () => {
  let server: SteeredServer;
  const rest = new SteeredProcess();
  before(async () => {
    server = await startSteeredServer(rest);
  });
  beforeEach(() => {
    Object.assign(rest, new SteeredProcess());
    server.log.written.length = 0;
  });
  after(() => server.app.close());

  const proceed = async () => {
    const { text } = await server.twilio.post('/continue', form);
    const { verbs, warnings } = parseTwiml(text);
    assert.deepEqual(warnings, []);
    return verbs;
  };
  const names = async () => (await proceed()).map(({ name }) => name).join(', ');
  const decide = (outcome: CallOutcome) => rest.decisions.set(CALL_SID, { outcome });

  test('connects it again, with a token that holds for this life only', async () => {
    for (const [n, decided] of [undefined, 'lost', 'continued'].entries()) {
      if (decided) decide(decided as CallOutcome);
      rest.taken = { epoch: n + 1, breaks: n + 1 };
      const verbs = await proceed();
      assert.equal(verbs.map(({ name }) => name).join(', '), 'Connect, Redirect');
      const stream = verbs[0]!.children[0]!;
      assert.equal(stream.attributes.url, 'wss://calls.example/agent/media');
      const { token = '', ...claims } = Object.fromEntries(
        stream.children.map(({ attributes: { name, value } }) => [name, value!]),
      );
      const epoch = String(n + 1);
      assert.deepEqual(claims, { direction: 'inbound', caller: '+15550123', epoch });
      const tokens = new StreamTokens({ secret: AUTH_TOKEN });
      for (const other of [
        { ...claims, epoch: '0' },
        { ...claims, epoch: '7' },
      ]) {
        assert.equal(tokens.redeem(token, CALL_SID, other), 'forged');
      }
      const { epoch: _, ...first } = claims;
      assert.equal(tokens.redeem(token, CALL_SID, first), 'forged');
      assert.equal(tokens.redeem(token, CALL_SID, claims), 'ok');
    }
    assert.deepEqual(rest.takenOver, [CALL_SID, CALL_SID, CALL_SID]);
    assert.equal(server.log.saying('call continues on a new stream').length, 3);
  });

  test('is not for a call that has decided what comes next', async () => {
    rest.taken = { epoch: 1, breaks: 1 };
    for (const [outcome, expected] of [
      ['completed', 'Hangup'],
      ['handedOff', 'Dial, Hangup'],
      ['voicemail', 'Record, Hangup'],
      ['failed', 'Say, Dial, Hangup'],
    ] as const) {
      decide(outcome);
      assert.equal(await names(), expected, outcome);
    }
    assert.deepEqual(rest.takenOver, []);
  });

  test('gives it to a person when it breaks a fourth time within a minute', async () => {
    for (const breaks of [1, 2, 3]) {
      rest.taken = { epoch: breaks, breaks };
      assert.equal(await names(), 'Connect, Redirect');
    }
    rest.taken = { epoch: 4, breaks: 4 };
    assert.equal(await names(), 'Say, Dial, Hangup');
    rest.staff = {};
    assert.equal(await names(), 'Say, Record, Hangup');
  });

  test('gives it to a person when the database does not say in time that it may', async () => {
    for (const fault of [undefined, 'rejects', 'hangs'] as const) {
      rest.takeOverFault = fault;
      const startMs = performance.now();
      assert.equal(await names(), 'Say, Dial, Hangup', fault);
      assert.ok(performance.now() - startMs < 2500);
    }
  });

  test('ends it when it has ended meanwhile, as it decided meanwhile', async () => {
    rest.taken = 'ended';
    assert.equal(await names(), 'Hangup');
    decide('lost');
    assert.equal(await names(), 'Hangup');
    rest.decisions.clear();
    rest.takeOver = async () => {
      decide('handedOff');
      return 'ended';
    };
    assert.equal(await names(), 'Dial, Hangup');
    Reflect.deleteProperty(rest, 'takeOver');
  });

  test('of a process that is about to end is asked again a second later', async () => {
    rest.taken = 'elsewhere';
    const [pause, redirect, ...others] = await proceed();
    assert.deepEqual([pause?.name, pause?.attributes.length], ['Pause', '1']);
    assert.match(String(redirect?.text), /^https:\/\/calls\.example\/agent\/continue#/);
    assert.deepEqual(others, []);
  });

  test('is never refused for the load', async () => {
    rest.taken = { epoch: 1, breaks: 1 };
    for (const refusal of ['load', 'engine', 'full', 'draining'] as const) {
      rest.refusal = refusal;
      assert.equal(await names(), 'Connect, Redirect', refusal);
    }
  });
});

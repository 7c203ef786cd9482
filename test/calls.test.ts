import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CallStage } from './support/call-stage.ts';
import { LogLines } from './support/log-lines.ts';
import { inTime, TwilioHand } from './support/twilio-hand.ts';

const FLOOD = 300;
const AUTH_TOKEN = 'the auth token of these tests';

const media = (fields: object, message: object = {}) =>
  JSON.stringify({
    event: 'media',
    sequenceNumber: '999999',
    streamSid: 'MZ0',
    media: { track: 'inbound', chunk: '999999', timestamp: '999999', payload: '//8A', ...fields },
    ...message,
  });

/** What a broken or hostile peer might send, by the kind of problem that it is. */
const MESSAGES: Record<string, (streamSid: string) => string | Uint8Array> = {
  binary: () => new Uint8Array(500),
  notJson: () => '{"event":"media",',
  unknownEvent: () => '{"event":"shutdown"}',
  malformed: (streamSid) => media({ payload: '%%%' }, { streamSid }),
  foreign: () => media({}),
  outOfOrder: (streamSid) => media({}, { streamSid, sequenceNumber: '1' }),
  unexpected: () => '{"event":"connected","protocol":"Call","version":"1.0.0"}',
};

describe('calls in one process', { concurrency: 4 }, () => {
  const lines = new LogLines();
  let stage: CallStage;
  before(async () => {
    stage = await CallStage.set({ log: lines.log, ultravox: { reply: () => 'At what time?' } });
  });
  after(async () => {
    await stage.assertAtRest();
    await stage.close();
  });

  /** A call that stands beside another; it must not notice anything. */
  const neighbour = async () => {
    const { record, report } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      await caller.speak('table');
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.equal(record.outcome, 'completed');
    assert.equal(record.turns, 1);
    assert.deepEqual(problemsOf(report.callSid), []);
  };
  const problemsOf = (callSid: string) =>
    lines
      .saying('problem met')
      .filter((line) => line.callSid === callSid)
      .map(({ kind }) => kind);

  test('a flood of every bad message is noted once a kind, and disturbs no call', async () => {
    const beside = neighbour();
    let streamSid = '';
    const call = stage.stage.placeCall({
      caller: async (caller) => {
        await caller.agentSpeaking();
        for (const message of Object.values(MESSAGES)) {
          for (let count = 0; count < FLOOD; count++) caller.inject(message(streamSid));
        }
        await caller.agentSilent();
        for (const digit of ['4', '2', '#']) await caller.press(digit);
        await caller.agentSpeaking();
        await caller.agentSilent();
      },
    });
    call.once('started', ({ name = '' }) => {
      streamSid = name;
    });
    const report = await call.ended;
    assert.equal(report.scriptError, undefined);
    await beside;
    const ended = lines.saying('call ended').find(({ callSid }) => callSid === call.callSid);
    assert.deepEqual([ended?.outcome, ended?.turns], ['completed', 1]);
    assert.deepEqual(problemsOf(call.callSid).toSorted(), Object.keys(MESSAGES).toSorted());
  });

  test('an oversized message ends its own stream only', async () => {
    const beside = neighbour();
    const { record, report } = await stage.call(async (caller) => {
      await caller.agentSpeaking();
      caller.inject('x'.repeat(1_000_000));
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.equal(record.outcome, 'lost');
    assert.equal(report.verbs.filter((verb) => verb === 'Connect').length, 2);
    assert.deepEqual(problemsOf(report.callSid), ['oversized']);
    await beside;
  });
});

describe('a process that is told to go', () => {
  test('takes the streams of calls that it has answered, until its grace is over', async () => {
    const stage = await CallStage.set({
      env: { TWILIO_AUTH_TOKEN: AUTH_TOKEN },
      twilio: { authToken: AUTH_TOKEN },
    });
    const { orchestrator } = stage.stage;
    const hand = new TwilioHand(orchestrator.url, AUTH_TOKEN);
    let draining = Promise.resolve();
    try {
      await stage.call(async (caller) => {
        await caller.agentSpeaking();
        draining = orchestrator.calls.drain(1500);
        const farewell = caller.reaches('timeout.farewell');
        assert.equal(await hand.upgradeStatus('/media'), 101);
        const late = await hand.post('/', { CallSid: `CA${'3'.repeat(32)}` });
        assert.match(late.text, /<Say[^>]*>.*<Dial/, 'expected a new call to be told so in words');
        await farewell;
        assert.equal(await hand.upgradeStatus('/media'), 503);
        await caller.hungUp();
      });
      await inTime(draining, 'the drain to end');
      await stage.assertAtRest();
    } finally {
      await stage.close();
    }
  });
});

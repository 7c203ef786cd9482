import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import type { CallOutcome } from '../machines/call-protocol.ts';
import { briefSentence } from '../src/server/brief-sentence.ts';
import { parseTwiml, type Verb } from '../src/simulators/twilio/twiml-document.ts';
import {
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID, type TwilioHand } from './support/twilio-hand.ts';

const CHILD_SID = `CA${'2'.repeat(32)}`;
const RECORDING_SID = `RE${'3'.repeat(32)}`;
const RECORDING_URL = `https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/${RECORDING_SID}`;
const BASE = 'https://calls.example/agent';
const form = { CallSid: CALL_SID, Direction: 'inbound', From: '+4930123456', To: '+15550199' };
const recorded = { ...form, RecordingUrl: RECORDING_URL, RecordingSid: RECORDING_SID };

/** What a document does, in one line: who is dialled, what is recorded, what is said. */
function outline(text: string): string {
  return parseTwiml(text)
    .verbs.map((verb) => `${verb.name}${detail(verb)}`)
    .join(', ');
}

function detail({ name, text, children }: Verb): string {
  if (name === 'Say') return ` "${text}"`;
  return children.map((child) => ` ${child.text}`).join('');
}

describe('a person takes over:', () => {
  let server: SteeredServer;
  let twilio: TwilioHand;
  const rest = new SteeredProcess();
  before(async () => {
    server = await startSteeredServer(rest);
    twilio = server.twilio;
  });
  beforeEach(() => {
    Object.assign(rest, new SteeredProcess());
    server.log.written.length = 0;
  });
  after(() => server.app.close());

  const decide = (outcome: CallOutcome, more: object = {}) =>
    rest.decisions.set(CALL_SID, { outcome, ...more });
  const proceed = async () => outline((await twilio.post('/continue', form)).text);

  const ASK =
    'Say "I am sorry, nobody can take your call. Please leave a message.", Record, Hangup';
  const BROKEN = 'I am sorry, something went wrong on our side.';
  const CONTINUES: [CallOutcome, string][] = [
    ['completed', 'Hangup'],
    ['abandoned', 'Hangup'],
    ['timedOut', 'Hangup'],
    ['handedOff', 'Dial +15550100, Hangup'],
    ['voicemail', 'Record, Hangup'],
    ['lost', `Say "${BROKEN} I will connect you.", Dial +15550100, Hangup`],
    ['failed', `Say "${BROKEN} I will connect you.", Dial +15550100, Hangup`],
    ['refused', `Say "${BROKEN} I will connect you.", Dial +15550100, Hangup`],
  ];
  for (const [outcome, expected] of CONTINUES) {
    test(`/continue of a call that is ${outcome}`, async () => {
      decide(outcome);
      assert.equal(await proceed(), expected);
    });
  }

  test('a call that nobody knows, or of which nobody says so in time, is given to a person', async () => {
    const expected = `Say "${BROKEN} I will connect you.", Dial +15550100, Hangup`;
    for (const fault of [undefined, 'rejects', 'hangs'] as const) {
      rest.decisionFault = fault;
      assert.equal(await proceed(), expected, fault);
    }
  });

  test('without anybody to be reached, a message is taken instead', async () => {
    rest.staff = {};
    decide('handedOff', { destination: 'manager' });
    assert.equal(await proceed(), ASK);
    decide('lost');
    assert.equal(await proceed(), `Say "${BROKEN} Please leave a message.", Record, Hangup`);
  });

  test('the person who is meant is dialled, with a limit on ringing and talking', async () => {
    rest.staff = { manager: '+15550100', kitchen: '+15550111' };
    decide('handedOff', { destination: 'kitchen', brief: 'A caller asks for nuts.' });
    const { text } = await twilio.post('/continue', form);
    assert.equal(outline(text), 'Dial +15550111, Hangup');
    const dial = parseTwiml(text).verbs[0]!;
    assert.deepEqual(
      { ...dial.attributes },
      {
        action: `${BASE}/dialled`,
        method: 'POST',
        timeout: '25',
        timeLimit: '3600',
      },
    );
    assert.deepEqual({ ...dial.children[0]?.attributes }, { url: `${BASE}/brief`, method: 'POST' });
    const { handoff_destination, handoff_brief } = rest.row(CALL_SID);
    assert.deepEqual(
      { handoff_destination, handoff_brief },
      { handoff_destination: 'kitchen', handoff_brief: 'A caller asks for nuts.' },
    );
  });

  test('a number that the conversation brought up is never dialled', async () => {
    for (const destination of ['+19005550123', 'sip:a@b.example', 'constructor', '__proto__', '']) {
      decide('handedOff', { destination, brief: 'Call +19005550123.' });
      assert.equal(await proceed(), ASK, destination);
    }
  });

  test('the person hears one sentence before the caller is connected', async () => {
    const child = { ...form, CallSid: CHILD_SID, ParentCallSid: CALL_SID };
    decide('handedOff', { brief: 'Anna <b>is</b> on the\nline: "nuts" & more.', language: 'de' });
    const { status, text } = await twilio.post('/brief', child);
    assert.equal(status, 200);
    const { verbs, warnings } = parseTwiml(text);
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      verbs.map(({ name, text: words, attributes }) => [name, words, attributes.language]),
      [['Say', 'Anna b is /b on the line: "nuts" & more.', 'de-DE']],
    );
  });

  test('without a brief the person hears that a call comes, whatever is broken', async () => {
    const neutral = 'Say "A call from the automatic assistant."';
    const child = { ...form, CallSid: CHILD_SID, ParentCallSid: CALL_SID };
    decide('handedOff', { brief: ' <> \n' });
    const brief = async (given: Record<string, string>) =>
      outline((await twilio.post('/brief', given)).text);
    assert.equal(await brief(child), neutral);
    rest.decisions.clear();
    assert.equal(await brief(child), neutral);
    assert.equal(await brief({ ...form, CallSid: CHILD_SID }), neutral);
    rest.decisionFault = 'rejects';
    assert.equal(await brief(child), neutral);
  });

  test('any brief becomes at most 310 characters without markup or line breaks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 800 }), (text) => {
        const sentence = briefSentence(text);
        if (sentence === undefined) return;
        assert.ok(sentence.length > 0 && sentence.length <= 310);
        assert.doesNotMatch(sentence, /[\p{Cc}<>{}|]/u);
      }),
    );
    assert.match(briefSentence(`${'word '.repeat(100)}`)!, /^(word )+…$/);
  });

  test('/dialled hangs up after a conversation, and else takes a message', async () => {
    const dialled = async (fields: Record<string, string>) =>
      outline((await twilio.post('/dialled', { ...form, ...fields })).text);
    for (const DialCallStatus of ['completed', 'answered']) {
      assert.equal(await dialled({ DialCallStatus }), 'Hangup');
      assert.equal(rest.row(CALL_SID).handoff_status, DialCallStatus);
    }
    for (const DialCallStatus of ['no-answer', 'busy', 'failed', 'canceled']) {
      assert.equal(await dialled({ DialCallStatus }), ASK);
      assert.equal(rest.row(CALL_SID).handoff_status, DialCallStatus);
    }
    const before = rest.entries.length;
    assert.equal(await dialled({ DialCallStatus: 'what Twilio says in ten years' }), ASK);
    assert.equal(await dialled({}), ASK);
    assert.equal(rest.entries.length, before);
    // The person hung up while the brief was read out.
    assert.equal(await dialled({ DialCallStatus: 'completed', DialBridged: 'false' }), ASK);
  });

  test('a caller is spoken to in the language of the call', async () => {
    decide('handedOff', { language: 'de' });
    for (const [path, fields, expected] of [
      ['/dialled', { DialCallStatus: 'busy' }, /language="de-DE">Es tut mir leid/],
      ['/recorded', { RecordingUrl: RECORDING_URL, RecordingDuration: '5' }, /"de-DE">Vielen Dank/],
    ] as const) {
      assert.match((await twilio.post(path, { ...form, ...fields })).text, expected);
    }
  });

  test('five deliveries of a message by two ways make one message', async () => {
    decide('handedOff', { destination: 'kitchen' });
    const status = {
      AccountSid: `AC${'0'.repeat(32)}`,
      CallSid: CALL_SID,
      RecordingSid: RECORDING_SID,
      RecordingUrl: RECORDING_URL,
      RecordingDuration: '12',
      RecordingStatus: 'completed',
    };
    const copies = [1, 2, 3, 4, 5];
    const { RecordingSid: _, ...withoutSid } = recorded;
    const answers = await Promise.all(
      copies.flatMap((copy) => [
        twilio.post('/recorded', {
          ...(copy % 2 ? recorded : withoutSid),
          RecordingDuration: '12',
        }),
        twilio.post('/recording-status', status),
      ]),
    );
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200, 204]);
    const said = answers.filter((answer) => answer.text !== '').map(({ text }) => outline(text));
    assert.deepEqual([...new Set(said)], ['Say "Thank you. Goodbye.", Hangup']);
    const [message, ...others] = rest.messages;
    assert.deepEqual(others, []);
    assert.equal(message?.id, RECORDING_SID);
    assert.equal(message.call_sid, CALL_SID);
    assert.equal(message.kind, 'voicemail');
    assert.equal(message.destination, 'kitchen');
    assert.equal(message.recording_url, RECORDING_URL);
    assert.equal(message.recording_s, 12);
    assert.equal(rest.row(CALL_SID).voicemail, 1);
    const byCaller = rest.entries.flatMap((e) => (e.kind === 'message' ? [e.row.phone] : []));
    assert.ok(byCaller.includes('+4930123456'), 'expected the number to call back');
  });

  test('nothing was recorded: no message', async () => {
    const silent = [
      { ...recorded, RecordingDuration: '0' },
      { ...recorded },
      { ...form, RecordingDuration: '5' },
      { ...form, RecordingDuration: '5', RecordingUrl: 'javascript:1' },
    ];
    for (const given of silent) {
      const { text } = await twilio.post('/recorded', given);
      assert.equal(outline(text), 'Say "Thank you. Goodbye.", Hangup');
    }
    const status = { ...recorded, RecordingDuration: '5', RecordingStatus: 'absent' };
    assert.equal((await twilio.post('/recording-status', status)).status, 204);
    assert.deepEqual(rest.entries, []);
  });

  test('a call that cannot be taken is given to a person, or told what to do', async () => {
    const ring = async (fields: Record<string, string> = {}) =>
      outline((await twilio.post('/', { ...form, ...fields })).text);
    const busy = 'I am sorry, our automatic assistant is busy just now.';
    const goodbye = `Say "${busy} Please call again later. Goodbye.", Hangup`;
    const refusals = ['engine', 'draining', 'full', 'load'] as const;
    for (const refusal of refusals) {
      rest.refusal = refusal;
      assert.equal(await ring(), `Say "${busy} I will connect you.", Dial +15550100, Hangup`);
      const { outcome, outcome_is_own, reason, handoff_destination } = rest.row(CALL_SID);
      assert.deepEqual([outcome, outcome_is_own, reason], ['shed', 0, refusal]);
      assert.equal(handoff_destination, 'manager');
      assert.equal(await ring({ Direction: 'outbound-api' }), goodbye);
    }
    rest.staff = {};
    const callBack = 'Please leave your name and number after the tone, and we will call you back.';
    const asked = `Say "${busy} ${callBack}", Record, Hangup`;
    for (const refusal of refusals) {
      rest.refusal = refusal;
      assert.equal(await ring(), refusal === 'draining' ? goodbye : asked);
    }
  });

  test('the fallback apologises and finds a person, or else takes a message', async () => {
    const failed = { ...form, ErrorCode: '11205', ErrorUrl: `${BASE}/` };
    const fallback = async () => outline((await twilio.post('/fallback', failed)).text);
    const dialled = `Say "${BROKEN} I will connect you.", Dial +15550100`;
    rest.decisionFault = 'rejects';
    rest.refusal = 'engine';
    rest.journalFault = new Error('neither disk nor database');
    assert.match(await fallback(), new RegExp(`^${dialled.replaceAll('+', '\\+')}, `));
    rest.staff = {};
    assert.equal(await fallback(), `Say "${BROKEN} Please leave a message.", Record, Hangup`);
    rest.speechless = true;
    assert.equal(
      await fallback(),
      'Say "I am sorry, something went wrong on our side. Please call again later. Goodbye.", Hangup',
    );
    rest.journalFault = undefined;
    await fallback();
    const { outcome, outcome_is_own, reason } = rest.row(CALL_SID);
    assert.deepEqual([outcome, outcome_is_own, reason], ['failed', 0, 'twilio 11205']);
    const { status } = await twilio.get(`/fallback?CallSid=${CALL_SID}`);
    assert.equal(status, 200);
  });

  test('whatever breaks behind a webhook, the answer is spoken', async () => {
    rest.speechless = true;
    decide('handedOff', { destination: 'nobody' });
    for (const path of ['/continue', '/dialled', '/recorded']) {
      const { status, text } = await twilio.post(path, { ...form, DialCallStatus: 'busy' });
      assert.equal(status, 200, path);
      assert.match(outline(text), /^Say "I am sorry, .*", Hangup$/, path);
    }
  });

  test('docs/fallback.xml is the same document, without us and with a number to be replaced', async () => {
    const file = parseTwiml(readFileSync('docs/fallback.xml', 'utf8'));
    const { text } = await twilio.post('/fallback', form);
    const ours = parseTwiml(text.replace('+15550100', '+15551234567'));
    assert.deepEqual(file.warnings, []);
    assert.deepEqual(file.verbs.map(comparable), ours.verbs.map(comparable));
  });

  test('neither a number nor a word of the brief comes into the log', async () => {
    decide('handedOff', { brief: 'Anna wants a birthday cake.' });
    rest.journalFault = new Error('the disk is full');
    const child = { ...form, CallSid: CHILD_SID, ParentCallSid: CALL_SID };
    await twilio.post('/', form);
    await twilio.post('/continue', form);
    await twilio.post('/brief', child);
    await twilio.post('/dialled', { ...form, DialCallStatus: 'busy' });
    await twilio.post('/recorded', { ...recorded, RecordingDuration: '3' });
    await twilio.post('/fallback', { ...form, ErrorUrl: 'https://x.example/+4930123456' });
    await twilio.post('/status', { ...form, CallStatus: 'completed' });
    assert.ok(server.log.written.length > 5);
    assert.doesNotMatch(server.log.written.join(''), /30123456|5550100|Anna|birthday|Recordings/);
  });
});

/** Without addresses of ours, and without the blanks between verbs of a file for people. */
function comparable({ name, attributes, children, text }: Verb): unknown {
  const { action: _, method: __, ...rest } = attributes;
  return { name, attributes: rest, children: children.map(comparable), text: text.trim() };
}

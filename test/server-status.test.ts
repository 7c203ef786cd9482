import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID, PUBLIC_URL, type TwilioHand } from './support/twilio-hand.ts';

const inbound = { CallSid: CALL_SID, Direction: 'inbound', From: '+4930123456', To: '+15550199' };
const outbound = { ...inbound, Direction: 'outbound-api', From: '+15550199', To: '+4930123456' };
const ENDED = 'Wed, 25 Nov 2026 18:03:20 +0000';

describe('what Twilio tells beside the call:', () => {
  let server: SteeredServer;
  let twilio: TwilioHand;
  const rest = new SteeredProcess();
  before(async () => {
    server = await startSteeredServer(rest);
    twilio = server.twilio;
  });
  beforeEach(() => void Object.assign(rest, new SteeredProcess()));
  after(() => server.app.close());

  test('a ringing call is written down with its caller, and a withheld number with none', async () => {
    await twilio.post('/', inbound);
    const row = rest.row(CALL_SID);
    assert.equal(row.direction, 'inbound');
    assert.equal(row.caller_last4, '3456');
    assert.match(row.caller_key ?? '', /^[\w-]{43}$/);
    assert.doesNotMatch(JSON.stringify(rest.entries), /30123456/);
    for (const From of ['anonymous', '+266696687', 'client:alice', 'sip:a@b.example', '']) {
      rest.entries.length = 0;
      const { text } = await twilio.post('/', { ...inbound, From });
      assert.deepEqual(rest.row(CALL_SID), { direction: 'inbound' });
      assert.doesNotMatch(text, /name="caller"/);
    }
  });

  test('a call is answered once its record is kept, or is known not to be', async () => {
    const kept = Promise.withResolvers<boolean>();
    rest.keeps = kept.promise;
    let isAnswered = false;
    const answer = twilio.post('/', inbound).finally(() => {
      isAnswered = true;
    });
    // Whatever could answer it without waiting has had its turn after these.
    while (rest.entries.length === 0) await twilio.get('/health');
    for (let asked = 0; asked < 3; asked++) await twilio.get('/health');
    assert.equal(isAnswered, false);
    kept.resolve(false);
    const { status, text } = await answer;
    assert.equal(status, 200);
    assert.match(text, /<Stream/);
  });

  test('of an outbound call the person is the one who was called', async () => {
    const { text } = await twilio.post('/', outbound);
    assert.equal(rest.row(CALL_SID).direction, 'outbound');
    assert.equal(rest.row(CALL_SID).caller_last4, '3456');
    assert.match(text, /name="direction" value="outbound".*name="caller" value="\+4930123456"/);
  });

  test('a webhook that Twilio repeats writes the same again', async () => {
    for (let copy = 0; copy < 5; copy++) await twilio.post('/', inbound);
    const written = new Set(rest.entries.map((entry) => JSON.stringify(entry)));
    assert.equal(written.size, 1);
  });

  const OUTCOMES: [status: string, inbound: string, outbound: string][] = [
    ['completed', 'lost', 'lost'],
    ['no-answer', 'abandoned', 'noAnswer'],
    ['canceled', 'abandoned', 'canceled'],
    ['busy', 'busy', 'busy'],
    ['failed', 'failed', 'failed'],
  ];
  for (const [CallStatus, whenInbound, whenOutbound] of OUTCOMES) {
    test(`a call that ends as ${CallStatus} has an outcome that its own one replaces`, async () => {
      for (const [form, outcome] of [
        [inbound, whenInbound],
        [outbound, whenOutbound],
      ] as const) {
        rest.entries.length = 0;
        const more = { CallStatus, CallDuration: '17', Timestamp: ENDED };
        const answers = await Promise.all(
          [1, 2, 3, 4, 5].map(() => twilio.post('/status', { ...form, ...more })),
        );
        assert.ok(answers.every(({ status, text }) => status === 204 && text === ''));
        assert.equal(new Set(rest.entries.map((entry) => JSON.stringify(entry))).size, 1);
        const row = rest.row(CALL_SID);
        assert.equal(row.outcome, outcome);
        assert.equal(row.outcome_is_own, 0);
        assert.equal(row.duration_ms, 17_000);
        assert.equal(row.ended_at, Date.UTC(2026, 10, 25, 18, 3, 20, 999));
        assert.equal(row.caller_last4, '3456');
      }
    });
  }

  test('what is not an end is not written down', async () => {
    for (const CallStatus of ['queued', 'initiated', 'ringing', 'in-progress', 'new', '']) {
      assert.equal((await twilio.post('/status', { ...inbound, CallStatus })).status, 204);
    }
    assert.deepEqual(rest.entries, []);
  });

  test('a status without its moment and duration ends now', async () => {
    const before = Date.now();
    await twilio.post('/status', { ...inbound, CallStatus: 'no-answer', Timestamp: 'soon' });
    const { ended_at, duration_ms } = rest.row(CALL_SID);
    assert.ok(ended_at! >= before && ended_at! <= Date.now());
    assert.equal(duration_ms, undefined);
  });

  const answered = { AccountSid: `AC${'0'.repeat(32)}`, CallSid: CALL_SID };
  const ANSWERS: [answeredBy: string, who: string][] = [
    ['human', 'human'],
    ['machine_start', 'machine'],
    ['machine_end_beep', 'machine'],
    ['machine_end_silence', 'machine'],
    ['machine_end_other', 'machine'],
    ['fax', 'fax'],
    ['unknown', 'unknown'],
  ];
  for (const [AnsweredBy, who] of ANSWERS) {
    test(`a call answered by ${AnsweredBy} is told to the call, or ended if nobody can be`, async () => {
      rest.live.add(CALL_SID);
      for (let copy = 0; copy < 5; copy++) {
        const { status } = await twilio.post('/answered-by', { ...answered, AnsweredBy });
        assert.equal(status, 204);
      }
      assert.deepEqual(rest.answered[0], [CALL_SID, who]);
      assert.deepEqual(rest.row(CALL_SID), { answered_by: AnsweredBy });
      assert.deepEqual(rest.hungUp, []);
      rest.live.clear();
      await twilio.post('/answered-by', { ...answered, AnsweredBy });
      const isNobody = who === 'machine' || who === 'fax';
      assert.deepEqual(rest.hungUp, isNobody ? [CALL_SID] : []);
      assert.equal(rest.row(CALL_SID).outcome, isNobody ? 'machine' : undefined);
    });
  }

  test('an answer that is not known counts as unknown', async () => {
    await twilio.post('/answered-by', { ...answered, AnsweredBy: 'a parrot' });
    assert.deepEqual(rest.answered, [[CALL_SID, 'unknown']]);
    assert.equal(rest.row(CALL_SID).answered_by, 'unknown');
  });

  const ONCE: [path: string, form: Record<string, string>][] = [
    ['/status', { ...inbound, CallStatus: 'completed' }],
    ['/answered-by', { ...answered, AnsweredBy: 'human' }],
    [
      '/recording-status',
      {
        ...answered,
        RecordingStatus: 'completed',
        RecordingUrl: `https://api.twilio.com/RE${'a'.repeat(32)}`,
        RecordingDuration: '7',
      },
    ],
  ];
  for (const [path, form] of ONCE) {
    test(`what ${path} tells is asked for again while it is not kept`, async () => {
      rest.keeps = false;
      assert.equal((await twilio.post(path, form)).status, 503);
      rest.keeps = true;
      rest.journalFault = new Error('no journal');
      assert.equal((await twilio.post(path, form)).status, 503);
      rest.journalFault = undefined;
      assert.equal((await twilio.post(path, form)).status, 204);
      const lines = server.log.saying('webhook not kept').filter(({ route }) => route === path);
      assert.deepEqual(
        lines.map(({ callSid }) => callSid),
        [CALL_SID, CALL_SID],
      );
    });
  }

  test('the URL of what is told of a message asks for it to be told again', async () => {
    const { text } = await twilio.post('/dialled', { ...inbound, DialCallStatus: 'no-answer' });
    const url = /recordingStatusCallback="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    assert.equal(url, `${PUBLIC_URL}/recording-status#rc=5&rp=all&rt=4000`);
  });

  test('/stream-status needs no words', async () => {
    const form = { ...inbound, StreamEvent: 'stream-started' };
    assert.equal((await twilio.post('/stream-status', form)).status, 204);
  });
});

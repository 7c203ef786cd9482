import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type CallRecord, CursorError } from '../src/journal/call-list.ts';
import { outboundCalls } from '../src/twilio/outbound-calls.ts';
import { TwilioRestError } from '../src/twilio/rest.ts';
import {
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID } from './support/twilio-hand.ts';

const TOKEN = 'a token of these tests';
const GERMAN = '+4930123456';

function record(fields: Partial<CallRecord> = {}): CallRecord {
  return {
    call_sid: CALL_SID,
    direction: 'inbound',
    caller_key: 'the key of a caller',
    caller_last4: '3456',
    started_at: Date.UTC(2026, 10, 25, 18),
    ended_at: null,
    duration_ms: null,
    outcome: null,
    outcome_is_own: 0,
    reason: null,
    language: 'en',
    turns: 3,
    interruptions: 0,
    speculation: null,
    reprompts: 0,
    failures: 0,
    dead_air_ms: null,
    latencies: { total: { p95: 480 } },
    tool_calls: null,
    reservation_id: null,
    handoff_destination: null,
    handoff_status: null,
    handoff_brief: null,
    voicemail: 1,
    answered_by: null,
    summary: null,
    tags: null,
    versions: null,
    epoch: 0,
    ...fields,
  };
}

describe('the API', () => {
  let server: SteeredServer;
  const rest = new SteeredProcess();
  rest.apiToken = TOKEN;
  const dialled: string[] = [];
  before(async () => {
    rest.dial = async () => '';
    server = await startSteeredServer(rest);
  });
  beforeEach(() => {
    dialled.length = 0;
    const placeCall = async ({ to }: { to: string }) => {
      dialled.push(to);
      return CALL_SID;
    };
    const dial = outboundCalls({
      rest: { placeCall },
      countries: ['DE', 'US'],
      from: '+15550199',
      publicUrl: 'https://calls.example/agent',
      timeLimitS: 600,
    });
    Object.assign(rest, new SteeredProcess(), { apiToken: TOKEN, dial });
    server.log.written.length = 0;
  });
  after(() => server.app.close());

  async function ask(
    path: string,
    { token = TOKEN as string | null, body = undefined as unknown } = {},
  ) {
    const response = await fetch(server.url + path, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
    });
    const json = (await response.json()) as Record<string, never> & { error?: string };
    return { status: response.status, headers: response.headers, json };
  }

  test('shows the calls that were asked for, without a key or a number', async () => {
    rest.page = { calls: [record(), record({ outcome: 'completed' })], next: 'abc' };
    const from = '2026-11-25';
    const to = '2026-11-26T00:00:00%2B01:00';
    const { status, json } = await ask(
      `/calls?from=${from}&to=${to}&outcome=completed&limit=2&cursor=xyz`,
    );
    assert.equal(status, 200);
    assert.deepEqual(rest.queries, [
      {
        from: Date.UTC(2026, 10, 25),
        to: Date.UTC(2026, 10, 25, 23),
        outcome: 'completed',
        limit: 2,
        cursor: 'xyz',
      },
    ]);
    const { calls, next } = json as unknown as { calls: Record<string, unknown>[]; next: string };
    assert.equal(next, 'abc');
    assert.equal(calls[0]?.started_at, '2026-11-25T18:00:00.000Z');
    assert.equal(calls[0]?.caller_last4, '3456');
    assert.equal(calls[0]?.voicemail, true);
    assert.deepEqual(calls[0]?.latencies, { total: { p95: 480 } });
    assert.ok(calls.every((call) => !('caller_key' in call)));
    await ask('/calls');
    assert.equal(rest.queries[1]?.limit, 50);
  });

  test('shows one call with all that is known of it, phone numbers by their last digits', async () => {
    rest.whole = {
      call: record({ reservation_id: 'r1' }),
      turns: [
        {
          call_sid: CALL_SID,
          turn: 0,
          at: 0,
          speaker: 'caller',
          text: 'A table, please.',
          language: 'en',
          cut: null,
          latencies: null,
        },
      ],
      events: [{ call_sid: CALL_SID, seq: 0, at: 1, type: 'state', payload: { path: 'greeting' } }],
      messages: [
        {
          id: 'm1',
          call_sid: CALL_SID,
          created_at: 2,
          kind: 'voicemail',
          destination: null,
          name: null,
          phone: GERMAN,
          text: null,
          recording_url: 'https://api.twilio.com/RE1',
          recording_s: 4,
        },
      ],
      reservation: {
        id: 'r1',
        call_sid: CALL_SID,
        status: 'confirmed',
        party_size: 2,
        date: '2026-12-24',
        time: '19:30',
        starts_at: 0,
        ends_at: 0,
        name: 'Anna',
        name_key: 'anna',
        phone: GERMAN,
        phone_last4: '3456',
        note: null,
        expires_at: null,
        created_at: 0,
        updated_at: 0,
      },
    };
    const { status, json } = await ask(`/calls/${CALL_SID}`);
    assert.equal(status, 200);
    assert.doesNotMatch(JSON.stringify(json), /30123456|the key of a caller/);
    const shown = json as unknown as {
      conversation: { text: string }[];
      events: { payload: unknown }[];
      messages: { phone_last4: string }[];
      reservation: { phone_last4: string };
    };
    assert.equal(shown.conversation[0]?.text, 'A table, please.');
    assert.deepEqual(shown.events[0]?.payload, { path: 'greeting' });
    assert.equal(shown.messages[0]?.phone_last4, '3456');
    assert.equal(shown.reservation.phone_last4, '3456');
    rest.whole = undefined;
    assert.equal((await ask(`/calls/${CALL_SID}`)).status, 404);
    assert.equal((await ask('/calls/1')).status, 400);
  });

  test('says what was expected and what kind of thing came, never the thing itself', async () => {
    const wrong: [path: string, expected: RegExp][] = [
      ['/calls?limit=0', /^limit: expected a whole number from 1 to 200, got another text$/],
      ['/calls?limit=1.5', /^limit: /],
      ['/calls?limit=201', /^limit: /],
      ['/calls?from=yesterday', /^from: expected a moment such as 2026-12-24/],
      ['/calls?to=2026-13-01', /^to: /],
      ['/calls?outcome=1', /^outcome: /],
      ['/calls?outcome=a&outcome=b', /^outcome: expected one outcome, in letters, got a list$/],
      ['/calls?cursor=%00', /^cursor: /],
      ['/calls?form=2026-12-24', /^expected no other fields, got 1/],
    ];
    for (const [path, expected] of wrong) {
      const { status, json } = await ask(path);
      assert.equal(status, 400, path);
      assert.match(json.error ?? '', expected);
    }
    rest.recordsFault = new CursorError('cursor: expected "next" of the page before');
    const { status, json } = await ask('/calls?cursor=a');
    assert.equal(status, 400);
    assert.match(json.error ?? '', /^cursor: /);
  });

  test('records that cannot be read are said to be so, and nothing more', async () => {
    rest.recordsFault = new Error('connect to 10.0.0.7 as postgres failed');
    const { status, json } = await ask('/calls');
    assert.equal(status, 500);
    assert.deepEqual(json, { error: 'the records cannot be used just now' });
  });

  test('calls a number that is allowed', async () => {
    const { status, json } = await ask('/calls', { body: { to: GERMAN } });
    assert.equal(status, 201);
    assert.deepEqual(json, { sid: CALL_SID });
    assert.deepEqual(dialled, [GERMAN]);
    assert.doesNotMatch(server.log.written.join(''), /30123456/);
  });

  test('refuses to call what is not a number that is allowed, without repeating it', async () => {
    const wrong: [body: unknown, expected: RegExp][] = [
      [{ to: '+33123456789' }, /^to: expected a number of DE, US, got one of FR$/],
      [{ to: '+18762345678' }, /got one of JM$/],
      [{ to: '+499001234567' }, /got one of the kind premium rate$/],
      [{ to: '030123456' }, /^to: expected a phone number in E\.164 form/],
      [{ to: 4930123456 }, /^to: expected a phone number .*, got a value of type number$/],
      [{}, /^to: expected a phone number .*, got nothing$/],
      [{ to: GERMAN, from: '+15550100' }, /^expected no other fields, got 1/],
      [[GERMAN], /^expected an object with "to", got a list$/],
      [null, /^expected an object with "to", got null$/],
    ];
    for (const [body, expected] of wrong) {
      const { status, json } = await ask('/calls', { body });
      assert.equal(status, 400);
      assert.match(json.error ?? '', expected);
      assert.doesNotMatch(json.error ?? '', /30123456|123456789|62345678|1234567$/);
    }
    assert.deepEqual(dialled, []);
  });

  test('says what Twilio or this server cannot do', async () => {
    rest.refusal = 'engine';
    assert.equal((await ask('/calls', { body: { to: GERMAN } })).status, 503);
    rest.refusal = undefined;
    rest.dial = async () => {
      throw new TwilioRestError('refused', 'place a call', new Error('secret'));
    };
    const { status, json } = await ask('/calls', { body: { to: GERMAN } });
    assert.equal(status, 502);
    assert.doesNotMatch(json.error ?? '', /secret/);
  });

  test('is for whoever knows the token, and strangers cannot lock them out', async () => {
    for (const path of ['/calls', `/calls/${CALL_SID}`]) {
      for (const token of [null, '', `${TOKEN}x`, TOKEN.slice(1), 'x'.repeat(10_000)]) {
        const { status, headers, json } = await ask(path, { token });
        assert.equal(status, 401);
        assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
        assert.match(json.error ?? '', /^expected/);
      }
    }
    const { status } = await ask('/calls', { token: 'wrong', body: { to: GERMAN } });
    assert.equal(status, 401);
    const statuses = new Set<number>();
    for (let attempt = 0; attempt < 30; attempt++) {
      const { status: answered, headers } = await ask('/calls', { token: 'wrong' });
      statuses.add(answered);
      if (answered === 429) assert.equal(headers.get('retry-after'), '60');
    }
    assert.ok(statuses.has(429));
    assert.equal((await ask('/calls')).status, 200);
    assert.deepEqual(rest.queries.length, 1);
    assert.deepEqual(dialled, []);
  });
});

test('without a token the API is off, and without countries nobody is called', async (t) => {
  const rest = new SteeredProcess();
  const off = await startSteeredServer(rest);
  t.after(() => off.app.close());
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const init of [{ headers }, { headers, method: 'POST', body: '{}' }]) {
    const response = await fetch(`${off.url}/calls`, init);
    assert.equal(response.status, 403);
    assert.match(await response.text(), /API_TOKEN, which is not set/);
  }
  rest.apiToken = TOKEN;
  const on = await startSteeredServer(rest);
  t.after(() => on.app.close());
  const response = await fetch(`${on.url}/calls`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ to: GERMAN }),
  });
  assert.equal(response.status, 403);
  assert.match(await response.text(), /OUTBOUND_COUNTRIES, which is not set/);
});

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import type { CallRecord, WholeCall } from '../src/journal/call-list.ts';
import { FeedClient } from './support/feed-client.ts';
import { until } from './support/listener.ts';
import { SteeredCall } from './support/steered-call.ts';
import {
  ACCOUNT_SID,
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID, inTime, PUBLIC_URL } from './support/twilio-hand.ts';

const TOKEN = 'a token of these tests';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const NUMBER = '+4930123456';
const OUTSIDE = 'calls.example';

interface Setting {
  rest: SteeredProcess;
  server: SteeredServer;
  host: string;
  ask(path: string, options?: AskOptions): Promise<Answer>;
  look(headers?: Record<string, string>, autoPong?: boolean): FeedClient;
}

interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  bytes: Buffer;
  json: Record<string, never> & { error?: string };
}

async function set(t: TestContext, rest: Partial<SteeredProcess> = {}): Promise<Setting> {
  const steered = Object.assign(new SteeredProcess(), { apiToken: TOKEN }, rest);
  const server = await startSteeredServer(steered);
  const clients: FeedClient[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    steered.feed.close();
    await server.app.close();
  });
  return {
    rest: steered,
    server,
    host: new URL(server.url).host,
    ask: (path, options) => ask(server.url, path, options),
    look: (headers, autoPong) => {
      const client = new FeedClient(server.url, headers, autoPong);
      clients.push(client);
      return client;
    },
  };
}

/** Not `fetch`: it lets nobody choose the Host. */
function ask(url: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const asked = httpRequest(`${url}/visualiser${path}`, { method, headers }, async (response) => {
    const bytes = Buffer.concat(await response.toArray());
    const isJson = /json/.test(response.headers['content-type'] ?? '');
    const json = isJson ? JSON.parse(bytes.toString()) : {};
    resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, json });
  });
  asked.on('error', reject);
  asked.end(body);
  return inTime(promise, `an answer to ${path}`);
}

/** What makes somebody at this machine nobody at it. */
const NOT_LOCAL: Record<string, Record<string, string>> = {
  'a name that points here': { host: `${OUTSIDE}:8080` },
  'a name that begins like this machine': { host: 'localhost.evil.example' },
  'an address that begins like this machine': { host: '127.0.0.1.evil.example' },
  'a Forwarded header': { forwarded: 'for=192.0.2.1' },
  'an X-Forwarded-For header': { 'x-forwarded-for': '127.0.0.1' },
  'an X-Forwarded-Host header': { 'x-forwarded-host': 'localhost' },
  'an X-Real-IP header': { 'x-real-ip': '127.0.0.1' },
  'a Via header': { via: '1.1 proxy' },
};

test('whoever is at this machine looks without a token', async (t) => {
  const { ask, look, host } = await set(t, { apiToken: undefined as never });
  const names = ['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'];
  for (const name of [host, ...names]) {
    assert.equal((await ask('/api/calls', { headers: { host: name } })).status, 200, name);
    await look({ host: name }).welcomed();
  }
});

test('nobody else does, whatever they say of themselves', async (t) => {
  const { ask, look } = await set(t);
  for (const [what, headers] of Object.entries(NOT_LOCAL)) {
    const wrong = { ...headers, authorization: 'Bearer wrong' };
    assert.equal((await ask('/api/calls', { headers })).status, 401, what);
    assert.equal((await ask('/api/calls', { headers: wrong })).status, 401, what);
    assert.equal((await ask('/api/calls', { headers: { ...headers, ...BEARER } })).status, 200);
    assert.equal(await look(headers).status(), 403, what);
    assert.equal(await look(wrong).status(), 401, what);
    await look({ ...headers, ...BEARER }).welcomed();
    const post = { method: 'POST', headers };
    assert.equal((await ask('/api/softphone', post)).status, 401, what);
  }
});

test('HTTP/1.0 is what a proxy speaks', async (t) => {
  const { server } = await set(t);
  const { hostname, port } = new URL(server.url);
  const { connect } = await import('node:net');
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.end(`GET /visualiser/api/calls HTTP/1.0\r\nHost: ${hostname}:${port}\r\n\r\n`);
  const answer = Buffer.concat(await inTime(socket.toArray(), 'an answer')).toString();
  assert.match(answer, /^HTTP\/1\.1 401 /);
});

test('with `token` everybody needs one, and without API_TOKEN nobody gets in', async (t) => {
  const strict = await set(t, { access: 'token' });
  assert.equal((await strict.ask('/api/calls')).status, 401);
  assert.equal((await strict.ask('/api/calls', { headers: BEARER })).status, 200);
  assert.equal(await strict.look().status(), 403);
  await strict.look(BEARER).welcomed();
  const locked = await set(t, { access: 'token', apiToken: undefined as never });
  const { status, json } = await locked.ask('/api/calls', { headers: BEARER });
  assert.equal(status, 403);
  assert.match(json.error ?? '', /API_TOKEN, which is not set/);
  assert.equal(await locked.look(BEARER).status(), 403);
  assert.equal(await locked.look({ origin: `http://${locked.host}` }).status(), 403);
});

test('with `off` there is nothing', async (t) => {
  const { ask, look, server } = await set(t, { access: 'off' });
  for (const path of ['', '/', '/files/src/visualiser/page/main.ts', '/api/calls']) {
    assert.equal((await ask(path, { headers: BEARER })).status, 404, path);
  }
  const post = { method: 'POST', headers: BEARER };
  assert.equal((await ask('/api/softphone', post)).status, 404);
  assert.equal(await look(BEARER).status(), 404);
  assert.equal(await server.twilio.upgradeStatus(), 101);
});

test("a page of another site can do nothing in the viewer's browser", async (t) => {
  const { ask, look, host } = await set(t);
  const foreign = ['https://evil.example', 'http://localhost:1', `http://${host}.evil.example`];
  for (const origin of [...foreign, 'null', 'file://']) {
    assert.equal(await look({ origin }).status(), 403, origin);
    assert.equal(await look({ origin, ...BEARER }).status(), 403, origin);
    const post = { method: 'POST', headers: { origin, ...BEARER } };
    assert.equal((await ask('/api/softphone', post)).status, 403, origin);
  }
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'sec-fetch-site': site };
    assert.equal((await ask('/api/calls', { headers })).status, 401);
  }
  for (const site of ['same-origin', 'none']) {
    const headers = { 'sec-fetch-site': site };
    assert.equal((await ask('/api/calls', { headers })).status, 200);
  }
  const { headers } = await ask('/api/calls');
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  assert.equal(headers['access-control-allow-origin'], undefined);
  assert.equal(headers['cache-control'], 'no-store');
});

test('a page of ours is known by the Host that it asks or by the public URL', async (t) => {
  const { look, ask, host } = await set(t);
  await look({ origin: `http://${host}` }).welcomed();
  await look({ origin: new URL(PUBLIC_URL).origin }).welcomed();
  const headers = { origin: `http://${host}` };
  assert.equal((await ask('/api/softphone', { method: 'POST', headers })).status, 201);
});

/** A browser elsewhere: it has an Origin, and can send no other header. */
const BROWSER = { host: OUTSIDE, origin: `https://${OUTSIDE}` };

test('a browser elsewhere shows the token in its first message', async (t) => {
  const { look } = await set(t);
  const viewer = look(BROWSER);
  assert.equal(await viewer.status(), 101);
  assert.deepEqual(viewer.seen, []);
  viewer.send(JSON.stringify({ token: TOKEN }));
  await viewer.welcomed();
  const wrong = [
    '{"token":"wrong"}',
    '{"token":7}',
    '{}',
    'null',
    '[',
    '',
    // A page that has none says so, and need not wait to be asked for it.
    '{"token":""}',
    JSON.stringify({ token: TOKEN, more: 'x'.repeat(1024) }),
  ];
  for (const message of wrong) {
    const stranger = look(BROWSER);
    await stranger.status();
    stranger.send(message);
    assert.equal(await stranger.closed(), 4401, message);
    assert.deepEqual(stranger.seen, []);
  }
  const huge = look(BROWSER);
  await huge.status();
  huge.send('x'.repeat(10_000));
  assert.equal(await huge.closed(), 1009);
});

test('who does not show it in time is shown out, and makes room', async (t) => {
  const { look } = await set(t);
  const startedAt = performance.now();
  const strangers = Array.from({ length: 20 }, () => look(BROWSER));
  await Promise.all(strangers.map(async (each) => assert.equal(await each.status(), 101)));
  assert.equal(await look(BROWSER).status(), 503);
  await look(BEARER).welcomed();
  assert.equal(await strangers[0]?.closed(), 4401);
  assert.ok(performance.now() - startedAt > 4900);
  await Promise.all(strangers.map((each) => each.closed()));
  const late = look(BROWSER);
  assert.equal(await late.status(), 101);
  late.send(JSON.stringify({ token: TOKEN }));
  await late.welcomed();
});

test('who guesses tokens is told to go away, whatever way it asks', async (t) => {
  const { look, ask } = await set(t, { access: 'token' });
  const statuses = new Set<number>();
  for (let guess = 0; guess < 30; guess++) {
    statuses.add((await ask('/api/calls', { headers: { authorization: 'Bearer no' } })).status);
  }
  assert.deepEqual([...statuses], [401, 429]);
  assert.equal(await look({ authorization: 'Bearer no' }).status(), 429);
  assert.equal((await ask('/api/calls')).status, 401);
  await look(BEARER).welcomed();
});

test('a viewer only listens: who says something is shown out, and nobody else', async (t) => {
  const { look, rest } = await set(t);
  const quiet = await look().welcomed();
  for (const junk of ['{"type":"xstate.stop"}', '', 'x'.repeat(3000)]) {
    const viewer = await look().welcomed();
    viewer.send(junk);
    assert.equal(await viewer.closed(), 1008);
  }
  const binary = await look().welcomed();
  binary.socket.send(Buffer.from([1, 2, 3]));
  assert.equal(await binary.closed(), 1008);
  // A page that has a token shows it even where it need not, once.
  const page = await look().welcomed();
  page.send('{"token":"of another day"}');
  const call = new SteeredCall({ inspect: (event) => rest.feed.inspected('call-1', event) });
  t.after(() => call.actor.stop());
  await page.sees('the call', ({ type }) => type === '@xstate.actor');
  page.send('{"token":"of another day"}');
  assert.equal(await page.closed(), 1008);
  await quiet.sees('the call', ({ type }) => type === '@xstate.actor');
  await until(() => rest.feed.viewers === 1, 'only the quiet one is left');
});

test('there is room for twenty viewers', async (t) => {
  const { look, rest } = await set(t);
  const viewers = Array.from({ length: 20 }, () => look());
  await Promise.all(viewers.map((viewer) => viewer.welcomed()));
  assert.equal(await look().closed(), 1013);
  viewers[0]?.close();
  await until(() => rest.feed.viewers === 19, 'one has gone');
  await look().welcomed();
});

test('a viewer that has gone without a word makes room', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { look, rest } = await set(t);
  const alive = await look().welcomed();
  const gone = await look({}, false).welcomed();
  await alive.settled();
  assert.equal(rest.feed.viewers, 2);
  t.mock.timers.tick(30_000);
  assert.equal(await gone.closed(), 1006);
  await alive.settled();
  t.mock.timers.tick(30_000);
  await alive.settled();
  assert.equal(rest.feed.viewers, 1);
});

test('a viewer that stops reading loses messages, is told so, and costs the others none', async (t) => {
  const { look, rest } = await set(t);
  const fast = await look().welcomed();
  const slow = await look().welcomed();
  const call = new SteeredCall({ inspect: (event) => rest.feed.inspected('call-1', event) });
  t.after(() => call.actor.stop());
  await slow.sees('the call', ({ type }) => type === '@xstate.actor');
  slow.socket.pause();
  const text = 'x'.repeat(2000);
  const turns = 6000;
  for (let turn = 0; turn < turns; turn++) {
    rest.feed.words('call-1', { turn, at: 0, speaker: 'agent', text });
    if (turn % 20 === 19) await new Promise((resolve) => setImmediate(resolve));
  }
  const wordsOf = ({ seen }: FeedClient) => seen.filter(({ type }) => type === 'visualiser.words');
  await until(() => wordsOf(fast).length === turns, 'all of it at the fast one');
  assert.ok(fast.seen.every(({ type }) => type !== 'visualiser.dropped'));
  const before = slow.seen.length;
  slow.socket.resume();
  const dropped = await slow.sees('what it missed', ({ type }) => type === 'visualiser.dropped');
  const at = slow.seen.indexOf(dropped);
  await slow.sees('the last turn', (each) => {
    return each.type === 'visualiser.words' && each.turn === turns - 1;
  });
  assert.ok(dropped.type === 'visualiser.dropped' && dropped.messages > 100);
  const had = wordsOf({ seen: slow.seen.slice(0, at) } as FeedClient).length;
  assert.equal(had + dropped.messages, turns);
  assert.ok(at > before);
  assert.deepEqual(
    slow.seen.slice(at, at + 3).map(({ type }) => type),
    ['visualiser.dropped', 'visualiser.welcome', '@xstate.actor'],
  );
});

test('two hundred calls are shown to whoever comes, and every step of theirs', async (t) => {
  const { look, rest } = await set(t);
  const calls = Array.from({ length: 200 }, (_, n) => {
    return new SteeredCall({ inspect: (event) => rest.feed.inspected(`call-${n}`, event) });
  });
  t.after(() => calls.forEach((call) => void call.actor.stop()));
  const viewer = await look().welcomed();
  const count = (type: string) => viewer.seen.filter((each) => each.type === type).length;
  await until(() => count('@xstate.actor') === 200, 'all calls');
  for (const call of calls) call.send('line.started', 'agent.finished', 'caller.spoke');
  await until(() => count('@xstate.snapshot') === 600, 'three steps of each');
  assert.equal(count('visualiser.dropped'), 0);
});

test('a server that goes sends its viewers away and waits for none', async (t) => {
  const { look, server } = await set(t);
  const viewer = await look().welcomed();
  const stranger = look(BROWSER);
  await stranger.status();
  await inTime(server.app.close(), 'the server to close');
  assert.equal(await viewer.closed(), 1001);
  assert.equal(await stranger.closed(), 1001);
});

test('a page calls as Twilio would, once for each time that it asks', async (t) => {
  const { ask, rest, server, host } = await set(t);
  const { status, json } = await ask('/api/softphone', { method: 'POST' });
  assert.equal(status, 201);
  const call = json as unknown as {
    callSid: string;
    accountSid: string;
    protocol: string;
    customParameters: { token: string; direction: string };
  };
  assert.match(call.callSid, /^CA[0-9a-f]{32}$/);
  assert.equal(call.accountSid, ACCOUNT_SID);
  assert.match(call.protocol, /^softphone\.v1\.softphone(\.[\w-]+){3}$/);
  assert.match(call.customParameters.token, new RegExp(`^v1\\.${call.callSid}\\.`));
  assert.deepEqual(rest.entries, [], 'a call of which no stream comes was none');
  const open = async (protocol: string, headers: Record<string, string> = {}) => {
    const url = `${server.url.replace('http', 'ws')}/media`;
    const socket = new WebSocket(url, [protocol], { headers });
    const { promise, resolve } = Promise.withResolvers<string | number>();
    socket.on('error', () => {});
    socket.on('open', () => resolve(socket.protocol));
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    t.after(() => socket.terminate());
    return inTime(promise, 'an answer to the upgrade');
  };
  assert.equal(await open(call.protocol, { origin: 'https://evil.example' }), 403);
  assert.equal(await open(`${call.protocol}x`), 403);
  assert.equal(await open('softphone.'), 403);
  assert.equal(await open(call.protocol, { origin: `http://${host}` }), call.protocol);
  assert.equal(rest.opened.length, 1);
  assert.equal(await open(call.protocol), 403);
  assert.equal(rest.opened.length, 1);
  assert.doesNotMatch(server.log.written.join(''), /softphone\.|v1\./);
});

test("a page's token is good for half a minute, and a hundred are outstanding at most", async (t) => {
  const { ask, server } = await set(t);
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  t.mock.method(Date, 'now', () => now);
  const call = () => ask('/api/softphone', { method: 'POST' });
  const answers = [];
  for (let n = 0; n < 101; n++) answers.push(await call());
  assert.ok(answers.slice(0, 100).every(({ status }) => status === 201));
  assert.equal(answers[100]?.status, 503);
  assert.match(answers[100]?.json.error ?? '', /too many are about to begin/);
  now += 30_001;
  assert.equal((await call()).status, 201);
  const protocol = String(answers[0]?.json.protocol);
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/media`, [protocol]);
  const refused = new Promise((resolve) =>
    socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode)),
  );
  socket.on('error', () => {});
  assert.equal(await inTime(refused, 'a refusal'), 403);
  socket.terminate();
});

test('a page is told in words why no call can be taken', async (t) => {
  const { ask, rest } = await set(t);
  const reasons = [
    ['draining', /about to stop/],
    ['full', /as many calls/],
    ['engine', /engine is not ready/],
    ['load', /as many calls as it can answer in time/],
  ] as const;
  for (const [refusal, reason] of reasons) {
    rest.refusal = refusal;
    const { status, json } = await ask('/api/softphone', { method: 'POST' });
    assert.equal(status, 503);
    assert.match(json.error ?? '', reason);
  }
});

const RECORD = { call_sid: CALL_SID, started_at: 0, ended_at: null } as CallRecord;
const WHOLE: WholeCall = {
  call: RECORD,
  turns: [],
  events: [],
  messages: [{ id: 'm1', phone: NUMBER, created_at: 0 } as never, { phone: null } as never],
  reservation: { id: 'r1', phone: '+15550177', phone_last4: '0177' } as never,
};

test('calls are shown as the API shows them, numbers to whoever shows the token', async (t) => {
  const { ask, rest, server } = await set(t);
  rest.page = { calls: [RECORD], next: 'abc' };
  rest.whole = WHOLE;
  const list = await ask('/api/calls?limit=2');
  assert.equal(list.json.next, 'abc');
  assert.equal((await ask('/api/calls?limit=0')).status, 400);
  const one = await ask(`/api/calls/${CALL_SID}`);
  const other = await fetch(`${server.url}/calls/${CALL_SID}`, { headers: BEARER });
  assert.deepEqual(one.json, await other.json());
  assert.doesNotMatch(one.bytes.toString(), /30123456|5550177/);
  assert.equal((await ask('/api/calls/1')).status, 400);
  assert.equal((await ask(`/api/calls/${CALL_SID}/numbers`)).status, 401);
  server.log.written.length = 0;
  const numbers = await ask(`/api/calls/${CALL_SID}/numbers`, { headers: BEARER });
  assert.deepEqual(numbers.json, {
    numbers: [
      { of: 'message', number: NUMBER },
      { of: 'reservation', number: '+15550177' },
    ],
  });
  assert.equal(server.log.saying('numbers of a call shown')[0]?.callSid, CALL_SID);
  assert.doesNotMatch(server.log.written.join(''), /30123456|5550177/);
  rest.whole = undefined;
  assert.equal((await ask(`/api/calls/${CALL_SID}`)).status, 404);
  assert.equal((await ask(`/api/calls/${CALL_SID}/numbers`, { headers: BEARER })).status, 404);
});

test('a recording is played from anywhere', async (t) => {
  const { ask, rest } = await set(t);
  const path = `/api/calls/${CALL_SID}/recording`;
  assert.equal((await ask(path)).status, 404);
  const sound = Buffer.from(Array.from({ length: 100 }, (_, n) => n));
  rest.recording = {
    bytes: 100,
    open: ({ start, end } = { start: 0, end: 99 }) =>
      Readable.from([sound.subarray(start, end + 1)]),
  };
  const whole = await ask(path);
  assert.deepEqual([whole.status, whole.bytes], [200, sound]);
  assert.equal(whole.headers['content-type'], 'audio/wav');
  assert.equal(whole.headers['accept-ranges'], 'bytes');
  const parts: [range: string, status: number, start: number, end: number][] = [
    ['bytes=0-', 206, 0, 99],
    ['bytes=10-19', 206, 10, 19],
    ['bytes=-5', 206, 95, 99],
    ['bytes=-500', 206, 0, 99],
    ['bytes=90-500', 206, 90, 99],
    ['bytes=99-99', 206, 99, 99],
    ['bytes=5-4', 200, 0, 99],
    ['bytes=0-1,3-4', 200, 0, 99],
    ['lines=0-1', 200, 0, 99],
    ['bytes=-', 200, 0, 99],
  ];
  for (const [range, status, start, end] of parts) {
    const part = await ask(path, { headers: { range } });
    assert.equal(part.status, status, range);
    assert.deepEqual(part.bytes, sound.subarray(start, end + 1), range);
    const told = status === 206 ? `bytes ${start}-${end}/100` : undefined;
    assert.equal(part.headers['content-range'], told);
  }
  for (const range of ['bytes=100-', 'bytes=-0']) {
    const { status, headers } = await ask(path, { headers: { range } });
    assert.deepEqual([status, headers['content-range']], [416, 'bytes */100'], range);
  }
});

test('the moments of a call and the analysis of a period are asked of those who know', async (t) => {
  const { ask, rest } = await set(t);
  const path = `/api/calls/${CALL_SID}/moments`;
  assert.equal((await ask(path)).status, 404);
  rest.whole = WHOLE;
  assert.deepEqual((await ask(path)).json, { moments: [], problem: CALL_SID });
  const query = 'from=2026-11-01&to=2026-11-30&zone=Europe/Berlin';
  assert.deepEqual((await ask(`/api/analysis?${query}`)).json, { days: [] });
  assert.deepEqual(rest.periods, [{ from: '2026-11-01', to: '2026-11-30', zone: 'Europe/Berlin' }]);
  const wrong: [query: string, expected: RegExp][] = [
    ['from=2026-11-01&to=2026-11-30', /^zone: expected a time zone such as Europe\/Berlin, got no/],
    [query.replace('Berlin', 'Nowhere'), /^zone: expected a time zone/],
    [query.replace('-30', '-31'), /^to: expected a day such as 2026-12-24, got another text$/],
    [query.replace('2026-11-30', '2026-10-31'), /^to: expected a day that is not before "from"/],
    [query.replace('2026-11-30', '2028-11-30'), /less than 400 days after it/],
    [`${query}&more=1`, /^expected no other fields, got 1/],
  ];
  for (const [asked, expected] of wrong) {
    const { status, json } = await ask(`/api/analysis?${asked}`);
    assert.equal(status, 400, asked);
    assert.match(json.error ?? '', expected);
  }
  assert.equal(rest.periods.length, 1);
});

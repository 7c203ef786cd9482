import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { metricsText } from '../src/ultravox/metrics-text.ts';
import { SteeredProcess, startSteeredServer } from './support/steered-server.ts';
import { CALL_SID } from './support/twilio-hand.ts';

const TOKEN = 'a token of these tests';
const TEXT = 'voice_ready 1\n';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

async function set(t: TestContext, given: Partial<SteeredProcess> = {}) {
  const rest = Object.assign(new SteeredProcess(), {
    apiToken: TOKEN,
    metrics: async () => ({ contentType: CONTENT_TYPE, text: TEXT }),
    ...given,
  });
  const server = await startSteeredServer(rest);
  t.after(async () => {
    rest.feed.close();
    await server.app.close();
  });
  return server;
}

/** Not `fetch`: it lets nobody choose the Host. */
function ask(url: string, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    type: string | undefined;
    text: string;
  }>();
  const asked = httpRequest(`${url}/metrics`, { headers }, async (response) => {
    const text = Buffer.concat(await response.toArray()).toString();
    resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text });
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

const ELSEWHERE = { host: 'calls.example' };
const BEARER = { authorization: `Bearer ${TOKEN}` };

test('whoever is at this machine reads the figures without a token', async (t) => {
  const { url } = await set(t);
  assert.deepEqual(await ask(url), { status: 200, type: CONTENT_TYPE, text: TEXT });
});

test('others need the token, as does everybody where a proxy makes all of them local', async (t) => {
  const { url } = await set(t);
  assert.equal((await ask(url, ELSEWHERE)).status, 401);
  assert.equal((await ask(url, { 'x-forwarded-for': '127.0.0.1' })).status, 401);
  assert.equal((await ask(url, { 'sec-fetch-site': 'cross-site' })).status, 401);
  assert.equal((await ask(url, { ...ELSEWHERE, authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await ask(url, { ...ELSEWHERE, ...BEARER })).text, TEXT);
  for (const access of ['token', 'off'] as const) {
    const strict = await set(t, { access });
    assert.equal((await ask(strict.url)).status, 401, access);
    assert.equal((await ask(strict.url, BEARER)).text, TEXT, access);
  }
});

test('without a token that is set nobody reads them from elsewhere', async (t) => {
  const { url } = await set(t, { apiToken: undefined as never });
  assert.equal((await ask(url, { ...ELSEWHERE, ...BEARER })).status, 403);
});

test('figures that cannot be read are an error, and tell nothing of it', async (t) => {
  const metrics = () => Promise.reject(new Error('a secret'));
  const { url } = await set(t, { metrics });
  const { status, text } = await ask(url);
  assert.equal(status, 500);
  assert.ok(!text.includes('secret'));
});

test('every answer, every wrong signature and every refused call is told of', async (t) => {
  const answered: [string | undefined, number][] = [];
  const rejected: (string | undefined)[] = [];
  const refused: string[] = [];
  const server = await set(t, {
    refusal: 'full',
    watch: {
      answered: (route, status, ms) => {
        assert.ok(ms >= 0);
        answered.push([route, status]);
      },
      signatureRejected: (route) => rejected.push(route),
      callRefused: (reason) => refused.push(reason),
    },
  });
  const form = { CallSid: CALL_SID, From: '+15551234567', To: '+15557654321' };
  await server.twilio.post('/', form);
  await server.twilio.post('/', form, { signature: 'wrong' });
  await server.twilio.post('/status', form, { signature: undefined });
  await fetch(`${server.url}/calls/${CALL_SID}`);
  await fetch(`${server.url}/call-me/at/+15557654321`);
  assert.equal(await server.twilio.upgradeStatus('/media', { signature: 'wrong' }), 403);
  assert.deepEqual(answered, [
    ['/', 200],
    ['/', 403],
    ['/status', 403],
    ['/calls/:sid', 401],
    [undefined, 404],
  ]);
  assert.deepEqual(rejected, ['/', '/status', '/media']);
  assert.deepEqual(refused, ['full']);
});

test('an engine that tells nothing, hangs or floods costs 500 ms and no figure of ours', async (t) => {
  let answer = 'vllm:num_requests_running 1\n';
  const paths: (string | undefined)[] = [];
  const engine = createServer((request, response) => {
    paths.push(request.url);
    if (answer === 'hang') return;
    response.writeHead(answer === 'refuse' ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  t.after(() => engine.closeAllConnections());
  t.after(() => engine.close());
  const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/prefix/v1`;
  assert.equal(await metricsText({ url, apiKey: 'a key' }, 5000), answer);
  assert.deepEqual(paths, ['/prefix/metrics']);
  answer = 'refuse';
  assert.equal(await metricsText({ url }, 5000), undefined);
  answer = 'x'.repeat(3_000_000);
  assert.equal(await metricsText({ url }, 5000), undefined);
  answer = 'hang';
  const from = performance.now();
  assert.equal(await metricsText({ url }, 100), undefined);
  assert.ok(performance.now() - from < 1000);
  assert.equal(await metricsText({ url: 'http://127.0.0.1:1/v1' }, 5000), undefined);
});

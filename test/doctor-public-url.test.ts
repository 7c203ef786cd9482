import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Check } from '../src/doctor/check.ts';
import { mediaSocket } from '../src/doctor/checks/media-socket.ts';
import { publicUrl } from '../src/doctor/checks/public-url.ts';
import { found } from './support/doctor-check.ts';
import { type HttpAnswer, httpAnswers } from './support/http-answers.ts';
import { CERTIFICATE, proxyFront } from './support/proxy-front.ts';
import { AUTH_TOKEN, SteeredProcess, startSteeredServer } from './support/steered-server.ts';

setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE]);

const HEALTH = JSON.stringify({ active_connections: 0, service: 'twilio-ultravox-agent' });

/** The real server behind a proxy, by whose address it is known. */
async function serve(t: TestContext, { secure = true } = {}) {
  const front = await proxyFront(t, { secure });
  const rest = new SteeredProcess();
  const server = await startSteeredServer(rest, { publicUrl: front.url });
  t.after(() => server.app.close());
  front.leadTo(server.url);
  return { rest, server, env: environment(front.url) };
}

/** An address at which nobody listens any more. */
async function nobodyAt(): Promise<string> {
  const cleaning: (() => unknown)[] = [];
  const { url } = await httpAnswers({ after: (clean) => void cleaning.push(clean) }, () => ({}));
  for (const clean of cleaning) await clean();
  return url;
}

function environment(url: string): Record<string, string> {
  return { PUBLIC_URL: url, TWILIO_AUTH_TOKEN: AUTH_TOKEN };
}

async function failing(check: Check, env: Record<string, string>, expected: RegExp) {
  const finding = await found(check, env);
  assert.equal(finding.outcome, 'failure', finding.found);
  assert.match(finding.found, expected);
  assert.ok(finding.next, 'expected advice');
  assert.doesNotMatch(JSON.stringify(finding), new RegExp(AUTH_TOKEN));
}

test('doctor: a public URL passes when signed webhooks come through and forged ones do not', async (t) => {
  const { rest, env } = await serve(t);
  const finding = await found(publicUrl, env);
  assert.equal(finding.outcome, 'pass', finding.found);
  assert.match(finding.found, /answered in \d+ ms, a forged one refused/);
  assert.deepEqual(rest.entries, [], 'expected that nothing is written of it');
});

test('doctor: a server that takes no calls now is a warning, with the reason', async (t) => {
  const { rest, env } = await serve(t);
  rest.refusal = 'engine';
  const finding = await found(publicUrl, env);
  assert.equal(finding.outcome, 'warning', finding.found);
  assert.match(finding.found, /takes no calls now: engine/);
});

test('doctor: an address without TLS is a warning on loopback, where only simulators call', async (t) => {
  const { env } = await serve(t, { secure: false });
  const finding = await found(publicUrl, env);
  assert.equal(finding.outcome, 'warning');
  assert.match(finding.found, /cannot open a media stream/);
});

test('doctor: a server that nobody reaches, and somebody else there, are failures', async (t) => {
  await failing(publicUrl, environment(await nobodyAt()), /ECONNREFUSED/);
  const other = await httpAnswers(t, () => ({ body: '{"status":"healthy"}' }));
  await failing(publicUrl, environment(other.url), /something else answers/);
});

test('doctor: a certificate of another name is a failure', async (t) => {
  const { env } = await serve(t);
  const otherName = env.PUBLIC_URL?.replace('localhost', '127.0.0.1') ?? '';
  await failing(publicUrl, environment(otherName), /ERR_TLS_CERT_ALTNAME_INVALID/);
});

test('doctor: a server with another auth token or another address refuses, and that is told', async (t) => {
  const { server, env } = await serve(t);
  await failing(publicUrl, environment(server.url), /refuses what is signed/);
  await failing(mediaSocket, environment(server.url), /a signed upgrade is refused/);
  const other = { ...env, TWILIO_AUTH_TOKEN: 'another token' };
  const finding = await found(publicUrl, other);
  assert.equal(finding.outcome, 'failure');
  assert.doesNotMatch(JSON.stringify(finding), /another token/);
});

test('doctor: a login before the server, a broken webhook and a forged one that is taken are failures', async (t) => {
  const answers: [webhook: HttpAnswer, expected: RegExp][] = [
    [{ status: 401 }, /a login is asked for/],
    [{ status: 502 }, /answered with 502, expected 200/],
    [{ status: 200 }, /a wrong signature is answered with 200, expected 403/],
  ];
  for (const [webhook, expected] of answers) {
    const server = await httpAnswers(t, ({ url }) =>
      url === '/health' ? { body: HEALTH } : webhook,
    );
    await failing(publicUrl, environment(server.url), expected);
  }
});

test('doctor: a media socket passes when signed upgrades come through and forged ones do not', async (t) => {
  const { rest, env } = await serve(t);
  const finding = await found(mediaSocket, env);
  assert.equal(finding.outcome, 'pass', finding.found);
  assert.equal(rest.opened.length, 1);
});

test('doctor: a media socket without room is a warning', async (t) => {
  const { rest, env } = await serve(t);
  rest.full = true;
  const finding = await found(mediaSocket, env);
  assert.equal(finding.outcome, 'warning', finding.found);
});

test('doctor: a proxy that passes no WebSockets on, and a server that takes all, are failures', async (t) => {
  const plain = await httpAnswers(t, () => ({ status: 426 }));
  await failing(mediaSocket, environment(plain.url), /answered with 426, expected 101/);
  const open = await httpAnswers(t, () => ({}));
  const sockets = new WebSocketServer({ server: open.server });
  t.after(() => sockets.close());
  await failing(mediaSocket, environment(open.url), /a forged upgrade is answered with 101/);
  await failing(mediaSocket, environment(await nobodyAt()), /ECONNREFUSED/);
});

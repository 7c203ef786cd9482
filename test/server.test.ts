import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { loadConfig } from '../src/config.ts';
import { type Orchestrator, startOrchestrator } from '../src/orchestrator.ts';
import { loadProfile } from '../src/restaurant/profile-file.ts';
import { type Simulators, startSimulators } from '../src/stage.ts';
import { issueStreamToken, StreamTokens } from '../src/twilio/stream-token.ts';
import {
  AUTH_TOKEN,
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { CALL_SID, inTime, PUBLIC_URL, parametersIn, TwilioHand } from './support/twilio-hand.ts';

const WEBHOOKS = [
  '/',
  '/continue',
  '/fallback',
  '/brief',
  '/dialled',
  '/recorded',
  '/recording-status',
  '/status',
  '/answered-by',
  '/stream-status',
];
const form = { CallSid: CALL_SID, From: '+15550123', To: '+15550199', Digits: '' };

describe('the server', () => {
  let app: SteeredServer['app'];
  let twilio: TwilioHand;
  let rest: SteeredProcess;
  before(async () => {
    rest = new SteeredProcess();
    ({ app, twilio } = await startSteeredServer(rest));
  });
  beforeEach(() => void Object.assign(rest, new SteeredProcess()));
  after(() => app.close());

  for (const path of WEBHOOKS) {
    test(`POST ${path} without Twilio's signature is refused`, async () => {
      const wrong = [undefined, '', 'wrong', twilio.sign(path), twilio.sign('/other', form)];
      const other = new TwilioHand(twilio.url, 'another token').sign(path, form);
      const ours = twilio.sign(path, form);
      const wrongHost = twilio.sign(path, form, twilio.url);
      for (const signature of [...wrong, other, wrongHost, `${ours}, ${ours}`, `${ours}=`]) {
        const answer = await twilio.post(path, form, { signature });
        assert.equal(answer.status, 403, `with the signature ${signature}`);
        assert.doesNotMatch(answer.text, /Response/);
      }
    });
  }

  test('GET / without the signature is refused, and so is one with another query', async () => {
    const path = `/?CallSid=${CALL_SID}`;
    for (const signature of [undefined, 'wrong', twilio.sign('/')]) {
      assert.equal((await twilio.get(path, { signature })).status, 403);
    }
    const signature = twilio.sign(path);
    assert.equal((await twilio.get(`${path}&More=1`, { signature })).status, 403);
  });

  test('an upgrade without the signature, or elsewhere, is refused', async () => {
    const wss = PUBLIC_URL.replace('https', 'wss');
    for (const signature of [undefined, '', 'wrong', twilio.sign('/', {}, wss)]) {
      assert.equal(await twilio.upgradeStatus('/media', { signature }), 403);
    }
    assert.equal(await twilio.upgradeStatus('/other'), 404);
    assert.equal(await twilio.upgradeStatus('/media?token=1'), 404);
    assert.equal(rest.opened.length, 0);
    assert.equal(await twilio.upgradeStatus('/media'), 101);
    assert.equal(await twilio.upgradeStatus('/media/'), 101);
    assert.equal(rest.opened.length, 2);
    rest.full = true;
    assert.equal(await twilio.upgradeStatus('/media'), 503);
  });

  test('a call is answered at once with its stream, its token, and what comes after it', async () => {
    await twilio.post('/', form);
    const { status, contentType, text, tookMs } = await twilio.post('/', form);
    assert.equal(status, 200);
    assert.match(contentType, /^text\/xml/);
    assert.ok(tookMs < 250, `expected an answer at once, it took ${tookMs} ms`);
    const [, url, name, value, next] =
      /<Connect><Stream url="([^"]+)"[^>]*><Parameter name="(\w+)" value="([^"]+)"\/><Parameter name="direction" value="inbound"\/><Parameter name="caller" value="\+15550123"\/><\/Stream><\/Connect><Redirect method="POST">([^<]+)<\/Redirect><\/Response>$/.exec(
        text,
      ) ?? [];
    assert.equal(url, 'wss://calls.example/agent/media');
    assert.equal(
      next,
      'https://calls.example/agent/continue#rc=5&amp;rp=all&amp;ct=1000&amp;rt=7000',
    );
    assert.equal(name, 'token');
    const claims = { direction: 'inbound', caller: '+15550123' };
    const tokens = new StreamTokens({ secret: AUTH_TOKEN });
    assert.equal(tokens.redeem(value!, CALL_SID), 'forged', 'expected it to hold the others too');
    assert.equal(tokens.redeem(value!, CALL_SID, claims), 'ok');
  });

  test('GET / takes the parameters from the query', async () => {
    const { status, text } = await twilio.get(`/?CallSid=${CALL_SID}&From=%2B15550123`);
    assert.equal(status, 200);
    const { token = '', ...claims } = parametersIn(text);
    const tokens = new StreamTokens({ secret: AUTH_TOKEN });
    assert.equal(tokens.redeem(token, CALL_SID, claims), 'ok');
  });

  test('/health says exactly what it always has', async () => {
    rest.active = 3;
    const { status, text } = await twilio.get('/health', { signature: undefined });
    assert.equal(status, 200);
    const service = 'twilio-ultravox-agent';
    assert.equal(text, `{"status":"healthy","active_connections":3,"service":"${service}"}`);
  });

  test('/ready is 503 with the reason while no call can be taken', async () => {
    for (const reason of ['engine', 'draining', 'full'] as const) {
      rest.refusal = reason;
      const { status, text } = await twilio.get('/ready', { signature: undefined });
      assert.equal(status, 503);
      assert.deepEqual(JSON.parse(text), { ready: false, reason, engine: 'ready.trusted' });
    }
    rest.refusal = undefined;
    assert.equal((await twilio.get('/ready', { signature: undefined })).status, 200);
  });

  describe('what is not a call of Twilio is refused without a fault of our own:', () => {
    const NONSENSE: [string, () => Promise<{ status: number }>][] = [
      ['a body over 16 KiB', () => twilio.post('/', { ...form, More: 'x'.repeat(17_000) })],
      [
        'a repeated key',
        () => {
          const body = `${new URLSearchParams(form)}&CallSid=${CALL_SID}`;
          return twilio.post('/', form, { body });
        },
      ],
      ['no CallSid', () => twilio.post('/', { From: '+15550123' })],
      ['no CallSid in a query', () => twilio.get('/?From=1')],
      ['two CallSids in a query', () => twilio.get(`/?CallSid=${CALL_SID}&CallSid=${CALL_SID}`)],
      ['a malformed CallSid', () => twilio.post('/', { CallSid: '<Say>' })],
      ['a malformed CallSid afterwards', () => twilio.post('/continue', { CallSid: 'CA1' })],
      ['JSON', () => json({ ...form })],
      ['a JSON list', () => json([1])],
      ['a JSON string', () => json('x')],
      ['JSON null', () => json(null)],
      ['broken JSON', () => twilio.post('/', {}, { contentType: 'application/json', body: '{' })],
      ['XML', () => twilio.post('/', {}, { contentType: 'text/xml', body: '<a/>' })],
      ['text', () => twilio.post('/', {}, { contentType: 'text/plain', body: 'CallSid' })],
      ['no body at all', () => twilio.post('/', {}, { body: '' })],
      ['broken escapes', () => twilio.post('/', { '%E0%A4%A': '' }, { body: '%E0%A4%A=' })],
      ['broken escapes in a query', () => twilio.get('/?CallSid=%E0%A4%A')],
      ['a prototype', () => twilio.post('/', {}, { body: '__proto__[CallSid]=1&__proto__=1' })],
    ];
    const json = (value: unknown) =>
      twilio.post('/', {}, { contentType: 'application/json', body: JSON.stringify(value) });
    for (const [what, send] of NONSENSE) {
      test(what, async () => {
        const { status } = await send();
        assert.ok(status >= 400 && status < 500, `got ${status}`);
      });
    }
  });

  test('a stranger who keeps a refused upgrade open does not keep the server from closing', async () => {
    const { port } = app.server.address() as AddressInfo;
    const stranger = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const refused = new Promise<string>((resolve) =>
      stranger.once('data', (data) => resolve(String(data))),
    );
    stranger.on('error', () => {});
    stranger.write(
      'GET /media HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    assert.match(await inTime(refused, 'a refusal'), /^HTTP\/1\.1 403/);
    await inTime(app.close(), 'the server to close', 2000).finally(() => stranger.destroy());
  });
});

describe('two replicas with one auth token', () => {
  let simulators: Simulators;
  let replicas: Orchestrator[];
  let hands: [TwilioHand, TwilioHand];
  let accountSid: string;
  let authToken: string;
  before(async () => {
    simulators = await startSimulators({ cartesia: { voice: 'tone', realTimeFactor: 50 } });
    const { env } = simulators;
    const configs = ['a', 'b'].map((name) =>
      loadConfig({ ...env, DATA_DIRECTORY: `${env.DATA_DIRECTORY}/${name}` }),
    );
    ({ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = configs[0]!);
    const options = { log: pino({ level: 'silent' }), profile: loadProfile({ env }) };
    replicas = await Promise.all(configs.map((config) => startOrchestrator(config, options)));
    await Promise.all(replicas.map(({ engine }) => engine.ready(10_000)));
    const [a, b] = replicas.map(({ url }) => new TwilioHand(url, authToken));
    hands = [a!, b!];
  });
  after(async () => {
    await Promise.all(replicas.map((replica) => replica.close(0)));
    await simulators.close();
  });

  const parameters = async () => parametersIn((await hands[0].post('/', form)).text);

  test('the stream may start on the other one, and only once on each', async () => {
    const ours = await parameters();
    const stream = await hands[1].openStream(ours, { accountSid });
    await stream.speaks();
    const copy = await hands[1].openStream(ours, { accountSid });
    assert.equal(await copy.closed(), 1008, 'expected a copy to be refused during the call');
    assert.equal(replicas[1]!.calls.active, 1, 'expected the call itself to go on');
    await stream.hangUp();
    const replay = await hands[1].openStream(ours, { accountSid });
    assert.equal(await replay.closed(), 1008, 'expected a replay to be refused after the call');
  });

  test('a token that is wrong in any way closes the stream with 1008', async () => {
    const nowMs = Date.now();
    const secret = authToken;
    const wrong: [string, string][] = [
      ['none', ''],
      ['nonsense', 'v1.a.b.c.d'],
      ['forged', issueStreamToken({ secret: 'another', callSid: CALL_SID, nowMs })],
      ['expired', issueStreamToken({ secret, callSid: CALL_SID, nowMs: nowMs - 40_000 })],
      ['of another call', issueStreamToken({ secret, callSid: `CA${'2'.repeat(32)}`, nowMs })],
    ];
    for (const [what, token] of wrong) {
      const stream = await hands[0].openStream({ token }, { accountSid });
      assert.equal(await stream.closed(), 1008, what);
    }
    const other = { ...(await parameters()), caller: '+15550199' };
    const pretended = await hands[0].openStream(other, { accountSid });
    assert.equal(await pretended.closed(), 1008, 'with the number of another caller');
    const account = { accountSid: `AC${'6'.repeat(32)}` };
    const foreign = await hands[0].openStream(await parameters(), account);
    assert.equal(await foreign.closed(), 1008, 'of another account');
    assert.equal(replicas[0]!.calls.active, 0);
  });
});

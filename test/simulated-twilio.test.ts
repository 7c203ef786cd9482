import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { readWav } from '../src/audio/wav.ts';
import type { CallReport } from '../src/simulators/twilio/call-report.ts';
import { CallerError } from '../src/simulators/twilio/caller.ts';
import type { PlaceCall } from '../src/simulators/twilio/place-call.ts';
import {
  type SimulatedTwilioOptions,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import { stereoWav } from '../src/simulators/twilio/stereo-wav.ts';
import { TwilioRest, type TwilioRestError } from '../src/twilio/rest.ts';
import { isSignedRequest, isSignedUpgrade } from '../src/twilio/signature.ts';
import { connectStream, dialPerson, hangUp, takeVoicemail } from '../src/twilio/twiml.ts';
import { startVoiceServer, type VoiceServerOptions } from './support/voice-server.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'a test token';
const tone = new Uint8Array(1600).fill(0x20);

/** A server whose `/` connects a stream, and which hangs up everywhere else. */
const streaming: Pick<VoiceServerOptions, 'webhook'> = {
  webhook: (path, _form, url) => (path === '/' ? streamTwiml(url) : hangUp()),
};

function streamTwiml(url: string, parameters: Record<string, string> = {}): string {
  return connectStream({
    streamUrl: `${url.replace('http', 'ws')}/media`,
    statusCallbackUrl: `${url}/status`,
    parameters,
    continueUrl: `${url}/continue`,
  });
}

async function call(
  t: TestContext,
  server: VoiceServerOptions,
  place: Omit<PlaceCall, 'webhookUrl'>,
  options: Partial<SimulatedTwilioOptions> = {},
) {
  const voice = await startVoiceServer(server);
  t.after(() => voice.close());
  const twilio = await startSimulatedTwilio({ accountSid, authToken, seed: 7, ...options });
  t.after(() => twilio.close());
  const placed = twilio.placeCall({ webhookUrl: `${voice.url}/`, maxMs: 8000, ...place });
  return { voice, twilio, placed };
}

/** The messages of a socket, parsed, as they come. */
function messagesOf(socket: WebSocket): Array<Record<string, never>> {
  const messages: Array<Record<string, never>> = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  return messages;
}

function media(streamSid: string, bytes: Uint8Array): string {
  const payload = Buffer.from(bytes).toString('base64');
  return JSON.stringify({ event: 'media', streamSid, media: { payload } });
}

function types(report: CallReport): string[] {
  return report.timeline.map((entry) => entry.type);
}

test('a call runs from its webhook to its end and says what happened', async (t) => {
  let messages: Array<Record<string, never>> = [];
  const { voice, placed } = await call(
    t,
    {
      ...streaming,
      stream: (socket) => {
        messages = messagesOf(socket);
      },
    },
    {
      caller: async (caller) => {
        const times = await caller.say(tone);
        assert.ok(times.lastSampleAt - times.firstSampleAt > 150);
        await caller.press('5');
        await caller.pause(40);
      },
    },
    { firstTimestampMs: 155 },
  );
  const report = await placed.ended;
  assert.equal(report.scriptError, undefined);
  assert.deepEqual(report.violations, []);
  assert.equal(report.outcome, 'completed');
  assert.equal(report.endedBy, 'caller');
  assert.deepEqual(report.verbs, ['Connect']);
  assert.deepEqual(
    report.callbacks.map((form) => form.StreamEvent),
    ['stream-started', 'stream-stopped'],
  );
  assert.equal(voice.webhooks[0]?.form.CallStatus, 'ringing');
  assert.deepEqual(messages[0], { event: 'connected', protocol: 'Call', version: '1.0.0' });
  const sequenced = messages.slice(1) as unknown as Array<{
    event: string;
    sequenceNumber: string;
    media?: { timestamp: string; chunk: string; payload: string };
  }>;
  assert.deepEqual(
    sequenced.map((message) => message.sequenceNumber),
    sequenced.map((_, i) => String(i + 1)),
  );
  assert.equal(sequenced[0]?.event, 'start');
  assert.equal(sequenced.at(-1)?.event, 'stop');
  assert.equal(sequenced.filter((message) => message.event === 'dtmf').length, 1);
  const frames = sequenced.flatMap((message) => message.media ?? []);
  assert.deepEqual(
    frames.map((frame) => Number(frame.timestamp)),
    frames.map((_, i) => 155 + i * 20),
  );
  const said = frames.filter((frame) => Buffer.from(frame.payload, 'base64')[0] === 0x20);
  assert.equal(said.length, 10);
});

test('sound is played at its own pace and a mark comes back when what precedes it is heard', async (t) => {
  let echoedMs = 0;
  let sentMs = 0;
  const { placed } = await call(
    t,
    {
      ...streaming,
      stream: (socket) => {
        socket.on('message', (data) => {
          const message = JSON.parse(String(data));
          const { streamSid } = message;
          if (message.event === 'start') {
            socket.send(media(streamSid, tone));
            socket.send(JSON.stringify({ event: 'mark', streamSid, mark: { name: 'm' } }));
            sentMs = performance.now();
          }
          if (message.event === 'mark') {
            echoedMs = performance.now();
            socket.close(1000);
          }
        });
      },
    },
    { caller: (caller) => caller.hungUp() },
  );
  const report = await placed.ended;
  assert.deepEqual(report.violations, []);
  assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Hangup']);
  assert.equal(report.endedBy, 'document');
  const tookMs = echoedMs - sentMs;
  assert.ok(tookMs > 175 && tookMs < 2000, `200 ms of sound took ${tookMs} ms`);
  assert.equal(report.agentTrack.filter((byte) => byte === 0x20).length, tone.length);
  assert.equal(report.agentTrack.length, report.callerTrack.length);
  assert.ok(types(report).includes('agentAudible'));
});

test('clear drops what waits and returns its marks at once', async (t) => {
  const names: string[] = [];
  const { placed } = await call(
    t,
    {
      ...streaming,
      stream: (socket) => {
        socket.on('message', (data) => {
          const message = JSON.parse(String(data));
          const { streamSid } = message;
          if (message.event === 'start') {
            socket.send(media(streamSid, new Uint8Array(80_000)));
            for (const name of ['a', 'b']) {
              socket.send(JSON.stringify({ event: 'mark', streamSid, mark: { name } }));
            }
            socket.send(JSON.stringify({ event: 'clear', streamSid }));
          }
          if (message.event === 'mark') names.push(message.mark.name);
          if (names.length === 2) socket.close(1000);
        });
      },
    },
    { caller: (caller) => caller.hungUp() },
  );
  const report = await placed.ended;
  assert.deepEqual(names, ['a', 'b']);
  assert.deepEqual(report.violations, []);
  assert.ok(report.agentTrack.filter((byte) => byte === 0).length < 8000);
});

test('messages that Twilio would warn of are violations', async (t) => {
  const { placed } = await call(
    t,
    {
      ...streaming,
      stream: (socket) => {
        socket.on('message', (data) => {
          const { event, streamSid } = JSON.parse(String(data));
          if (event !== 'start') return;
          socket.send(Buffer.from('binary'));
          socket.send('no json');
          socket.send(JSON.stringify({ event: 'clear', streamSid, extra: 1 }));
          socket.send(JSON.stringify({ event: 'clear', streamSid: 'MZother' }));
          socket.close(1000);
        });
      },
    },
    { caller: (caller) => caller.hungUp() },
  );
  assert.deepEqual((await placed.ended).violations, [
    '31950 binary message',
    '31951 invalid message',
    '31951 wrong streamSid',
  ]);
});

test('a refused upgrade is reported and the next verb runs', async (t) => {
  const { voice, placed } = await call(
    t,
    { ...streaming, acceptUpgrade: () => false },
    { caller: async () => assert.fail('there was no stream') },
  );
  const report = await placed.ended;
  assert.deepEqual(report.violations, ['31920 the upgrade was refused']);
  assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Hangup']);
  assert.ok(voice.webhooks.some(({ form }) => form.StreamEvent === 'stream-error'));
});

test('after a dropped stream the call goes on with a new one', async (t) => {
  let streams = 0;
  const { placed } = await call(
    t,
    {
      webhook: (path, _form, url) => (path === '/status' ? hangUp() : streamTwiml(url)),
      stream: (socket) => {
        streams++;
        messagesOf(socket);
      },
    },
    {
      caller: async (caller) => {
        await caller.pause(60);
        caller.drop();
        await caller.pause(100);
        while (!caller.connected) await caller.pause(20);
      },
    },
  );
  const report = await placed.ended;
  assert.equal(report.scriptError, undefined);
  assert.equal(streams, 2);
  assert.equal(report.endedBy, 'caller');
});

for (const publicUrl of ['https://h.example/v4/p-1/app', 'https://h.example:8443', undefined]) {
  test(`requests and upgrades are signed over ${publicUrl ?? 'the real URL'}`, async (t) => {
    const upgrades: Array<{ signature: string; path: string }> = [];
    const { voice, placed } = await call(
      t,
      {
        webhook: (path, _form, url) => (path === '/' ? streamTwiml(publicUrl ?? url) : hangUp()),
        acceptUpgrade: (request) => {
          const signature = String(request.headers['x-twilio-signature']);
          upgrades.push({ signature, path: request.url ?? '' });
          return true;
        },
        stream: (socket) => void messagesOf(socket),
      },
      { ...(publicUrl ? { publicUrl } : {}), caller: (caller) => caller.pause(40) },
      { signUpgrade: publicUrl ? 'trailingSlash' : 'plain' },
    );
    const report = await placed.ended;
    assert.deepEqual(report.violations, []);
    const known = publicUrl ?? voice.url;
    assert.equal(upgrades.length, 1);
    for (const upgrade of upgrades) {
      assert.ok(isSignedUpgrade({ authToken, publicUrl: known, ...upgrade }));
    }
    assert.equal(voice.webhooks.length, 3);
    for (const { path, form, signature } of voice.webhooks) {
      const options = { authToken, signature, publicUrl: known, path, params: form };
      assert.ok(isSignedRequest(options), path);
      assert.equal(isSignedRequest({ ...options, params: { ...form, To: '+1' } }), false);
    }
  });
}

test('sound that waits when the server closes is discarded, or played if so set', async (t) => {
  for (const onServerClose of ['discard', 'drain'] as const) {
    const { placed } = await call(
      t,
      {
        ...streaming,
        stream: (socket) => {
          socket.on('message', (data) => {
            const { event, streamSid } = JSON.parse(String(data));
            if (event !== 'start') return;
            socket.send(media(streamSid, tone));
            socket.close(1000);
          });
        },
      },
      { caller: (caller) => caller.hungUp() },
      { onServerClose },
    );
    const report = await placed.ended;
    const heard = report.agentTrack.filter((byte) => byte === 0x20).length;
    assert.ok(onServerClose === 'drain' ? heard === tone.length : heard < tone.length);
  }
});

test('what follows a socket that dies without a close frame is redirected to, or ends the call', async (t) => {
  const dying = {
    ...streaming,
    stream: (socket: WebSocket) => void socket.on('message', () => socket.terminate()),
  };
  for (const [leadsTo, verbs, outcome] of [
    ['redirect', ['Connect', 'Redirect', 'Hangup'], 'completed'],
    ['error', ['Connect'], 'application-error'],
  ] as const) {
    const { placed } = await call(
      t,
      dying,
      { caller: (caller) => caller.hungUp() },
      { onSocketLost: { leadsTo, afterMs: 50 } },
    );
    const report = await placed.ended;
    const at = (type: string) => report.timeline.find((entry) => entry.type === type)?.atMs ?? 0;
    assert.equal(report.timeline.find(({ type }) => type === 'stopped')?.name, 'lost');
    assert.deepEqual(report.verbs, verbs);
    assert.equal(report.outcome, outcome);
    assert.ok(at('ended') - at('stopped') >= 49, 'expected Twilio to take its time');
  }
});

test('what the caller hears is given out as it is played', async (t) => {
  const heard: Uint8Array[] = [];
  const { placed } = await call(
    t,
    {
      ...streaming,
      stream: (socket) => {
        socket.on('message', (data) => {
          const { event, streamSid } = JSON.parse(String(data));
          if (event === 'start') socket.send(media(streamSid, tone));
        });
      },
    },
    {
      onHeard: (mulaw) => heard.push(mulaw),
      caller: async (caller) => {
        await caller.agentSpeaking();
        await caller.agentSilent(100);
      },
    },
  );
  const report = await placed.ended;
  assert.deepEqual(new Uint8Array(Buffer.concat(heard)), tone);
  assert.equal(heard.length, report.agentTrack.length / 160);
});

test('a server that is not there is tried twice, and a call that is too long is cut', async (t) => {
  const { voice, twilio, placed } = await call(
    t,
    { ...streaming, stream: (socket) => void messagesOf(socket) },
    { caller: (caller) => caller.hungUp(), maxMs: 100 },
  );
  const cut = await placed.ended;
  assert.equal(cut.endedBy, 'duration');
  assert.deepEqual(cut.violations, ['the call was cut after 100 ms']);
  await voice.close();
  const lost = twilio.placeCall({ webhookUrl: `${voice.url}/`, caller: async () => {} });
  const report = await lost.ended;
  assert.equal(report.outcome, 'application-error');
  assert.equal(types(report).filter((type) => type === 'webhook').length, 2);
  assert.deepEqual(report.violations, ['11205 no answer from a webhook']);
});

test('a failing webhook falls back, and without a fallback the call ends in an error', async (t) => {
  const server: VoiceServerOptions = { webhook: (path) => (path === '/' ? 500 : hangUp()) };
  const caller = async () => {};
  const first = await call(t, server, { caller });
  const failed = await first.placed.ended;
  assert.equal(failed.outcome, 'application-error');
  assert.deepEqual(failed.violations, ['11217 HTTP 500 from a webhook']);
  const fallbackUrl = `${first.voice.url}/fallback`;
  const second = first.twilio.placeCall({ webhookUrl: `${first.voice.url}/`, fallbackUrl, caller });
  assert.equal((await second.ended).outcome, 'completed');
  assert.equal(first.voice.webhooks.at(-1)?.form.ErrorCode, '11217');
});

test('a dialled person who does not answer leads to voicemail', async (t) => {
  const { voice, placed } = await call(
    t,
    {
      webhook: (path, _form, url) => {
        if (path === '/') {
          const actionUrl = `${url}/dialled`;
          return dialPerson({ number: '+14155550123', actionUrl, timeoutS: 20, timeLimitS: 600 });
        }
        if (path === '/dialled') {
          return takeVoicemail({ text: 'Please.', actionUrl: `${url}/done`, maxLengthS: 60 });
        }
        return hangUp();
      },
    },
    { caller: async () => {}, dial: 'no-answer' },
  );
  const report = await placed.ended;
  assert.deepEqual(report.violations, []);
  assert.deepEqual(report.verbs, ['Dial', 'Say', 'Record', 'Hangup']);
  assert.equal(voice.webhooks[1]?.form.DialCallStatus, 'no-answer');
  assert.match(voice.webhooks[2]?.form.RecordingUrl ?? '', /^https:/);
});

test('REST ends a call, redirects a call, and knows the calls that are over', async (t) => {
  const { twilio, placed } = await call(
    t,
    { ...streaming, stream: (socket) => void messagesOf(socket) },
    { caller: (caller) => caller.hungUp() },
  );
  const rest = new TwilioRest({ accountSid, authToken, baseUrl: twilio.restUrl });
  await new Promise((resolve) => placed.once('started', resolve));
  await rest.redirect(placed.callSid, hangUp());
  const report = await placed.ended;
  assert.deepEqual(report.verbs, ['Connect', 'Hangup']);
  await rest.hangUp(placed.callSid);
  await rest.hangUp('CAunknown');
  await assert.rejects(
    rest.redirect(placed.callSid, hangUp()),
    (error: TwilioRestError) => error.kind === 'ended' && error.code === 21220,
  );
  const stranger = new TwilioRest({ accountSid, authToken: 'wrong', baseUrl: twilio.restUrl });
  await assert.rejects(
    stranger.hangUp(placed.callSid),
    (error: TwilioRestError) => error.kind === 'refused' && error.status === 401,
  );
});

test('what a script throws is in the report and ends the call', async (t) => {
  const { placed } = await call(
    t,
    { ...streaming, stream: (socket) => void messagesOf(socket) },
    {
      caller: async (caller) => {
        await caller.agentSpeaking(100);
      },
    },
  );
  const report = await placed.ended;
  assert.ok(report.scriptError instanceof CallerError);
  assert.equal(report.scriptError.kind, 'timeout');
  assert.equal(report.endedBy, 'error');
});

test('the stereo file has the caller on the left and the agent on the right', () => {
  const callerTrack = new Uint8Array(160).fill(0xff);
  const agentTrack = new Uint8Array(160).fill(0x80);
  const wav = readWav(stereoWav({ callerTrack, agentTrack }));
  assert.equal(wav.channels, 2);
  assert.deepEqual([...wav.samples.slice(0, 2)], [0, 32124]);
});

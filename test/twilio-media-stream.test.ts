import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Caller } from '../src/simulators/twilio/caller.ts';
import {
  type SimulatedTwilioOptions,
  startSimulatedTwilio,
} from '../src/simulators/twilio/simulated-twilio.ts';
import {
  acceptMediaStream,
  type MediaStream,
  MediaStreamError,
  type MediaStreamHandlers,
} from '../src/twilio/media-stream.ts';
import { StreamTokens } from '../src/twilio/stream-token.ts';
import { connectStream, hangUp } from '../src/twilio/twiml.ts';
import { startVoiceServer } from './support/voice-server.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'a test token';

/** What a stream told its owner. */
class Owner implements MediaStreamHandlers {
  readonly audio: Array<{ mulaw: Uint8Array; timestampMs: number }> = [];
  readonly lost: Array<{ mulaw: Uint8Array; timestampMs: number }> = [];
  readonly digits: string[] = [];
  readonly problems = new Map<string, number>();
  readonly ended: Promise<string>;
  onEnded!: (how: 'stop' | 'closed') => void;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.onEnded = resolve;
    });
  }

  onAudio(mulaw: Uint8Array, timestampMs: number): void {
    this.audio.push({ mulaw: mulaw.slice(), timestampMs });
  }

  onLost(mulaw: Uint8Array, timestampMs: number): void {
    this.lost.push({ mulaw, timestampMs });
  }

  onDigit(digit: string): void {
    this.digits.push(digit);
  }

  onProblem(kind: string, count: number): void {
    this.problems.set(kind, count);
  }
}

/** A call through the simulator to a stream that is accepted as a server would. */
async function call(
  t: TestContext,
  script: (caller: Caller) => Promise<void>,
  onStream: (stream: MediaStream) => void,
  options: Partial<SimulatedTwilioOptions> = {},
) {
  const tokens = new StreamTokens({ secret: authToken });
  const voice = await startVoiceServer({
    webhook: (path, form, url) => {
      if (path !== '/') return hangUp();
      return connectStream({
        streamUrl: `${url.replace('http', 'ws')}/media`,
        statusCallbackUrl: `${url}/status`,
        parameters: { token: tokens.issue(form.CallSid ?? '') },
        continueUrl: `${url}/continue`,
      });
    },
    stream: (socket) => {
      const verify = (start: MediaStream['start']) =>
        tokens.redeem(start.customParameters.get('token') ?? '', start.callSid) === 'ok';
      acceptMediaStream(socket, { firstMessagesMs: 2000, verify }).then(onStream);
    },
  });
  t.after(() => voice.close());
  const twilio = await startSimulatedTwilio({ accountSid, authToken, seed: 3, ...options });
  t.after(() => twilio.close());
  return twilio.placeCall({ webhookUrl: `${voice.url}/`, caller: script, maxMs: 10_000 });
}

/** A socket pair, and a client that says what it likes. */
async function connect(t: TestContext): Promise<{ client: WebSocket; server: WebSocket }> {
  let accept: (socket: WebSocket) => void = () => {};
  const accepted = new Promise<WebSocket>((resolve) => {
    accept = resolve;
  });
  const voice = await startVoiceServer({ webhook: () => 404, stream: (socket) => accept(socket) });
  t.after(() => voice.close());
  const client = new WebSocket(`${voice.url.replace('http', 'ws')}/`);
  await new Promise((resolve) => client.once('open', resolve));
  return { client, server: await accepted };
}

const connected = '{"event":"connected","protocol":"Call","version":"1.0.0"}';

function startText(token = 't'): string {
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
  const customParameters = { token };
  const start = {
    accountSid: 'AC1',
    callSid: 'CA1',
    streamSid: 'MZ1',
    mediaFormat,
    customParameters,
  };
  return JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid: 'MZ1', start });
}

function mediaText(sequence: number, chunk: number, timestampMs: number, fill = 0x55): string {
  const payload = Buffer.alloc(160, fill).toString('base64');
  const media = { track: 'inbound', chunk: `${chunk}`, timestamp: `${timestampMs}`, payload };
  return JSON.stringify({ event: 'media', sequenceNumber: `${sequence}`, streamSid: 'MZ1', media });
}

function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** A stream that is accepted and listened to, and the client that feeds it. */
async function accepted(t: TestContext, options: { silentSocketMs?: number } = {}) {
  const { client, server } = await connect(t);
  const accepting = acceptMediaStream(server, {
    firstMessagesMs: 2000,
    verify: () => true,
    ...options,
  });
  client.send(connected);
  client.send(startText());
  const stream = await accepting;
  const owner = new Owner();
  return { client, server, stream, owner };
}

test("a caller's words and keys arrive, and stop ends the stream", async (t) => {
  const owner = new Owner();
  const words = new Uint8Array(1600).map((_, i) => i % 97);
  const placed = await call(
    t,
    async (caller) => {
      await caller.say(words);
      await caller.press('#');
      await caller.pause(40);
    },
    (stream) => stream.listen(owner),
  );
  assert.equal(await owner.ended, 'stop');
  const report = await placed.ended;
  assert.deepEqual(report.violations, []);
  assert.deepEqual(owner.digits, ['#']);
  assert.equal(owner.problems.size, 0);
  const heard = Buffer.concat(owner.audio.map(({ mulaw }) => mulaw));
  assert.ok(heard.includes(Buffer.from(words)));
});

test('a connection that breaks without stop ends the stream as closed', async (t) => {
  const owner = new Owner();
  await call(
    t,
    async (caller) => {
      await caller.pause(40);
      caller.drop();
    },
    (stream) => stream.listen(owner),
  );
  assert.equal(await owner.ended, 'closed');
});

test('the caller hears all that is played, never more than the lead ahead', async (t) => {
  const sound = new Uint8Array(12_000).map((_, i) => i % 89);
  const finished: string[] = [];
  const placed = await call(
    t,
    (caller) => caller.hungUp(),
    (stream) => {
      stream.listen(new Owner());
      stream.playback.begin({
        onFinished: (how) => {
          finished.push(how);
          assert.equal(stream.playback.heardMs, 1500);
          stream.close();
        },
      });
      for (let at = 0; at < sound.length; at += 700) {
        stream.playback.write(sound.subarray(at, at + 700));
      }
      stream.playback.end();
    },
  );
  const report = await placed.ended;
  assert.deepEqual(finished, ['echoed']);
  assert.deepEqual(report.violations, []);
  assert.ok(Buffer.from(report.agentTrack).includes(Buffer.from(sound)), 'without a gap');
  const leads = report.timeline.flatMap(({ bufferedMs }) => bufferedMs ?? []);
  // The pacer's own test holds it to 400; here the simulator's clock may be late as well.
  assert.ok(Math.max(...leads) <= 600, `lead ${Math.max(...leads)} ms`);
});

test('clear stops the sound in mid-word and the next words are heard at once', async (t) => {
  let heardMs = 0;
  const finished: string[] = [];
  const placed = await call(
    t,
    async (caller) => {
      await caller.agentSpeaking();
      await caller.pause(500);
      await caller.press('1');
      await caller.hungUp();
    },
    (stream) => {
      const owner = new Owner();
      owner.onDigit = () => {
        heardMs = stream.playback.clear();
        stream.playback.begin({
          onFinished: (how) => {
            finished.push(how);
            stream.close();
          },
        });
        stream.playback.write(new Uint8Array(1600).fill(0x22));
        stream.playback.end();
      };
      stream.listen(owner);
      stream.playback.begin({ onFinished: () => finished.push('the cleared one') });
      stream.playback.write(new Uint8Array(80_000).fill(0x11));
      stream.playback.end();
    },
  );
  const report = await placed.ended;
  assert.deepEqual(finished, ['echoed']);
  assert.deepEqual(report.violations, []);
  const before = report.agentTrack.filter((byte) => byte === 0x11).length / 8;
  assert.ok(before < 2000, `${before} ms of the cleared words were played`);
  // The simulator's clock may be late, and a mark that is on its way holds 200 ms back.
  assert.ok(heardMs <= before + 120 && heardMs >= before - 220, `heard ${heardMs} of ${before}`);
  assert.equal(report.agentTrack.filter((byte) => byte === 0x22).length, 1600);
  assert.ok(report.agentTrack.lastIndexOf(0x11) < report.agentTrack.indexOf(0x22));
  const clears = report.timeline.filter(({ type }) => type === 'clear');
  assert.equal(clears.length, 1);
});

for (const markBehaviour of ['instant', 'never'] as const) {
  test(`playback ends with a peer whose marks come back ${markBehaviour}`, async (t) => {
    const placed = await call(
      t,
      (caller) => caller.hungUp(),
      (stream) => {
        stream.listen(new Owner());
        stream.playback.begin({ onFinished: () => stream.close() });
        stream.playback.write(new Uint8Array(2400).fill(0x33));
        stream.playback.end();
      },
      { markBehaviour },
    );
    const report = await placed.ended;
    assert.equal(report.endedBy, 'document');
    assert.ok(report.agentTrack.filter((byte) => byte === 0x33).length > 2000);
  });
}

test('frames that the network loses are told as lost, so that time stays true', async (t) => {
  const owner = new Owner();
  const placed = await call(
    t,
    (caller) => caller.pause(1000),
    (stream) => stream.listen(owner),
    { dropFrames: 0.3, firstTimestampMs: 137 },
  );
  await owner.ended;
  const report = await placed.ended;
  const first = owner.audio[0]?.timestampMs ?? 0;
  const last = owner.audio.at(-1)?.timestampMs ?? 0;
  const sound = [...owner.audio, ...owner.lost];
  const bytes = sound.reduce((sum, { mulaw }) => sum + mulaw.length, 0);
  assert.equal(bytes / 8, last - first + 20);
  assert.ok(owner.lost.length >= 5, `${owner.lost.length} frames were lost`);
  const times = sound.map(({ timestampMs }) => timestampMs).sort((a, b) => a - b);
  assert.deepEqual(
    times,
    times.map((_, i) => first + i * 20),
  );
  assert.ok(report.callerTrack.length >= bytes);
});

test('audio that comes before listen is kept, also when the stream has ended since', async (t) => {
  const { client, stream, owner } = await accepted(t);
  client.send(mediaText(2, 1, 100));
  client.send(mediaText(3, 2, 120));
  client.close();
  await closeCode(client);
  stream.listen(owner);
  assert.equal(owner.audio.length, 2);
  assert.equal(await owner.ended, 'closed');
});

test('what a peer should not send is counted by its kind and ignored', async (t) => {
  const { client, stream, owner } = await accepted(t);
  stream.listen(owner);
  client.send('no json');
  client.send('no json either');
  client.send(Buffer.from([1, 2, 3]));
  client.send(startText());
  client.send(mediaText(2, 1, 100).replace('"MZ1"', '"MZ2"'));
  client.send(mediaText(5, 4, 100));
  client.send(mediaText(5, 5, 120));
  client.send(mediaText(6, 4, 120));
  client.send(`"${'x'.repeat(20_000)}"`);
  client.close();
  assert.equal(await owner.ended, 'closed');
  assert.deepEqual(Object.fromEntries(owner.problems), {
    notJson: 2,
    binary: 1,
    unexpected: 1,
    foreign: 1,
    outOfOrder: 2,
    oversized: 1,
  });
  assert.equal(owner.audio.length, 1);
});

test('a stream that is not verified, or does not begin as one, is closed with 1008', async (t) => {
  const beginnings: Array<{ texts: string[]; kind: string }> = [
    { texts: [connected, startText('wrong')], kind: 'refused' },
    { texts: [mediaText(2, 1, 100)], kind: 'notAStream' },
    { texts: [connected, connected], kind: 'notAStream' },
    { texts: ['hello'], kind: 'notAStream' },
  ];
  for (const { texts, kind } of beginnings) {
    const { client, server } = await connect(t);
    const accepting = acceptMediaStream(server, {
      firstMessagesMs: 2000,
      verify: (start) => start.customParameters.get('token') === 't',
    });
    for (const text of texts) client.send(text);
    const closed = closeCode(client);
    await assert.rejects(accepting, (error: MediaStreamError) => error.kind === kind);
    assert.equal(await closed, 1008);
  }
});

test('a socket that stays silent at first is closed at the deadline', async (t) => {
  const { client, server } = await connect(t);
  const closed = closeCode(client);
  await assert.rejects(
    acceptMediaStream(server, { firstMessagesMs: 30, verify: () => true }),
    (error: MediaStreamError) => error instanceof MediaStreamError && error.kind === 'late',
  );
  assert.equal(await closed, 1008);
});

test('a socket that closes before it starts is told apart', async (t) => {
  const { client, server } = await connect(t);
  const accepting = acceptMediaStream(server, { firstMessagesMs: 2000, verify: () => true });
  client.close();
  await assert.rejects(accepting, (error: MediaStreamError) => error.kind === 'closed');
});

test('a socket that falls silent later is taken for closed', async (t) => {
  const { stream, owner, server } = await accepted(t, { silentSocketMs: 60 });
  stream.listen(owner);
  assert.equal(await owner.ended, 'closed');
  assert.equal(owner.problems.get('silentSocket'), 1);
  assert.equal(server.listenerCount('message'), 0);
});

test('close is idempotent, calls nobody, and leaves no listener', async (t) => {
  const { client, server, stream, owner } = await accepted(t);
  stream.listen(owner);
  const closed = closeCode(client);
  stream.close();
  stream.close();
  stream.playback.begin({ onFinished: () => assert.fail('it was closed') });
  assert.equal(await closed, 1000);
  assert.equal(server.listenerCount('message'), 0);
  assert.equal(await Promise.race([owner.ended, Promise.resolve('nobody')]), 'nobody');
});

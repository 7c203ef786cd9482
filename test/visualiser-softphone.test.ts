import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../src/audio/mulaw.ts';
import { readRecording } from '../src/place-call/recording-file.ts';
import {
  clearMessage,
  markMessage,
  mediaMessage,
  parseMessage,
} from '../src/twilio/media-message.ts';
import { CallerTrack } from '../src/visualiser/page/caller-track.ts';
import { OwnCall } from '../src/visualiser/page/own-call.ts';
import { PlayoutBuffer } from '../src/visualiser/page/playout-buffer.ts';
import { Resampler } from '../src/visualiser/page/resampler.ts';
import { scenarioCommand, scenarioName } from '../src/visualiser/page/scenario-command.ts';
import { SoftphoneCall } from '../src/visualiser/page/softphone-call.ts';
import { outcomeInWords } from '../src/visualiser/page/softphone-outcome.ts';
import {
  QUIETEST_DB,
  type SoundNews,
  TelephoneSound,
} from '../src/visualiser/page/telephone-sound.ts';

/** What a sound card gives and takes at once. */
const QUANTUM = 128;
const RATES = [48_000, 44_100, 16_000, 96_000, 8000];

function tone(hz: number, rateHz: number, ms: number, level = 0.5): Float32Array {
  const length = Math.round((rateHz * ms) / 1000);
  return Float32Array.from({ length }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

/** Piece by piece, as a sound card does. */
function resampled(sound: Float32Array, fromHz: number, toHz: number, piece = QUANTUM): number[] {
  const resampler = new Resampler(fromHz, toHz);
  const output: number[] = [];
  for (let at = 0; at < sound.length; at += piece) {
    output.push(...resampler.push(sound.subarray(at, at + piece)));
  }
  return output;
}

/** dB against a level of 1, without the beginning and the end. */
function levelOf(samples: readonly number[]): number {
  const inner = samples.slice(400, -400);
  const energy = inner.reduce((sum, sample) => sum + sample * sample, 0) / inner.length;
  return 10 * Math.log10(energy);
}

const SINE_DB = 10 * Math.log10(0.125);

test('on the way to 8 kHz a tone of 1 kHz keeps its level, and one of 6 kHz is gone', () => {
  for (const rateHz of RATES.slice(0, 4)) {
    const kept = levelOf(resampled(tone(1000, rateHz, 500), rateHz, 8000));
    assert.ok(Math.abs(kept - SINE_DB) < 0.1, `${rateHz}: ${kept - SINE_DB} dB`);
    const folded = levelOf(resampled(tone(6000, rateHz, 500), rateHz, 8000));
    assert.ok(folded < SINE_DB - 60, `${rateHz}: ${folded - SINE_DB} dB`);
  }
});

test('on the way from 8 kHz a tone keeps its level, and none comes beside it', () => {
  for (const rateHz of RATES) {
    const output = resampled(tone(1000, 8000, 500), 8000, rateHz, 8);
    assert.ok(Math.abs(levelOf(output) - SINE_DB) < 0.1, `${rateHz}`);
    // Late by half the filter: what is left after the tone itself is taken away.
    const phases = [0, 90].map((degrees) => correlation(output, rateHz, degrees));
    const toneDb = 10 * Math.log10((phases[0]! ** 2 + phases[1]! ** 2) / 2);
    assert.ok(Math.abs(toneDb - SINE_DB) < 0.1, `${rateHz}: ${toneDb}`);
  }
});

function correlation(samples: readonly number[], rateHz: number, degrees: number): number {
  const inner = samples.slice(400, -400);
  const shift = (degrees * Math.PI) / 180;
  const sum = inner.reduce((total, sample, i) => {
    return total + sample * Math.sin((2 * Math.PI * 1000 * (i + 400)) / rateHz + shift);
  }, 0);
  return (2 * sum) / inner.length;
}

test('however the sound is cut into pieces, the same comes out, and all of it', () => {
  const sound = tone(700, 44_100, 200);
  const whole = resampled(sound, 44_100, 8000, sound.length);
  assert.ok(Math.abs(whole.length - 1600) <= 20, `${whole.length} samples of 200 ms`);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (piece) => {
      assert.deepEqual(resampled(sound, 44_100, 8000, piece), whole);
    }),
    { numRuns: 20 },
  );
});

test('rates that are none, or would need an endless filter, are refused', () => {
  for (const [from, to] of [
    [0, 8000],
    [48_000, Number.NaN],
    [44_100.5, 8000],
    [47_999, 7993],
  ]) {
    assert.throws(() => new Resampler(from!, to!), RangeError);
  }
});

/** A telephone that is handed silence for so long; what it played and told. */
function run(sound: TelephoneSound, quanta: number, microphone = new Float32Array(QUANTUM)) {
  const played: number[] = [];
  const news: (SoundNews & { quantum: number })[] = [];
  for (let quantum = 0; quantum < quanta; quantum++) {
    const speaker = new Float32Array(QUANTUM);
    for (const each of sound.render(microphone, speaker)) news.push({ ...each, quantum });
    played.push(...speaker);
  }
  return { played, news };
}

const framesOf = (news: readonly SoundNews[]) => news.filter((each) => each.type === 'frame');
const reachedOf = (news: readonly SoundNews[]) =>
  news.flatMap((each) => (each.type === 'reached' ? each.names : []));

function voice(ms: number, hz = 1000): Uint8Array {
  const samples = tone(hz, 8000, ms);
  return encodeMulaw(Int16Array.from(samples, (sample) => Math.round(sample * 32_767)));
}

test('the caller is cut into frames of 20 ms at every rate of a sound card', () => {
  for (const rateHz of RATES) {
    const quanta = Math.ceil(rateHz / QUANTUM);
    const frames = framesOf(run(new TelephoneSound(rateHz), quanta).news);
    assert.ok(frames.length === 49 || frames.length === 50, `${rateHz}: ${frames.length} in 1 s`);
    for (const { mulaw, spokenDb } of frames) {
      assert.equal(mulaw.length, 160);
      assert.ok(mulaw.every((byte) => byte === MULAW_SILENCE));
      assert.equal(spokenDb, QUIETEST_DB);
    }
  }
});

test('what is too loud for a telephone is clipped and does not turn over', () => {
  const loud = new Float32Array(QUANTUM).fill(1.7);
  const frames = framesOf(run(new TelephoneSound(48_000), 200, loud).news);
  const last = decodeMulaw(frames.at(-1)!.mulaw);
  assert.ok(last.every((sample) => sample > 32_000));
});

test('the agent is played at once and as loud as it was sent, and its level is told', () => {
  const sound = new TelephoneSound(48_000);
  sound.order({ type: 'play', mulaw: voice(200) });
  const { played, news } = run(sound, 75);
  const first = played.findIndex((sample) => Math.abs(sample) > 0.05);
  assert.ok(first >= 0 && first < 48 * 5, `heard after ${first / 48} ms`);
  assert.ok(Math.abs(levelOf(played.slice(0, 48 * 200)) - SINE_DB) < 0.2);
  const levels = framesOf(news).map(({ heardDb }) => Math.round(heardDb));
  assert.deepEqual(levels.slice(1, 9), new Array(8).fill(Math.round(SINE_DB)));
});

test('marks come back when the sound before them has been played, in their order', () => {
  const sound = new TelephoneSound(48_000);
  assert.deepEqual(reachedOf(sound.order({ type: 'mark', name: 'nothing before it' })), [
    'nothing before it',
  ]);
  for (const name of ['a', 'b']) {
    sound.order({ type: 'play', mulaw: voice(100) });
    assert.deepEqual(sound.order({ type: 'mark', name }), []);
  }
  assert.deepEqual(sound.order({ type: 'mark', name: 'b' }), []);
  const { news } = run(sound, 90);
  const reached = news.filter((each) => each.type === 'reached');
  assert.deepEqual(reachedOf(reached), ['a', 'b', 'b']);
  const quantumMs = (QUANTUM * 1000) / 48_000;
  for (const [index, ms] of [100, 200].entries()) {
    const atMs = (reached[index]!.quantum + 1) * quantumMs;
    assert.ok(atMs >= ms && atMs < ms + 2 * quantumMs, `${atMs} ms in place of ${ms}`);
  }
});

test('a clear ends the sound at once and brings its marks back, and what comes then is played', () => {
  const sound = new TelephoneSound(48_000);
  for (const name of ['a', 'b', 'c']) {
    sound.order({ type: 'play', mulaw: voice(100) });
    sound.order({ type: 'mark', name });
  }
  assert.deepEqual(reachedOf(run(sound, 40).news), ['a']);
  assert.deepEqual(reachedOf(sound.order({ type: 'clear' })), ['b', 'c']);
  const { played, news } = run(sound, 100);
  const last = played.findLastIndex((sample) => Math.abs(sample) > 0.01);
  assert.ok(last < 48 * 6, `heard for ${last / 48} ms after it was cleared`);
  assert.deepEqual(reachedOf(news), []);
  assert.deepEqual(sound.order({ type: 'clear' }), []);
  sound.order({ type: 'play', mulaw: voice(50) });
  sound.order({ type: 'mark', name: 'd' });
  const next = run(sound, 30);
  assert.ok(next.played.some((sample) => sample > 0.4));
  assert.deepEqual(reachedOf(next.news), ['d']);
});

type Step = { push: number } | { mark: string } | { take: number } | { clear: true };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ push: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ mark: fc.string() }),
  fc.record({ take: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ clear: fc.constant(true as const) }),
);

test('bytes are played in their order, and every mark comes back once, in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffer = new PlayoutBuffer();
      let waiting: number[] = [];
      let next = 0;
      const marked: string[] = [];
      const reached: string[] = [];
      for (const each of steps) {
        if ('push' in each) {
          const mulaw = Uint8Array.from({ length: each.push }, () => next++ % 256);
          waiting.push(...mulaw);
          assert.ok(buffer.push(mulaw));
        } else if ('mark' in each) {
          marked.push(each.mark);
          reached.push(...buffer.mark(each.mark));
        } else if ('take' in each) {
          const taken = buffer.take(each.take);
          assert.deepEqual([...taken.mulaw], waiting.splice(0, each.take));
          reached.push(...taken.reached);
        } else {
          reached.push(...buffer.clear());
          waiting = [];
        }
        assert.equal(buffer.waiting, waiting.length);
        assert.deepEqual(reached, marked.slice(0, reached.length));
        if (waiting.length === 0) assert.equal(reached.length, marked.length);
      }
    }),
  );
});

test('more than ten minutes of waiting sound are dropped', () => {
  const buffer = new PlayoutBuffer();
  assert.ok(buffer.push(new Uint8Array(600 * 8000)));
  assert.equal(buffer.push(new Uint8Array(1)), false);
  buffer.take(8000);
  assert.ok(buffer.push(new Uint8Array(8000)));
});

const CALL_SID = `CA${'1'.repeat(32)}`;
const ACCOUNT_SID = `AC${'2'.repeat(32)}`;
const STREAM_SID = `MZ${'3'.repeat(32)}`;
const GRANT = {
  callSid: CALL_SID,
  accountSid: ACCOUNT_SID,
  protocol: 'softphone.once',
  customParameters: { token: 'a token', direction: 'inbound' },
};

test('what a call sends is what Twilio sends, field by field', () => {
  const call = new SoftphoneCall(GRANT, STREAM_SID);
  const start = {
    accountSid: ACCOUNT_SID,
    streamSid: STREAM_SID,
    callSid: CALL_SID,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: GRANT.customParameters,
  };
  const media = (chunk: string, timestamp: string) => ({
    track: 'inbound',
    chunk,
    timestamp,
    payload: '//8A',
  });
  const mulaw = Uint8Array.of(0xff, 0xff, 0);
  const sent = [...call.begin(), call.frame(mulaw)];
  call.skip();
  sent.push(call.frame(mulaw), call.press('#'), call.reached('m1'), call.hangUp());
  const streamSid = STREAM_SID;
  assert.deepEqual(
    sent.map((text) => JSON.parse(text)),
    [
      { event: 'connected', protocol: 'Call', version: '1.0.0' },
      { event: 'start', sequenceNumber: '1', start, streamSid },
      { event: 'media', sequenceNumber: '2', media: media('1', '0'), streamSid },
      { event: 'media', sequenceNumber: '3', media: media('2', '40'), streamSid },
      {
        event: 'dtmf',
        sequenceNumber: '4',
        dtmf: { track: 'inbound_track', digit: '#' },
        streamSid,
      },
      { event: 'mark', sequenceNumber: '5', mark: { name: 'm1' }, streamSid },
      {
        event: 'stop',
        sequenceNumber: '6',
        stop: { accountSid: ACCOUNT_SID, callSid: CALL_SID },
        streamSid,
      },
    ],
  );
  assert.equal(call.spokenMs, 60);
});

test("the server's parser reads each of them", () => {
  const call = new SoftphoneCall(GRANT, STREAM_SID);
  const mulaw = voice(20);
  const [connected = '', start = ''] = call.begin();
  assert.equal(parseMessage(connected).event, 'connected');
  const started = parseMessage(start);
  assert.ok(started.event === 'start');
  assert.deepEqual(
    [started.callSid, started.streamSid, started.customParameters.get('token')],
    [CALL_SID, STREAM_SID, 'a token'],
  );
  const media = parseMessage(call.frame(mulaw));
  assert.ok(media.event === 'media');
  assert.deepEqual(Uint8Array.from(media.mulaw), mulaw);
  for (const digit of '0123456789*#') {
    const pressed = parseMessage(call.press(digit));
    assert.ok(pressed.event === 'dtmf' && pressed.digit === digit);
  }
  const mark = parseMessage(call.reached('generation 1:240'));
  assert.ok(mark.event === 'mark' && mark.name === 'generation 1:240');
  assert.equal(parseMessage(call.hangUp()).event, 'stop');
});

test("what the server sends is understood; what is not of this stream isn't", () => {
  const call = new SoftphoneCall(GRANT, STREAM_SID);
  const mulaw = voice(60);
  assert.deepEqual(call.push(mediaMessage(STREAM_SID, mulaw)), { type: 'play', mulaw });
  assert.deepEqual(call.push(markMessage(STREAM_SID, 'm"1')), { type: 'mark', name: 'm"1' });
  assert.deepEqual(call.push(clearMessage(STREAM_SID)), { type: 'clear' });
  const streamSid = STREAM_SID;
  const others = [
    clearMessage(`MZ${'4'.repeat(32)}`),
    '',
    '[',
    'null',
    '7',
    ...[
      { event: 'media', streamSid, media: { payload: '!' } },
      { event: 'media', streamSid, media: null },
      { event: 'media', streamSid },
      { event: 'mark', streamSid, mark: { name: 7 } },
      { event: 'other', streamSid },
    ].map((message) => JSON.stringify(message)),
    JSON.stringify({ event: 'clear', streamSid, more: 'x'.repeat(1_048_576) }),
  ];
  for (const text of others) assert.equal(call.push(text), undefined, text.slice(0, 80));
});

test("the caller's side is a recording that can be called with, byte for byte", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'softphone-'));
  t.after(() => rm(directory, { recursive: true }));
  const track = new CallerTrack();
  const silence = new Uint8Array(160).fill(MULAW_SILENCE);
  const sound = voice(12_000, 440);
  for (let i = 0; i < 50; i++) track.push(silence);
  for (let at = 0; at < sound.length; at += 160) track.push(sound.subarray(at, at + 160));
  for (let i = 0; i < 50; i++) track.push(silence);
  assert.equal(track.durationMs, 14_000);
  const file = join(directory, 'caller.wav');
  await writeFile(file, await track.wav().bytes());
  const recording = readRecording(file);
  // Without the silence around it, of which the sound's own first and last samples are a part.
  const heard = Buffer.from(recording);
  assert.ok(Math.abs(heard.length - sound.length) < 8 * 40, `${heard.length / 8} ms`);
  assert.ok(Buffer.concat([silence, sound, silence]).includes(heard));
});

test('a track ends growing after half an hour', () => {
  const track = new CallerTrack();
  const minute = new Uint8Array(60 * 8000);
  for (let i = 0; i < 40; i++) track.push(minute);
  assert.equal(track.durationMs, 30 * 60_000);
});

test('the command says the recording again to the server of the page', () => {
  const name = scenarioName(new Date(2026, 10, 5, 9, 7, 1));
  assert.equal(name, 'softphone-20261105-090701.wav');
  const command = scenarioCommand(name, 'https://calls.example/agent/visualiser/#softphone');
  assert.equal(
    command.replace(/\\\n +/g, ''),
    `npm run call -- --url https://calls.example/agent --public-url "$PUBLIC_URL" --say ${name}`,
  );
});

test('an outcome says what a telephone would do now', () => {
  const outcome = (outcome: string, more = {}) =>
    outcomeInWords({ outcome, reason: null, ...more });
  assert.equal(outcome('completed'), 'Outcome: completed.');
  assert.equal(outcome('timedOut', { reason: 'callCap' }), 'Outcome: timed out (call cap).');
  assert.match(outcome('handedOff'), /a person would be dialled now/);
  assert.match(
    outcome('handedOff', { destination: 'the kitchen' }),
    /the kitchen would be dialled/,
  );
  assert.match(outcome('voicemail'), /asked for a message now/);
});

test('of all that the feed tells, a softphone follows its own call', () => {
  const own = new OwnCall(CALL_SID);
  const about = (sessionId: string, callSid: string) => {
    const snapshot = {
      status: 'active' as const,
      value: { conversation: 'greeting' },
      context: {},
      tags: [],
      children: {},
      historyValue: {},
    };
    const at = { sessionId, rootId: sessionId, createdAt: '1000', id: null, _version: '1' };
    const caller = { startedAt: 1000, language: 'en', callerLast4: null };
    return [
      own.push({ type: '@xstate.actor', name: 'call', snapshot, ...at }),
      own.push({ type: 'visualiser.call', sessionId, callSid, ...caller }),
    ];
  };
  const say = (sessionId: string, turn: number, text: string | null) =>
    own.push({
      type: 'visualiser.words',
      sessionId,
      turn,
      at: 1000,
      speaker: 'caller' as const,
      text,
    });
  about('other', `CA${'9'.repeat(32)}`);
  assert.equal(own.live?.path, undefined);
  assert.equal(say('other', 0, 'not ours'), false);
  assert.equal(about('own', CALL_SID).at(-1), true);
  assert.equal(own.live?.path, 'conversation.greeting');
  assert.ok(say('own', 1, null));
  assert.ok(say('own', 0, 'hello'));
  assert.ok(say('own', 1, 'written down'));
  assert.deepEqual(
    own.words.map(({ text }) => text),
    ['hello', 'written down'],
  );
  const ended = { at: 2000, outcome: 'completed', reason: null, durationMs: 1000 };
  assert.equal(own.push({ type: 'visualiser.ended', sessionId: 'other', ...ended }), false);
  assert.equal(own.push({ type: 'visualiser.ended', sessionId: 'own', ...ended }), true);
  assert.equal(own.live?.ended?.outcome, 'completed');
  // Forgotten by the feed, it is still shown here.
  own.push({ type: 'visualiser.welcome', now: 20_000, program: '', maxCalls: 50 });
  assert.equal(own.live?.ended?.outcome, 'completed');
});

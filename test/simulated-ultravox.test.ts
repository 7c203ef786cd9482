import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { readWav } from '../src/audio/wav.ts';
import { type Recording, RecordingMatcher } from '../src/simulators/ultravox/recording-matcher.ts';
import {
  type SimulatedUltravoxOptions,
  startSimulatedUltravox,
} from '../src/simulators/ultravox/simulated-ultravox.ts';
import { encodeAudio } from '../src/ultravox/encode-audio.ts';
import { EngineClient, type EngineEvent } from '../src/ultravox/engine-client.ts';
import { EngineQueue } from '../src/ultravox/engine-queue.ts';
import { transcriptRequest } from '../src/ultravox/transcriber.ts';

const never = new AbortController().signal;
const SAMPLES_PER_MS = 8;

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Like speech to a machine: syllables of a buzzing voice, each with its own three formants. */
function utterance(seed: number, ms: number): Int16Array {
  const next = random(seed);
  const samples = new Int16Array(ms * SAMPLES_PER_MS);
  for (let at = 0; at < samples.length; ) {
    const length = Math.floor((90 + 160 * next()) * SAMPLES_PER_MS);
    const formantsHz = [300 + 600 * next(), 900 + 1300 * next(), 2300 + 1000 * next()];
    const pitchHz = 90 + 120 * next();
    const loudness = next() < 0.15 ? 0 : 1200 + 2500 * next();
    for (let i = 0; i < length && at + i < samples.length; i++) {
      const t = (at + i) / 8000;
      const envelope = Math.sin((Math.PI * i) / length);
      let value = 0;
      for (let hz = pitchHz; hz < 3800; hz += pitchHz) {
        const nearest = Math.min(...formantsHz.map((formant) => Math.abs(formant - hz)));
        value += Math.sin(2 * Math.PI * hz * t) * Math.exp(-nearest / 120);
      }
      samples[at + i] = Math.round(value * loudness * envelope);
    }
    at += length;
  }
  return samples;
}

function recordings(count: number, ms = 2000): Recording[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `u${i}`,
    text: `Words of ${i}.`,
    mulaw: encodeMulaw(utterance(i + 1, ms)),
  }));
}

interface Piece {
  samples: Int16Array;
  afterMs?: number;
}

/** Pieces with silence before each and at the end, in white noise, through mu-law. */
function line(pieces: readonly Piece[], snrDb = 30, seed = 99): Int16Array {
  const silenceMs = (piece: Piece) => (piece.afterMs ?? 300) * SAMPLES_PER_MS;
  const length = pieces.reduce((sum, piece) => sum + silenceMs(piece) + piece.samples.length, 2400);
  const samples = new Int16Array(length);
  let at = 0;
  let energy = 0;
  let sounding = 0;
  for (const piece of pieces) {
    at += silenceMs(piece);
    samples.set(piece.samples, at);
    at += piece.samples.length;
    sounding += piece.samples.length;
    for (const sample of piece.samples) energy += sample * sample;
  }
  const next = random(seed);
  const amplitude = Math.sqrt((12 * energy) / sounding / 10 ** (snrDb / 10));
  const noisy = samples.map((sample) => {
    return Math.max(-32768, Math.min(32767, sample + (next() - 0.5) * amplitude));
  });
  return decodeMulaw(encodeMulaw(noisy));
}

function samplesOf(recording: Recording | undefined): Int16Array {
  assert.ok(recording);
  return decodeMulaw(recording.mulaw);
}

const known = recordings(12);
const ear = new RecordingMatcher(known);

test('every recording is recognised in silence, in noise, and after seconds of nothing', async () => {
  for (const [snrDb, afterMs] of [
    [30, 0],
    [15, 3000],
    [10, 537],
  ] as const) {
    for (const recording of known) {
      const heard = await ear.match(line([{ samples: samplesOf(recording), afterMs }], snrDb));
      assert.equal(heard.recording?.id, recording.id, `${snrDb} dB after ${afterMs} ms`);
      assert.ok(Math.abs((heard.startMs ?? Number.NaN) - afterMs) <= 32);
      assert.ok(heard.cutStartMs <= 32 && heard.cutEndMs <= 32);
    }
  }
});

test('what is missing of a start and an end is told to within two frames', async () => {
  for (const [cutStartMs, cutEndMs] of [
    [0, 600],
    [200, 0],
    [700, 300],
  ] as const) {
    const whole = samplesOf(known[3]);
    const end = whole.length - cutEndMs * SAMPLES_PER_MS;
    const heard = await ear.match(whole.slice(cutStartMs * SAMPLES_PER_MS, end));
    assert.equal(heard.recording?.id, 'u3');
    assert.ok(Math.abs(heard.cutStartMs - cutStartMs) <= 32, `start ${heard.cutStartMs}`);
    assert.ok(Math.abs(heard.cutEndMs - cutEndMs) <= 32, `end ${heard.cutEndMs}`);
  }
});

test('two recordings in one turn are heard in their order', async () => {
  const pieces = [5, 2].map((i) => ({ samples: samplesOf(known[i]) }));
  const heard = await ear.match(line(pieces, 20));
  assert.deepEqual(
    heard.all.map(({ recording }) => recording.id),
    ['u5', 'u2'],
  );
  assert.equal(heard.recording?.id, 'u5');
  assert.ok(heard.extraMs < 250, `${heard.extraMs} ms unexplained`);
});

test('sound beside a recording is extra, and no part of it', async () => {
  const foreign = utterance(777, 900);
  const heard = await ear.match(line([{ samples: foreign }, { samples: samplesOf(known[4]) }], 30));
  assert.deepEqual(
    heard.all.map(({ recording }) => recording.id),
    ['u4'],
  );
  assert.ok(heard.extraMs > 450 && heard.extraMs < 1000, `${heard.extraMs} ms`);
});

test('other speech, noise and silence are no recording', async () => {
  for (let seed = 100; seed < 112; seed++) {
    const heard = await ear.match(line([{ samples: utterance(seed, 2000) }]));
    assert.equal(heard.recording, undefined, `seed ${seed} as ${heard.recording?.id}`);
    assert.equal(heard.silent, false);
  }
  assert.equal((await ear.match(new Int16Array(16000))).silent, true);
  assert.equal((await ear.match(new Int16Array(0))).silent, true);
});

const clips = '../shared/audio/clean';
test('real voices are recognised with noise and cuts, and told from each other', {
  skip: existsSync(clips) ? false : `no recordings at ${clips}`,
}, async () => {
  const names = readdirSync(clips).filter((name) => name.endsWith('.wav'));
  const voices = names.map((name) => {
    const { samples } = readWav(readFileSync(`${clips}/${name}`));
    return { id: name, text: name, mulaw: encodeMulaw(samples) };
  });
  const half = voices.slice(0, voices.length >> 1);
  const listener = new RecordingMatcher(half);
  for (const voice of half) {
    const whole = samplesOf(voice);
    const cut = whole.slice(Math.floor(whole.length * 0.2));
    for (const samples of [whole, cut]) {
      const heard = await listener.match(line([{ samples }], 15));
      assert.equal(heard.recording?.id, voice.id);
    }
  }
  for (const stranger of voices.slice(half.length)) {
    const heard = await listener.match(samplesOf(stranger));
    assert.equal(heard.recording, undefined, `${stranger.id} as ${heard.recording?.id}`);
  }
});

async function talkTo(
  t: { after(fn: () => Promise<void>): void },
  options: SimulatedUltravoxOptions = {},
) {
  const simulated = await startSimulatedUltravox({
    firstTokenMs: 5,
    tokensPerSecond: 2000,
    recordings: known,
    ...options,
  });
  t.after(() => simulated.close());
  const client = new EngineClient({ url: simulated.url, model: 'ultravox' });
  const say = (samples: Int16Array) =>
    textOf(
      client.stream(
        {
          messages: [
            { role: 'system', content: 'Be kind.' },
            { role: 'user', content: [encodeAudio(encodeMulaw(samples), 'mulaw')] },
          ],
          maxTokens: 200,
          temperature: 0,
        },
        never,
      ),
    );
  return { simulated, client, say };
}

async function textOf(events: AsyncIterable<EngineEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

test('over HTTP it says recordings back, and says plainly that it is a simulator', async (t) => {
  const { simulated, say } = await talkTo(t);
  assert.equal(await say(line([{ samples: samplesOf(known[1]) }])), 'You said: Words of 1.');
  assert.match(await say(line([{ samples: utterance(500, 2000) }])), /I am a simulator/);
  assert.match(await say(new Int16Array(8000)), /did not hear/);
  assert.equal(simulated.heard.length, 3);
});

test('a script decides the answer from what was heard', async (t) => {
  const { say } = await talkTo(t, {
    reply: (heard, { turn, messages }) => `${heard.recording?.id} ${turn} ${messages.length}`,
  });
  assert.equal(await say(samplesOf(known[7])), 'u7 1 2');
});

test('asked for a transcript it writes the words, in either audio format', async (t) => {
  const { client } = await talkTo(t, { reply: () => 'an answer' });
  for (const format of ['mulaw', 'pcm16'] as const) {
    const request = transcriptRequest(known[6]!.mulaw, format);
    assert.equal(await textOf(client.stream(request, never)), 'Words of 6.');
  }
});

test('a tool call told as text leaks as JSON after some words', async (t) => {
  const { simulated, say } = await talkTo(t, { reply: () => ({ tool: { name: 'book' } }) });
  simulated.faults.jsonLeak = true;
  assert.match(await say(new Int16Array(800)), /^Sure.*\{"name":"book"/);
});

test('behind the queue only one request at a time is before its first token', async (t) => {
  const { simulated, client } = await talkTo(t, {
    firstTokenMs: 10,
    tokensPerSecond: 200,
    listens: false,
  });
  const queue = new EngineQueue({
    stream: (request, signal, onFirstToken) => client.stream(request, signal, onFirstToken),
  });
  const request = transcriptRequest(known[0]!.mulaw, 'mulaw');
  const options = { request: { ...request, messages: request.messages.slice(1) }, signal: never };
  const replies = Array.from({ length: 8 }, () =>
    textOf(queue.submit({ ...options, priority: 'waiting', deadlineMs: 5000 }).events),
  );
  for (const reply of await Promise.all(replies)) assert.match(reply, /^Certainly/);
  assert.equal(simulated.maxInPrefill, 1);
  await queue.onIdle();
});

test('streams slow each other down', async (t) => {
  const { client } = await talkTo(t, {
    tokensPerSecond: 100,
    slowDownPerStream: 1,
    reply: () => 'a b c d e f g h',
  });
  const request = transcriptRequest(known[0]!.mulaw, 'mulaw');
  const plain = { ...request, messages: request.messages.slice(1) };
  const timed = async (streams: number) => {
    const startMs = performance.now();
    await Promise.all(Array.from({ length: streams }, () => textOf(client.stream(plain, never))));
    return performance.now() - startMs;
  };
  await timed(1);
  const [one, three] = [await timed(1), await timed(3)];
  assert.ok(three > one * 1.5, `${one} ms alone, ${three} ms for three at once`);
});

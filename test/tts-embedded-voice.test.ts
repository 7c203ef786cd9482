import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { renderClip } from '../src/tts/clips.ts';
import { EmbeddedVoice } from '../src/tts/embedded-voice.ts';
import { halveRate } from '../src/tts/halve-rate.ts';
import { VoiceError } from '../src/tts/voice.ts';
import { wordTimes } from '../src/tts/word-times.ts';
import { listen, pieces } from './support/listener.ts';

let voice: EmbeddedVoice;
before(async () => {
  voice = await EmbeddedVoice.start();
});
after(() => voice.close());

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

describe('the embedded voice', () => {
  test('speaks every piece at telephone rate, with a time for every word', async () => {
    const heard = await listen(voice, pieces('Good evening, ', 'we open at 7:30. Dr. Smith?'));
    assert.equal(heard.error, undefined);
    assert.equal(heard.text, 'Good evening, we open at 7:30. Dr. Smith?');
    assert.ok(heard.audioMs > 2500 && heard.audioMs < 5500, `${heard.audioMs} ms`);
    assert.ok(rms(decodeMulaw(heard.mulaw)) > 1000);
    let endMs = 0;
    for (const word of heard.words) {
      assert.ok(word.startMs >= endMs && word.endMs > word.startMs, JSON.stringify(word));
      endMs = word.endMs;
    }
    assert.ok(endMs <= heard.audioMs);
  });

  test('speaks the first piece before the second is written', async () => {
    const written = Promise.withResolvers<void>();
    async function* text() {
      yield 'Good evening, ';
      await written.promise;
      yield 'and welcome.';
    }
    const onEvent = ({ type }: { type: string }) => type === 'audio' && written.resolve();
    const heard = await listen(voice, text(), { onEvent });
    assert.equal(heard.text, 'Good evening, and welcome.');
  });

  test('stops at once when it is interrupted, and throws the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('the caller spoke');
    const heard = await listen(voice, pieces('One sentence. Another one. A third one.'), {
      signal: controller.signal,
      onEvent: ({ type }) => type === 'audio' && controller.abort(reason),
    });
    assert.equal(heard.error, reason);
    assert.ok(heard.audioMs < 2000);
  });

  test('leaves the queue at once when it is interrupted there', async () => {
    const busy = voice.synthesise('This keeps the thread busy for a moment.');
    const controller = new AbortController();
    const waiting = voice.synthesise('Never spoken.', { signal: controller.signal });
    controller.abort(new Error('hung up'));
    await assert.rejects(waiting, /hung up/);
    assert.ok((await busy).samples.length > 0);
  });

  test('has six speakers', async () => {
    for (const speaker of ['kal', 'kal16', 'awb', 'awb_time', 'rms', 'slt'] as const) {
      // `awb_time` knows nothing but clock times.
      const text =
        speaker === 'awb_time' ? 'the time is now, exactly two, in the morning.' : 'Hello.';
      const { samples, sampleRateHz } = await voice.synthesise(text, { speaker });
      assert.equal(sampleRateHz, speaker === 'kal' ? 8000 : 16000);
      assert.ok(rms(samples) > 300, speaker);
    }
  });

  test('takes text that looks like an option, a path or nothing as text', async () => {
    for (const text of ['--help', '-voicedump x', '/etc/passwd', 'a\0b']) {
      assert.ok((await voice.synthesise(text)).samples.length > 1000, text);
    }
    assert.equal((await voice.synthesise(' … ')).samples.length, 0);
  });

  test('renders clips once, an empty text without sound', async () => {
    const { signal } = new AbortController();
    const greeting = await renderClip(voice, 'Good evening.', { signal });
    assert.ok(greeting.mulaw.length > 4000);
    assert.deepEqual(
      greeting.words.map((word) => word.text),
      ['Good', 'evening.'],
    );
    assert.deepEqual(await renderClip(voice, '', { signal }), {
      text: '',
      mulaw: new Uint8Array(0),
      words: [],
    });
  });

  test('fails with its own error when it is closed', async () => {
    const other = await EmbeddedVoice.start();
    const spoken = other.synthesise('This sentence will not be heard by anybody.');
    const closing = other.close();
    await assert.rejects(spoken, VoiceError);
    await closing;
    await assert.rejects(other.synthesise('Hello.'), VoiceError);
  });

  test('leaves the terminal clean', async () => {
    const worker = new Worker(new URL('../src/tts/flite-worker.ts', import.meta.url), {
      stderr: true,
    });
    let warnings = '';
    worker.stderr.on('data', (data) => (warnings += data));
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    assert.equal(warnings, '');
  });
});

describe('word times', () => {
  const phones = (...ends: [string, number][]) => ends.map(([phone, endMs]) => ({ phone, endMs }));

  test('a pause at each comma keeps the phrases apart', () => {
    const segments = phones(['pau', 200], ['y', 250], ['eh', 300], ['s', 400], ['pau', 600]);
    segments.push(...phones(['hh', 700], ['iy', 900], ['pau', 1000]));
    assert.deepEqual(wordTimes('Yes, he', segments), [
      { text: 'Yes,', startMs: 200, endMs: 400 },
      { text: 'he', startMs: 600, endMs: 900 },
    ]);
  });

  test('a text without phones has no words', () => {
    assert.deepEqual(wordTimes('Yes', phones(['pau', 200])), []);
    assert.deepEqual(wordTimes('', phones(['pau', 200], ['y', 250])), []);
  });
});

describe('from 16 kHz to 8 kHz', () => {
  const sine = (hz: number) =>
    Int16Array.from({ length: 16000 }, (_, i) => 10000 * Math.sin((2 * Math.PI * hz * i) / 16000));

  test('the telephone band passes, and nothing above folds into it', () => {
    const inside = rms(halveRate(sine(1000)).subarray(100, 7900));
    assert.ok(Math.abs(inside - 7071) < 80, `${inside}`);
    assert.ok(rms(halveRate(sine(5000)).subarray(100, 7900)) < 10);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { startSimulatedCartesia } from '../src/simulators/cartesia/simulated-cartesia.ts';
import { CartesiaVoice } from '../src/tts/cartesia-voice.ts';
import { FallbackVoice } from '../src/tts/fallback-voice.ts';
import { type SpeakOptions, type Voice, VoiceError, type VoiceEvent } from '../src/tts/voice.ts';
import { listen, pieces } from './support/listener.ts';

const MS_PER_CHARACTER = 50;
const LONGEST_WORD_MS = 'evening, '.length * MS_PER_CHARACTER;

/** Speaks 50 ms a character, and fails after so much audio. */
class ScriptedVoice implements Voice {
  readonly name = 'scripted';
  readonly #failAfterMs: number;
  readonly #withWords: boolean;

  constructor(failAfterMs = Infinity, withWords = true) {
    this.#failAfterMs = failAfterMs;
    this.#withWords = withWords;
  }

  async *speak(text: AsyncIterable<string>, { signal }: SpeakOptions): AsyncGenerator<VoiceEvent> {
    let atMs = 0;
    if (this.#failAfterMs === 0) throw new VoiceError('refused', 'scripted');
    for await (const piece of text) {
      const words = [...piece.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
        text: word,
        startMs: atMs + index * MS_PER_CHARACTER,
        endMs: atMs + (index + word.length) * MS_PER_CHARACTER,
      }));
      if (this.#withWords) yield { type: 'words', words };
      for (let i = 0; i < piece.length; i++) {
        signal.throwIfAborted();
        yield { type: 'audio', mulaw: new Uint8Array(MS_PER_CHARACTER * 8) };
        atMs += MS_PER_CHARACTER;
        if (atMs >= this.#failAfterMs) throw new VoiceError('lost', 'scripted');
      }
    }
  }

  async close(): Promise<void> {}
}

describe('a second voice finishes what the first began', () => {
  test('from the first word whose audio was not given out', async () => {
    const errors: VoiceError[] = [];
    const first = new ScriptedVoice('Good evening, we have a ta'.length * MS_PER_CHARACTER);
    const voice = new FallbackVoice(first, new ScriptedVoice(), {
      onFallback: (error) => errors.push(error),
    });
    const heard = await listen(voice, pieces('Good evening, ', 'we have a table ', 'for two.'));
    assert.equal(heard.error, undefined);
    assert.deepEqual(
      errors.map(({ kind }) => kind),
      ['lost'],
    );
    assert.equal(heard.text, 'Good evening, we have a table for two.');
    const table = heard.words.find(({ text }) => text === 'table');
    assert.equal(table?.startMs, 'Good evening, we have a ta'.length * MS_PER_CHARACTER);
  });

  test('for every text and every moment of the drop: no word lost, none heard twice', async () => {
    const word = fc.constantFrom('a', 'table', 'for', '7:30', '"yes"', 'table', '—', 'evening,');
    const text = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 0, max: 120 }), async (parts, characters) => {
        const written = parts.map((words) => `${words.join(' ')} `);
        const cutMs = characters * MS_PER_CHARACTER;
        const voice = new FallbackVoice(new ScriptedVoice(cutMs), new ScriptedVoice());
        const heard = await listen(voice, pieces(...written));
        assert.equal(heard.error, undefined);
        const words = (value: string) => value.split(/\s+/).filter((word) => /\w/.test(word));
        assert.deepEqual(words(heard.text), words(written.join('')));
        const repeatedMs = heard.audioMs - written.join('').length * MS_PER_CHARACTER;
        assert.ok(repeatedMs <= LONGEST_WORD_MS, `${repeatedMs} ms were heard twice`);
      }),
      { numRuns: 300 },
    );
  });

  test('also when the first fails before its first sound', async () => {
    const heard = await listen(
      new FallbackVoice(new ScriptedVoice(0), new ScriptedVoice()),
      pieces('Good evening, ', 'welcome.'),
    );
    assert.equal(heard.text, 'Good evening, welcome.');
  });

  test('by the length of the audio when the first gave no word times', async () => {
    const heard = await listen(
      new FallbackVoice(new ScriptedVoice(1000, false), new ScriptedVoice()),
      pieces('Good evening, we have a table for two.'),
    );
    assert.match(heard.text, /^(evening|we) .*two\.$|^evening, .*two\.$/);
  });

  test('while the text is still being written', async () => {
    const dropped = Promise.withResolvers<void>();
    async function* text() {
      yield 'Good evening, ';
      await dropped.promise;
      yield 'welcome.';
    }
    const voice = new FallbackVoice(new ScriptedVoice(200), new ScriptedVoice(), {
      onFallback: () => dropped.resolve(),
    });
    const heard = await listen(voice, text());
    assert.equal(heard.text, 'Good evening, welcome.');
  });
});

describe('the second voice is not asked', () => {
  const never: Voice = {
    name: 'never',
    speak: () => {
      throw new Error('the second voice was asked');
    },
    close: async () => undefined,
  };

  test('when the first speaks to the end', async () => {
    const heard = await listen(new FallbackVoice(new ScriptedVoice(), never), pieces('Good.'));
    assert.deepEqual([heard.error, heard.text], [undefined, 'Good.']);
  });

  test('when the caller interrupts', async () => {
    const controller = new AbortController();
    const heard = await listen(new FallbackVoice(new ScriptedVoice(), never), pieces('Good.'), {
      signal: controller.signal,
      onEvent: () => controller.abort(new Error('interrupted')),
    });
    assert.match(String(heard.error), /interrupted/);
  });

  test('when the text fails', async () => {
    async function* text() {
      yield 'Good ';
      throw new TypeError('the model broke');
    }
    const heard = await listen(new FallbackVoice(new ScriptedVoice(), never), text());
    assert.ok(heard.error instanceof TypeError);
  });
});

test('a reply survives a Cartesia that drops at any chunk', async () => {
  const cartesia = await startSimulatedCartesia({
    voice: 'tone',
    firstByteMs: 1,
    realTimeFactor: 200,
  });
  const first = new CartesiaVoice({ apiKey: 'k', voiceId: 'v', plaintextTo: cartesia });
  const voice = new FallbackVoice(first, new ScriptedVoice());
  const text = 'Good evening, we have a table for two at half past seven.';
  try {
    for (let chunk = 1; chunk <= 30; chunk += 4) {
      cartesia.faults.dropAfterChunks = chunk;
      await first.connect();
      const heard = await listen(voice, pieces(text.slice(0, 14), text.slice(14)));
      assert.equal(heard.error, undefined);
      assert.equal(heard.text, text, `dropped after chunk ${chunk}`);
    }
  } finally {
    await voice.close();
    await cartesia.close();
  }
});

/** The voice inside, without its threads: it speaks words whose sound can be told apart. */
import {
  type SpeakOptions,
  type Voice,
  VoiceError,
  type VoiceEvent,
} from '../../../src/tts/voice.ts';
import { here } from '../current.ts';

export class EmbeddedVoice implements Voice {
  readonly name = 'embedded';

  static async start(): Promise<EmbeddedVoice> {
    return new EmbeddedVoice();
  }

  async *speak(text: AsyncIterable<string>, { signal }: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const world = here();
    const { vocabulary, time, rates } = world;
    const utterance = vocabulary.newUtterance();
    for await (const piece of text) {
      signal.throwIfAborted();
      const words = piece.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
      if (words.length === 0) continue;
      await new Promise<void>((resolve) => time.toProcess(RENDER_MS, resolve));
      signal.throwIfAborted();
      if (world.fault('secondVoiceFails', rates.secondVoiceFails)) {
        throw new VoiceError('failed', 'expected the thread to answer, it ended');
      }
      world.judgeSpoken(words);
      const from = utterance.words.length;
      const mulaw = vocabulary.speak(utterance, words);
      const { wordMs } = vocabulary;
      const timed = words.map((word, at) => ({
        text: word,
        startMs: (from + at) * wordMs,
        endMs: (from + at + 1) * wordMs,
      }));
      yield { type: 'words', words: timed };
      signal.throwIfAborted();
      yield { type: 'audio', mulaw };
    }
  }

  async close(): Promise<void> {}
}

const RENDER_MS = 60;

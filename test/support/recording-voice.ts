import type { SpeakOptions, Voice, VoiceEvent } from '../../src/tts/voice.ts';
import { passed } from './model-attack.ts';
import { wordsOf } from './spoken-words.ts';

/** Speaks fast, 60 ms a word, and remembers the pieces of every reply that it was given. */
export class RecordingVoice implements Voice {
  readonly name = 'recording';
  readonly replies: string[][] = [];
  /** Replies that are being spoken now. */
  active = 0;

  async *speak(text: AsyncIterable<string>, { signal }: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const pieces: string[] = [];
    this.replies.push(pieces);
    this.active += 1;
    let atMs = 0;
    try {
      for await (const piece of text) {
        pieces.push(piece);
        if (pieces.length === 1) await passed(FIRST_SOUND_MS, signal);
        signal.throwIfAborted();
        const words = wordsOf(piece).map(({ text }, at) => ({
          text,
          startMs: atMs + at * WORD_MS,
          endMs: atMs + (at + 1) * WORD_MS,
        }));
        yield { type: 'words', words };
        yield { type: 'audio', mulaw: new Uint8Array(words.length * WORD_MS * 8).fill(1) };
        atMs += words.length * WORD_MS;
      }
    } finally {
      this.active -= 1;
    }
  }

  async close(): Promise<void> {}
}

const FIRST_SOUND_MS = 40;
const WORD_MS = 60;

/** Sentences that are needed at once, and that never change: rendered at start, kept in memory. */
import type { SpeakOptions, Voice, Word } from './voice.ts';

/** A rendered sentence: mu-law at 8 kHz. */
export interface Clip {
  text: string;
  mulaw: Uint8Array;
  words: readonly Word[];
}

/**
 * Renders one sentence. An empty text gives an empty clip, and asks the voice nothing.
 *
 * @throws {VoiceError} when the voice fails; nothing is half-rendered then.
 */
export async function renderClip(voice: Voice, text: string, options: SpeakOptions): Promise<Clip> {
  const chunks: Uint8Array[] = [];
  const words: Word[] = [];
  if (text.trim() !== '') {
    for await (const event of voice.speak(once(text), options)) {
      if (event.type === 'audio') chunks.push(event.mulaw);
      else words.push(...event.words);
    }
  }
  return { text, mulaw: new Uint8Array(Buffer.concat(chunks)), words };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

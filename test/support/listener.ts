/** Listens to a voice: collects what it gives out, and how it ended. */
import { BYTES_PER_MS } from '../../src/audio/mulaw.ts';
import type { Voice, VoiceEvent, Word } from '../../src/tts/voice.ts';

export interface Heard {
  mulaw: Uint8Array;
  audioMs: number;
  words: Word[];
  /** The words in a row, as they were written. */
  text: string;
  error?: unknown;
}

export interface ListenOptions {
  signal?: AbortSignal;
  language?: string;
  onEvent?(event: VoiceEvent): void;
}

/** Never throws: the error is part of what was heard. */
export async function listen(
  voice: Voice,
  text: AsyncIterable<string>,
  options: ListenOptions = {},
): Promise<Heard> {
  const { signal = new AbortController().signal, onEvent, ...rest } = options;
  const chunks: Uint8Array[] = [];
  const words: Word[] = [];
  const outcome: { error?: unknown } = {};
  try {
    for await (const event of voice.speak(text, { signal, ...rest })) {
      if (event.type === 'audio') chunks.push(event.mulaw);
      else words.push(...event.words);
      onEvent?.(event);
    }
  } catch (error) {
    outcome.error = error;
  }
  const mulaw = new Uint8Array(Buffer.concat(chunks));
  const spoken = words.map((word) => word.text).join(' ');
  return { mulaw, audioMs: mulaw.length / BYTES_PER_MS, words, text: spoken, ...outcome };
}

/** A reply that is written piece by piece, without a pause. */
export async function* pieces(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

/** Waits until it is so, by turns of the event loop; fails after two seconds. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 2000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`expected within 2 s: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the simulated Cartesia says: Flite's voice, or a tone that costs next to nothing. */
import { BYTES_PER_MS, encodeMulaw, MULAW_SILENCE, SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';
import type { Voice, VoiceEvent, Word } from '../../tts/voice.ts';

export interface SimulatedSpeech {
  /** Speaks one piece; word times count from its first sample. */
  render(text: string, signal: AbortSignal): AsyncIterable<VoiceEvent>;
}

/** A tone for each letter, silence for each space. */
export function toneSpeech(): SimulatedSpeech {
  return {
    async *render(text) {
      yield { type: 'words', words: toneWords(text) };
      const mulaw = new Uint8Array(text.length * TONE_BYTES).fill(MULAW_SILENCE);
      for (let i = 0; i < text.length; i++) {
        if (text[i] !== ' ') mulaw.set(TONE, i * TONE_BYTES);
      }
      yield { type: 'audio', mulaw };
    },
  };
}

/** Each text is rendered once: a scripted call sounds at once the second time. */
export function cachedSpeech(voice: Voice): SimulatedSpeech {
  const cache = new Map<string, VoiceEvent[]>();
  return {
    async *render(text, signal) {
      const known = cache.get(text);
      if (known) return yield* known;
      const events: VoiceEvent[] = [];
      for await (const event of voice.speak(once(text), { signal })) {
        events.push(event);
        yield event;
      }
      if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
      cache.set(text, events);
    },
  };
}

const MAX_CACHED = 1000;
/** About what Sonic takes for a character of English. */
const MS_PER_CHARACTER = 65;
const TONE_BYTES = MS_PER_CHARACTER * BYTES_PER_MS;

const TONE = encodeMulaw(
  Int16Array.from({ length: TONE_BYTES }, (_, i) => {
    const fade = Math.min(1, i / 40, (TONE_BYTES - 1 - i) / 40);
    return Math.round(6000 * fade * Math.sin((2 * Math.PI * 200 * i) / SAMPLE_RATE_HZ));
  }),
);

function toneWords(text: string): Word[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    text: word,
    startMs: index * MS_PER_CHARACTER,
    endMs: (index + word.length) * MS_PER_CHARACTER,
  }));
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

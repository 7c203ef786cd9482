/** The voice inside: Flite on a thread of its own. No account, no network, nothing downloaded. */
import { BYTES_PER_MS, encodeMulaw } from '../audio/mulaw.ts';
import type { FliteSpeaker } from './flite.ts';
import { FlitePool } from './flite-pool.ts';
import { endsSentence } from './sentence-end.ts';
import type { SpeakOptions, Voice, VoiceEvent, Word } from './voice.ts';
import { wordTimes } from './word-times.ts';

export type { FliteSpeaker } from './flite.ts';

export interface EmbeddedVoiceOptions {
  /** `slt` when not given: the clearest of the six. */
  speaker?: FliteSpeaker;
  /** Threads: each speaks one sentence at a time, some 10 to 25 times faster than real time. */
  workers?: number;
}

export interface SynthesiseOptions {
  speaker?: FliteSpeaker;
  signal?: AbortSignal;
}

/** Speech as the synthesiser made it: 16-bit mono. */
export interface Speech {
  samples: Int16Array;
  sampleRateHz: number;
  words: Word[];
}

/** Speaks English, whatever language is asked for. */
export class EmbeddedVoice implements Voice {
  readonly name = 'embedded';
  readonly #pool: FlitePool;
  readonly #speaker: FliteSpeaker;

  private constructor(pool: FlitePool, speaker: FliteSpeaker) {
    this.#pool = pool;
    this.#speaker = speaker;
  }

  /** @throws {VoiceError} when its threads do not start. */
  static async start(options: EmbeddedVoiceOptions = {}): Promise<EmbeddedVoice> {
    const pool = await FlitePool.start(options.workers ?? 1);
    return new EmbeddedVoice(pool, options.speaker ?? 'slt');
  }

  /**
   * One text as a whole, at the synthesiser's own rate: 8,000 Hz for `kal`, else 16,000 Hz.
   * @throws {VoiceError} or the signal's reason.
   */
  async synthesise(text: string, options: SynthesiseOptions = {}): Promise<Speech> {
    const { speaker = this.#speaker, signal } = options;
    if (!isSpeakable(text)) return { samples: new Int16Array(0), sampleRateHz: 8000, words: [] };
    const request = { text: spoken(text), speaker, telephone: false, signal };
    const { samples, sampleRateHz, segments } = await this.#pool.speak(request);
    return { samples, sampleRateHz, words: wordTimes(text, segments) };
  }

  /** Speaks sentence by sentence: the first is out while the second is not yet rendered. */
  async *speak(text: AsyncIterable<string>, options: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const { signal } = options;
    let spokenMs = 0;
    for await (const piece of text) {
      for (const sentence of sentencesOf(piece)) {
        signal.throwIfAborted();
        const { mulaw, words } = await this.#sentence(sentence, signal);
        yield { type: 'words', words: words.map((word) => shift(word, spokenMs)) };
        signal.throwIfAborted();
        yield { type: 'audio', mulaw };
        spokenMs += mulaw.length / BYTES_PER_MS;
      }
      signal.throwIfAborted();
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #sentence(
    text: string,
    signal: AbortSignal,
  ): Promise<{ mulaw: Uint8Array; words: Word[] }> {
    const request = { text: spoken(text), speaker: this.#speaker, telephone: true, signal };
    const { samples, segments } = await this.#pool.speak(request);
    const mulaw = encodeMulaw(samples);
    const words = wordTimes(text, segments);
    const first = words[0]?.startMs ?? 0;
    const last = words.at(-1)?.endMs ?? mulaw.length / BYTES_PER_MS;
    const fromMs = Math.max(0, first - LEAD_IN_MS);
    const toMs = last + pauseAfterMs(text);
    return {
      mulaw: mulaw.slice(Math.round(fromMs) * BYTES_PER_MS, Math.round(toMs) * BYTES_PER_MS),
      words: words.map((word) => shift(word, -Math.round(fromMs))),
    };
  }
}

/** Flite puts 0.2 s of silence around everything that it speaks: most of it is cut off. */
const LEAD_IN_MS = 20;

function pauseAfterMs(text: string): number {
  const end = text.trimEnd().replace(/["')\]]+$/, '');
  if (/[.!?…]$/.test(end)) return 180;
  return /[,;:–—]$/.test(end) ? 90 : 15;
}

/** A longer stretch would keep the first audio waiting; the cut is made at the last space before. */
const MAX_SENTENCE_CHARACTERS = 200;

function sentencesOf(piece: string): string[] {
  const sentences: string[] = [];
  let sentence = '';
  for (const word of piece.match(/\S+/g) ?? []) {
    sentence = sentence === '' ? word : `${sentence} ${word}`;
    if (!endsSentence(sentence)) continue;
    sentences.push(sentence);
    sentence = '';
  }
  return [...sentences, sentence].flatMap(splitLong).filter(isSpeakable);
}

function splitLong(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > MAX_SENTENCE_CHARACTERS) {
    const space = rest.lastIndexOf(' ', MAX_SENTENCE_CHARACTERS);
    const at = space > 0 ? space : MAX_SENTENCE_CHARACTERS;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...parts, rest];
}

function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** A zero byte would end the argument in which the text travels. */
function spoken(text: string): string {
  return text.replaceAll('\0', ' ').trim();
}

function shift(word: Word, byMs: number): Word {
  return { text: word.text, startMs: word.startMs + byMs, endMs: word.endMs + byMs };
}

/** Two voices, one behind the other: a reply that the first cannot finish, the second does. */
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { afterLetters, countLetters } from './letters.ts';
import { SharedText } from './shared-text.ts';
import { type SpeakOptions, type Voice, VoiceError, type VoiceEvent, type Word } from './voice.ts';

export interface FallbackVoiceOptions {
  /** The first voice has failed, and the second takes over now. */
  onFallback?(error: VoiceError): void;
}

/**
 * The second voice begins at the first word whose audio was not given out in full. So at most that
 * one word is heard twice, and none is lost. The next reply begins with the first voice again.
 */
export class FallbackVoice implements Voice {
  readonly name: string;
  readonly first: Voice;
  readonly second: Voice;
  readonly #options: FallbackVoiceOptions;

  constructor(first: Voice, second: Voice, options: FallbackVoiceOptions = {}) {
    this.name = `${first.name}, then ${second.name}`;
    this.first = first;
    this.second = second;
    this.#options = options;
  }

  /** @throws {VoiceError} when the second voice fails too. */
  async *speak(text: AsyncIterable<string>, options: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const shared = new SharedText(text);
    const progress = new Progress();
    try {
      try {
        for await (const event of this.first.speak(shared.fromStart(), options)) {
          yield* progress.add(event);
        }
        yield* progress.finish();
        return;
      } catch (error) {
        if (!(error instanceof VoiceError) || options.signal.aborted) throw error;
        this.#options.onFallback?.(error);
      }
      const rest = afterLetters(shared.written, progress.lettersSpoken);
      for await (const event of this.second.speak(shared.continueWith(rest), options)) {
        yield progress.continued(event);
      }
    } finally {
      shared.close();
    }
  }

  /** Closes both voices. */
  async close(): Promise<void> {
    await Promise.all([this.first.close(), this.second.close()]);
  }
}

/** A word that lacks no more than this at its end was heard. */
const HEARD_TOLERANCE_MS = 60;
/** For audio that came without word times: about what a letter takes in English, spaces included. */
const MS_PER_LETTER = 80;

/**
 * How far the first voice came. A voice tells its words ahead of their audio; they are given out only
 * with it, so that no word is told whose audio never comes.
 */
class Progress {
  #audioMs = 0;
  #letters = 0;
  #ahead: Word[] = [];

  /** What may be given out now. */
  add(event: VoiceEvent): VoiceEvent[] {
    if (event.type === 'words') {
      this.#ahead.push(...event.words);
      return this.#due(this.#audioMs);
    }
    this.#audioMs += event.mulaw.length / BYTES_PER_MS;
    return [event, ...this.#due(this.#audioMs)];
  }

  /** The first voice has spoken to its end: its last words, however they are timed. */
  finish(): VoiceEvent[] {
    return this.#due(Infinity);
  }

  /** Without any word times it is an estimate; with them, silence after a word counts for nothing. */
  get lettersSpoken(): number {
    const isTimed = this.#letters > 0 || this.#ahead.length > 0;
    return isTimed ? this.#letters : this.#audioMs / MS_PER_LETTER;
  }

  #due(audioMs: number): VoiceEvent[] {
    const ahead = this.#ahead.findIndex((word) => word.endMs > audioMs + HEARD_TOLERANCE_MS);
    const words = this.#ahead.splice(0, ahead < 0 ? this.#ahead.length : ahead);
    if (words.length === 0) return [];
    for (const word of words) this.#letters += countLetters(word.text);
    return [{ type: 'words', words }];
  }

  /** The second voice's times count from its own first sample. */
  continued(event: VoiceEvent): VoiceEvent {
    if (event.type === 'audio') return event;
    const words = event.words.map(({ text, startMs, endMs }) => ({
      text,
      startMs: startMs + this.#audioMs,
      endMs: endMs + this.#audioMs,
    }));
    return { type: 'words', words };
  }
}

/**
 * The sentences that every call may need, in each language, rendered before anybody calls. What the
 * first voice does not speak then, the second one does, and the first is asked again until it has:
 * a bad moment at start must not be heard for as long as the process lives.
 */
import type { Logger } from 'pino';
import type { ClipName } from '../../machines/call-protocol.ts';
import { firstLanguage, type Profile } from '../restaurant/profile.ts';
import { sentences } from '../restaurant/sentences.ts';
import { type Clip, renderClip } from '../tts/clips.ts';
import { type Voice, VoiceError, type VoiceErrorKind } from '../tts/voice.ts';

export type Clips = Readonly<Record<ClipName, Clip>>;

export interface PreparedClipsOptions {
  first: Voice;
  second: Voice;
  profile: Profile;
  log: Logger;
  /** Resolves when the first voice is connected or cannot be now: earlier, it would have failed. */
  connected: Promise<void>;
  /** The second voice speaks a sentence in place of the first. */
  onFallback(kind: VoiceErrorKind): void;
}

export class PreparedClips {
  readonly #options: PreparedClipsOptions;
  readonly #firstLanguage: string;
  readonly #rendered = new Map<string, Clips>();
  /** What is in the second voice, by language. */
  readonly #borrowed = new Map<string, ClipName[]>();
  readonly #stopping = new AbortController();
  readonly #rest: Promise<void>;
  /**
   * Resolves when the language in which calls begin is rendered; the others follow meanwhile.
   * Rejects with a `VoiceError` when it cannot be.
   */
  readonly ready: Promise<void>;

  constructor(options: PreparedClipsOptions) {
    this.#options = options;
    this.#firstLanguage = firstLanguage(options.profile);
    this.ready = options.connected.then(() => this.#render(this.#firstLanguage));
    this.#rest = this.ready
      .then(() => this.#renderRest().catch((error) => this.#complain(error)))
      // Who waits for `ready` is told of what it failed of.
      .catch(() => {});
  }

  get isReady(): boolean {
    return this.#rendered.has(this.#firstLanguage);
  }

  /** The sentences of a language; until they are rendered, those of the first. Not before `ready`. */
  of(language: string): Clips {
    const first = this.#firstLanguage;
    const clips = this.#rendered.get(language) ?? this.#rendered.get(first);
    if (!clips) throw new Error(`expected sentences in ${first}, they are still being rendered`);
    return clips;
  }

  /** Resolves when no more are being rendered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rest;
  }

  async #render(language: string): Promise<void> {
    const { second, profile, log, onFallback } = this.#options;
    const clips: [string, Clip][] = [];
    const borrowed: ClipName[] = [];
    /** Of the first voice. Once it has failed for good it is not waited for again now. */
    let failure: VoiceError | undefined;
    // One after the other: a voice's concurrency belongs to the calls.
    for (const [name, text] of Object.entries(sentences(profile, language))) {
      const spoken = failure ?? (await this.#inFirstVoice(text, language, TIMES_AT_ONCE));
      if (spoken instanceof VoiceError) {
        failure = spoken;
        borrowed.push(name as ClipName);
        clips.push([name, await this.#spoken(second, text, language)]);
      } else clips.push([name, spoken]);
    }
    this.#rendered.set(language, Object.fromEntries(clips) as Clips);
    if (!failure) return;
    this.#borrowed.set(language, borrowed);
    log.warn({ kind: failure.kind, language, sentences: borrowed.length }, 'sentences borrowed');
    onFallback(failure.kind);
  }

  async #renderRest(): Promise<void> {
    const { profile } = this.#options;
    const others = Object.keys(profile.languages).filter((each) => each !== this.#firstLanguage);
    for (const language of others) {
      await this.#render(language).catch((error) => this.#complain(error, language));
    }
    for (let waitMs = AGAIN_MS.first; this.#borrowed.size > 0; waitMs *= 2) {
      await this.#pause(Math.min(waitMs, AGAIN_MS.longest));
      for (const language of this.#borrowed.keys()) await this.#renderAgain(language);
    }
  }

  async #renderAgain(language: string): Promise<void> {
    const borrowed: ClipName[] = [];
    for (const name of this.#borrowed.get(language)!) {
      const clips = this.#rendered.get(language)!;
      const spoken = await this.#inFirstVoice(clips[name].text, language, 1);
      if (spoken instanceof VoiceError) borrowed.push(name);
      else this.#rendered.set(language, { ...clips, [name]: spoken });
    }
    this.#borrowed.set(language, borrowed);
    if (borrowed.length > 0) return;
    this.#borrowed.delete(language);
    this.#options.log.info({ language }, 'borrowed sentences rendered');
  }

  /** @returns its last failure where it has failed so many times */
  async #inFirstVoice(text: string, language: string, times: number): Promise<Clip | VoiceError> {
    try {
      return await this.#spoken(this.#options.first, text, language);
    } catch (error) {
      if (this.#isStopping || !(error instanceof VoiceError)) throw error;
      return times > 1 ? this.#inFirstVoice(text, language, times - 1) : error;
    }
  }

  #spoken(voice: Voice, text: string, language: string): Promise<Clip> {
    const limit = new AbortController();
    const late = new VoiceError('stalled', `expected a sentence within ${SENTENCE_MS} ms`);
    const timer = setTimeout(() => limit.abort(late), SENTENCE_MS);
    const signal = AbortSignal.any([this.#stopping.signal, limit.signal]);
    return renderClip(voice, text, { signal, language }).finally(() => clearTimeout(timer));
  }

  /** @throws the signal's reason when rendering is stopped */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms).unref();
    const wake = () => resolve();
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    signal.throwIfAborted();
  }

  #complain(error: unknown, language?: string): void {
    if (this.#isStopping) return;
    this.#options.log.warn({ language, err: error }, 'sentences not rendered');
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }
}

/** The voices have shorter limits of their own for each piece of sound. */
const SENTENCE_MS = 20_000;
/** One bad moment is nobody's failure. */
const TIMES_AT_ONCE = 2;
const AGAIN_MS = { first: 5000, longest: 300_000 };

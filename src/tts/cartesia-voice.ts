/** Cartesia's voice: one long-lived socket for all calls, one context for each reply. */
import { CartesiaFeed } from './cartesia-feed.ts';
import { CartesiaLink } from './cartesia-link.ts';
import { CartesiaUtterance, type UtteranceSettings } from './cartesia-utterance.ts';
import { ContextLimit } from './context-limit.ts';
import { type SpeakOptions, type Voice, VoiceError, type VoiceEvent } from './voice.ts';

export interface CartesiaVoiceOptions {
  apiKey: string;
  voiceId: string;
  /** Of languages that have a voice of their own, by ISO 639-1. */
  voices?: Readonly<Record<string, string>>;
  /** `sonic-3.5` when not given: the older `sonic-2`, `sonic-turbo` and `sonic` are switched off. */
  modelId?: string;
  /** ISO 639-1, for utterances that name none. `en` when not given. */
  language?: string;
  /** The plan's limit: Free 2, Pro 3, Startup 5, Scale 15. 15 when not given. */
  maxContexts?: number;
  /** How long an utterance waits for a free context. 300 ms when not given. */
  contextWaitMs?: number;
  /** The longest wait for audio that Cartesia owes. 2,000 ms when not given: a caller hears it. */
  chunkTimeoutMs?: number;
  /** 3,000 ms when not given. */
  connectTimeoutMs?: number;
  /** A server without TLS, where a simulator listens. */
  plaintextTo?: { host: string; port: number };
}

export class CartesiaVoice implements Voice {
  readonly name = 'cartesia';
  readonly #options: CartesiaVoiceOptions;
  readonly #link: CartesiaLink;
  readonly #limit: ContextLimit;

  constructor(options: CartesiaVoiceOptions) {
    this.#options = options;
    const { apiKey, connectTimeoutMs = 3000, plaintextTo } = options;
    this.#link = new CartesiaLink({ apiKey, connectTimeoutMs, plaintextTo });
    this.#limit = new ContextLimit(options.maxContexts ?? 15, options.contextWaitMs ?? 300);
  }

  get openContexts(): number {
    return this.#limit.taken;
  }

  /** Opens the socket ahead of the first call. @throws {VoiceError} */
  connect(signal?: AbortSignal): Promise<void> {
    return this.#link.connect(signal);
  }

  /** An error that the text throws comes out as it is. */
  async *speak(text: AsyncIterable<string>, options: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const { signal } = options;
    signal.throwIfAborted();
    const utterance = new CartesiaUtterance({
      settings: this.#settings(options.language),
      chunkTimeoutMs: this.#options.chunkTimeoutMs ?? 2000,
      onAsked: options.onAsked,
    });
    const feed = new CartesiaFeed(text, utterance, {
      link: this.#link,
      limit: this.#limit,
      signal,
    });
    const abort = () => {
      utterance.abort(signal.reason);
      feed.stop();
    };
    signal.addEventListener('abort', abort, { once: true });
    feed.run().catch((error) => utterance.fail(error));
    try {
      yield* utterance.events;
    } catch (error) {
      if (error instanceof VoiceError && error.kind === 'stalled') feed.distrustConnection();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      utterance.abort(new Error('nobody listens any more'));
      feed.stop();
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #settings(asked: string | undefined): UtteranceSettings {
    const { voices, voiceId, modelId } = this.#options;
    const language = asked ?? this.#options.language ?? 'en';
    return {
      model_id: modelId ?? 'sonic-3.5',
      voice: voices?.[language] ?? voiceId,
      // Cartesia knows languages, not regions.
      language: language.slice(0, 2) as UtteranceSettings['language'] & string,
      output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
      add_timestamps: true,
      // Whole clauses come in: to wait for more would only add silence.
      max_buffer_delay_ms: 0,
    };
  }
}

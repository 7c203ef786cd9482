/** Cartesia, the embedded voice behind it, and the sentences that are rendered before anybody calls. */
import type { Logger } from 'pino';
import type { ClipName } from '../../machines/call-protocol.ts';
import type { Config } from '../config.ts';
import { firstLanguage, type Profile } from '../restaurant/profile.ts';
import { sentences } from '../restaurant/sentences.ts';
import { CartesiaVoice } from '../tts/cartesia-voice.ts';
import { type Clip, renderClips } from '../tts/clips.ts';
import { EmbeddedVoice } from '../tts/embedded-voice.ts';
import { FallbackVoice } from '../tts/fallback-voice.ts';
import type { Voice, VoiceErrorKind } from '../tts/voice.ts';

/** All clips of a language; the voices have shorter limits of their own. */
const RENDER_MS = 60_000;

export function newCartesia(config: Config, profile: Profile): CartesiaVoice {
  const [host, port] = config.CARTESIA_PLAINTEXT_ADDRESS?.split(':') ?? [];
  const voices = Object.entries(profile.languages).flatMap(([language, { voice }]) =>
    voice ? [[language, voice]] : [],
  );
  return new CartesiaVoice({
    apiKey: config.CARTESIA_API_KEY,
    voiceId: config.CARTESIA_VOICE_ID,
    voices: Object.fromEntries(voices),
    modelId: config.CARTESIA_MODEL,
    language: firstLanguage(profile),
    maxContexts: config.CARTESIA_MAX_CONTEXTS,
    ...(host && port && { plaintextTo: { host, port: Number(port) } }),
  });
}

/** Cartesia, and the embedded voice for whatever Cartesia does not speak. */
export async function startVoice(
  cartesia: CartesiaVoice,
  log: Logger,
  onFallback: (kind: VoiceErrorKind) => void,
): Promise<FallbackVoice> {
  const embedded = await EmbeddedVoice.start();
  return new FallbackVoice(cartesia, embedded, {
    onFallback: ({ kind }) => {
      log.warn({ kind }, 'embedded voice took over');
      onFallback(kind);
    },
  });
}

/** Resolves when it is connected or cannot be now; never rejects. */
export async function connectVoice(cartesia: CartesiaVoice, log: Logger): Promise<void> {
  await cartesia.connect().catch((error) => log.warn({ err: error }, 'voice not connected'));
}

export type Clips = Readonly<Record<ClipName, Clip>>;

export interface PreparedClips {
  /**
   * Resolves when the language in which calls begin is rendered; the others follow meanwhile.
   * Rejects with a `VoiceError` when it cannot be.
   */
  readonly ready: Promise<void>;
  readonly isReady: boolean;
  /** The sentences of a language; until they are rendered, those of the first. Not before `ready`. */
  of(language: string): Clips;
  /** Resolves when no more are being rendered. */
  stop(): Promise<void>;
}

/** @param connected Before that the embedded voice would be heard in Cartesia's place. */
export function prepareClips(
  voice: Voice,
  profile: Profile,
  log: Logger,
  connected: Promise<void>,
): PreparedClips {
  const first = firstLanguage(profile);
  const stopping = new AbortController();
  const rendered = new Map<string, Clips>();
  const render = async (language: string) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), RENDER_MS);
    const signal = AbortSignal.any([limit.signal, stopping.signal]);
    const texts = sentences(profile, language);
    const clips = await renderClips(voice, texts, { signal, language }).finally(() =>
      clearTimeout(timer),
    );
    rendered.set(language, clips);
  };
  const ready = connected.then(() => render(first));
  const others = Object.keys(profile.languages).filter((language) => language !== first);
  const rest = (async () => {
    await ready;
    for (const language of others) {
      await render(language).catch((error) => {
        if (!stopping.signal.aborted) log.warn({ language, err: error }, 'sentences not rendered');
      });
    }
  })();
  rest.catch(() => {});
  return {
    ready,
    get isReady() {
      return rendered.has(first);
    },
    of: (language) => {
      const clips = rendered.get(language) ?? rendered.get(first);
      if (!clips) throw new Error(`expected sentences in ${first}, they are still being rendered`);
      return clips;
    },
    stop: async () => {
      stopping.abort();
      await rest.catch(() => {});
    },
  };
}

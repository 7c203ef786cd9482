/** Cartesia, and the embedded voice behind it. */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { firstLanguage, type Profile } from '../restaurant/profile.ts';
import { CartesiaVoice } from '../tts/cartesia-voice.ts';
import { EmbeddedVoice } from '../tts/embedded-voice.ts';
import { FallbackVoice } from '../tts/fallback-voice.ts';
import type { VoiceErrorKind } from '../tts/voice.ts';

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

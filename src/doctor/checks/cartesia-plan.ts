import { CartesiaVoice } from '../../tts/cartesia-voice.ts';
import { VoiceError } from '../../tts/voice.ts';
import type { Check } from '../check.ts';
import { ExchangeError } from '../exchange.ts';
import { type Finding, failure, pass, skipped, warning } from '../finding.ts';
import { activeCalls } from '../served.ts';
import { required, type UsableSettings } from '../usable-settings.ts';

/** The most that a plan allows by default (Scale), and so the most characters that this check costs. */
const MOST_TRIED = 15;
const SHORTEST = 'A';

/**
 * The API does not tell the plan's limit: so many contexts as are configured say one letter each, at
 * the same time. A call that speaks just then could be refused, so it is not tried while there are any.
 */
export const cartesiaPlan: Check = {
  name: 'Cartesia plan',
  remedy: 'see to the key and the voice first',
  run: async ({ settings }, signal) => {
    const { CARTESIA_MAX_CONTEXTS: configured } = required(settings, 'CARTESIA_MAX_CONTEXTS');
    const tried = Math.min(configured, MOST_TRIED);
    const voice = newVoice(settings, tried);
    try {
      const calls = await callsInProgress(settings.PUBLIC_URL, signal);
      if (calls > 0) return skipped('not tried while calls are going on');
      await voice.connect(signal);
      return findingOf(await contextsSpoken(voice, tried, signal), tried, configured);
    } finally {
      await voice.close();
    }
  },
};

function newVoice(settings: UsableSettings, maxContexts: number): CartesiaVoice {
  const needed = required(settings, 'CARTESIA_API_KEY', 'CARTESIA_VOICE_ID', 'CARTESIA_MODEL');
  const [host, port] = settings.CARTESIA_PLAINTEXT_ADDRESS?.split(':') ?? [];
  return new CartesiaVoice({
    apiKey: needed.CARTESIA_API_KEY,
    voiceId: needed.CARTESIA_VOICE_ID,
    modelId: needed.CARTESIA_MODEL,
    maxContexts,
    ...(host && port && { plaintextTo: { host, port: Number(port) } }),
  });
}

/** None where no server answers: then there is nobody to disturb. */
async function callsInProgress(
  publicUrl: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (!publicUrl) return 0;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new ExchangeError('unreachable', 'late')), LOOK_MS);
  try {
    return (await activeCalls(publicUrl, AbortSignal.any([signal, limit.signal]))) ?? 0;
  } catch (error) {
    if (error instanceof ExchangeError) return 0;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const LOOK_MS = 2000;

/** How many of them speak at once. @throws {VoiceError} when one does not for another reason */
async function contextsSpoken(
  voice: CartesiaVoice,
  contexts: number,
  signal: AbortSignal,
): Promise<number> {
  const leaving = new AbortController();
  const scope = AbortSignal.any([signal, leaving.signal]);
  try {
    const speaking = Array.from({ length: contexts }, () => hasSpoken(voice, scope));
    return (await Promise.all(speaking)).filter((has) => has).length;
  } finally {
    // Only now: a context that ends makes room for another.
    leaving.abort();
  }
}

/** Resolves with the first sound, and leaves the context open. False: the plan has no more. */
async function hasSpoken(voice: CartesiaVoice, signal: AbortSignal): Promise<boolean> {
  const events = voice.speak(letter(), { signal })[Symbol.asyncIterator]();
  try {
    await events.next();
    return true;
  } catch (error) {
    if (error instanceof VoiceError && error.kind === 'limited') return false;
    throw error;
  }
}

async function* letter(): AsyncGenerator<string> {
  yield SHORTEST;
}

function findingOf(spoken: number, tried: number, configured: number): Finding {
  const asked = tried < configured ? `${tried} of ${configured}` : `${tried}`;
  if (spoken === tried) return pass(`${asked} contexts spoke at once`);
  if (spoken === 0) {
    const next = 'see who else speaks with this key, or buy a larger plan';
    return failure('the plan allows no context now', next);
  }
  return warning(
    `${spoken} contexts spoke at once, expected ${tried}: beyond it the embedded voice speaks`,
    `set CARTESIA_MAX_CONTEXTS=${spoken}, or buy a larger plan`,
  );
}

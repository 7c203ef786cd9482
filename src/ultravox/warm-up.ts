/** The engine's first requests: they load what is cold, and prove that sound reaches the model. */
import { MULAW_SILENCE, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { type AudioFormat, encodeAudio } from './encode-audio.ts';
import type { ContentPart, EngineClient, EngineRequest } from './engine-client.ts';
import { EngineError } from './engine-error.ts';

export interface WarmUpResult {
  /** Prompt tokens that one second of sound costs. */
  audioTokens: number;
  /** Of both requests together. */
  ms: number;
  /** The format that the engine takes: `pcm16` where it refused the mu-law that was asked for. */
  audioFormat: AudioFormat;
}

/** The engine answers, but it is not fit for calls. */
export class EngineSelfTestError extends Error {
  override name = 'EngineSelfTestError';
}

export interface WarmUpOptions {
  signal: AbortSignal;
  audioFormat?: AudioFormat;
  /** How every call's requests begin: prompt and tools. Read now, they are in the prefix cache. */
  beginning?: Pick<EngineRequest, 'messages' | 'tools'>;
}

/**
 * Sends one second of silence, then the same without it, and compares the prompts' sizes. A chat
 * template that knows nothing of sound drops it without a word, and the model would answer nobody.
 * A cold engine may need minutes: give `client` a first-token deadline to match. Last it is given what
 * all calls begin with.
 * @throws {EngineSelfTestError} when the sound does not reach the model
 * @throws {EngineError} when the engine does not answer
 */
export async function warmUp(
  client: Pick<EngineClient, 'stream'>,
  options: WarmUpOptions,
): Promise<WarmUpResult> {
  const startMs = performance.now();
  const { signal } = options;
  const silence = new Uint8Array(SAMPLE_RATE_HZ).fill(MULAW_SILENCE);
  let audioFormat = options.audioFormat ?? 'mulaw';
  const withAudio = () => promptTokens(client, [encodeAudio(silence, audioFormat), HELLO], signal);
  let tokens: number;
  try {
    tokens = await withAudio();
  } catch (error) {
    if (audioFormat === 'pcm16' || !isRefusal(error)) throw error;
    audioFormat = 'pcm16';
    tokens = await withAudio();
  }
  const audioTokens = tokens - (await promptTokens(client, [HELLO], signal));
  if (audioTokens < MIN_AUDIO_TOKENS) {
    throw new EngineSelfTestError(
      `audio does not reach the model: expected at least ${MIN_AUDIO_TOKENS} prompt tokens for ` +
        `1 s of it, got ${audioTokens}; check vLLM's chat template and its content format`,
    );
  }
  if (options.beginning) await readBeginning(client, options.beginning, signal);
  return { audioTokens, ms: performance.now() - startMs, audioFormat };
}

/** An engine that takes no tools would refuse every request of every call: better known now. */
async function readBeginning(
  client: Pick<EngineClient, 'stream'>,
  { messages, tools }: NonNullable<WarmUpOptions['beginning']>,
  signal: AbortSignal,
): Promise<void> {
  const request: EngineRequest = {
    messages: [...messages, { role: 'user', content: [HELLO] }],
    ...(tools && { tools }),
    maxTokens: 1,
    temperature: 0,
  };
  for await (const _ of client.stream(request, signal)) {
    // What it says to this is nobody's answer.
  }
}

/** Ultravox makes 6.25 tokens of a second, rounded up. */
const MIN_AUDIO_TOKENS = 7;
const HELLO: ContentPart = { type: 'text', text: 'Hello.' };

async function promptTokens(
  client: Pick<EngineClient, 'stream'>,
  content: readonly ContentPart[],
  signal: AbortSignal,
): Promise<number> {
  const request = { messages: [{ role: 'user', content }], maxTokens: 1, temperature: 0 } as const;
  let tokens: number | undefined;
  for await (const event of client.stream(request, signal)) {
    if (event.type === 'finished') tokens = event.usage?.promptTokens;
  }
  if (tokens !== undefined) return tokens;
  throw new EngineSelfTestError('expected the engine to report its usage, got none');
}

/** Statuses with which vLLM, or a proxy before it, refuses a media type. */
function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && [400, 415, 422, 500].includes(error.status ?? 0);
}

/** Everything that runs in one process: engine, voices, voice activity, live calls, HTTP server. */
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { CallLimits } from '../machines/call-protocol.ts';
import type { CallObserver } from './call/call-services.ts';
import { Calls } from './calls.ts';
import type { Config } from './config.ts';
import { Engine } from './engine.ts';
import { sentences } from './restaurant/sentences.ts';
import { systemPrompt } from './restaurant/system-prompt.ts';
import { createServer } from './server.ts';
import { CartesiaVoice } from './tts/cartesia-voice.ts';
import { renderClips } from './tts/clips.ts';
import { EmbeddedVoice } from './tts/embedded-voice.ts';
import { FallbackVoice } from './tts/fallback-voice.ts';
import { startVoiceActivity, type VoiceActivity } from './turns/voice-activity.ts';
import { StreamTokens } from './twilio/stream-token.ts';
import { EngineClient } from './ultravox/engine-client.ts';
import { VllmProcess } from './ultravox/vllm-process.ts';

/** What live calls hold at this moment; all zero when there are none. */
export interface InUse {
  calls: number;
  voiceActivityStreams: number;
  queued: number;
  inSlot: number;
  streaming: number;
  voiceContexts: number;
}

export interface Orchestrator {
  /** Where it listens, such as http://127.0.0.1:8080. */
  readonly url: string;
  readonly calls: Calls;
  readonly engine: Engine;
  readonly inUse: InUse;
  /** Takes no new calls, lets the live ones finish within the time given, releases everything. */
  close(graceMs: number): Promise<void>;
}

export interface OrchestratorOptions {
  log: Logger;
  observer?: CallObserver;
  /** Departures from the usual limits, for tests and experiments. */
  limits?: Partial<CallLimits>;
}

/** From asking for a reply until the engine must have begun on it. */
const QUEUE_DEADLINE_MS = 6000;
/** All clips together; the voices have shorter limits of their own. */
const RENDER_MS = 60_000;
/** Weights from disk, compilation, first generation. */
const COLD_START_MS = 15 * 60_000;
const VLLM_URL = 'http://127.0.0.1:8000/v1';

export async function startOrchestrator(
  config: Config,
  options: OrchestratorOptions,
): Promise<Orchestrator> {
  const { log } = options;
  const vllm = config.ULTRAVOX_URL ? undefined : newVllm(config, log);
  const engine = newEngine(config, log, vllm);
  engine.start();
  const cartesia = newCartesia(config);
  const [activity, voice] = await Promise.all([startVoiceActivity(), startVoice(cartesia, log)]);
  const tokens = new StreamTokens({ secret: config.TWILIO_AUTH_TOKEN });
  const calls = await newCalls(config, options, { engine, activity, voice, tokens });
  const refusal = () => {
    if (calls.draining) return 'draining';
    if (calls.full) return 'full';
    return engine.takesCalls ? undefined : 'engine';
  };
  const server = await createServer({
    publicUrl: config.PUBLIC_URL,
    authToken: config.TWILIO_AUTH_TOKEN,
    calls,
    tokens,
    refusal,
    engineState: () => engine.state,
    staffPhone: config.RESTAURANT_STAFF_PHONE,
    language: config.RESTAURANT_LANGUAGE,
    log,
  });
  await server.listen({ port: config.PORT, host: config.HOST });
  const { port } = server.server.address() as AddressInfo;
  log.info({ port }, 'listening');

  const close = async (graceMs: number) => {
    await calls.drain(graceMs);
    engine.close();
    await server.close();
    await Promise.all([voice.close(), activity.close(), vllm?.stop()]);
    log.info('closed');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    engine,
    get inUse() {
      const { depth, inSlot, streaming } = engine.queue;
      return {
        calls: calls.active,
        voiceActivityStreams: activity.openStreams,
        queued: depth,
        inSlot,
        streaming,
        voiceContexts: cartesia.openContexts,
      };
    },
    close,
  };
}

function newVllm(config: Config, log: Logger): VllmProcess {
  return new VllmProcess({
    command: config.VLLM_COMMAND,
    model: config.ULTRAVOX_MODEL,
    url: VLLM_URL,
    onLine: (line) => log.debug({ line }, 'vllm'),
  });
}

function newEngine(config: Config, log: Logger, vllm: VllmProcess | undefined): Engine {
  const newClient = (firstTokenMs: number) =>
    new EngineClient({
      url: config.ULTRAVOX_URL ?? VLLM_URL,
      model: config.ULTRAVOX_MODEL,
      firstTokenMs,
      betweenTokensMs: config.ULTRAVOX_BETWEEN_TOKENS_SECONDS * 1000,
      ...(config.ULTRAVOX_API_KEY && { apiKey: config.ULTRAVOX_API_KEY }),
    });
  return new Engine({
    client: newClient(config.ULTRAVOX_FIRST_TOKEN_SECONDS * 1000),
    patientClient: newClient(COLD_START_MS),
    queue: {
      concurrency: config.ENGINE_CONCURRENCY,
      slot: config.ENGINE_SLOT,
      maxStreams: config.ENGINE_MAX_STREAMS,
      maxDepth: config.ENGINE_MAX_QUEUE,
    },
    limits: {
      warmUpMs: COLD_START_MS,
      probeMs: 10_000,
      probeIntervalMs: 30_000,
      forgiveMs: 10_000,
      failures: 3,
      backOffMs: 1000,
      backOffMaxMs: 60_000,
    },
    log,
    ...(vllm && { ensureRunning: (signal: AbortSignal) => vllm.ensureRunning(signal) }),
  });
}

function newCartesia(config: Config): CartesiaVoice {
  const [host, port] = config.CARTESIA_PLAINTEXT_ADDRESS?.split(':') ?? [];
  return new CartesiaVoice({
    apiKey: config.CARTESIA_API_KEY,
    voiceId: config.CARTESIA_VOICE_ID,
    modelId: config.CARTESIA_MODEL,
    language: config.RESTAURANT_LANGUAGE,
    maxContexts: config.CARTESIA_MAX_CONTEXTS,
    ...(host && port && { plaintextTo: { host, port: Number(port) } }),
  });
}

/** Cartesia, and the embedded voice for whatever Cartesia does not speak. */
async function startVoice(cartesia: CartesiaVoice, log: Logger): Promise<FallbackVoice> {
  const embedded = await EmbeddedVoice.start();
  await cartesia.connect().catch((error) => log.warn({ err: error }, 'voice not connected'));
  return new FallbackVoice(cartesia, embedded, {
    onFallback: (error) => log.warn({ kind: error.kind }, 'embedded voice took over'),
  });
}

async function newCalls(
  config: Config,
  options: OrchestratorOptions,
  parts: { engine: Engine; activity: VoiceActivity; voice: FallbackVoice; tokens: StreamTokens },
): Promise<Calls> {
  const { engine, activity, voice, tokens } = parts;
  const language = config.RESTAURANT_LANGUAGE;
  const rendering = new AbortController();
  const timer = setTimeout(() => rendering.abort(), RENDER_MS);
  const texts = sentences({ name: config.RESTAURANT_NAME, greeting: config.RESTAURANT_GREETING });
  const clips = await renderClips(voice, texts, { signal: rendering.signal, language });
  clearTimeout(timer);
  const services = {
    input: {
      limits: { ...limitsOf(config), ...options.limits },
      personReachable: config.RESTAURANT_STAFF_PHONE !== undefined,
    },
    verify: (start: {
      callSid: string;
      accountSid: string;
      customParameters: ReadonlyMap<string, string>;
    }) =>
      start.accountSid === config.TWILIO_ACCOUNT_SID &&
      tokens.redeem(start.customParameters.get('token') ?? '', start.callSid) === 'ok',
    activity,
    queue: engine.queue,
    voice,
    clips,
    systemPrompt: systemPrompt({
      name: config.RESTAURANT_NAME,
      hours: config.RESTAURANT_HOURS,
      address: config.RESTAURANT_ADDRESS,
      language,
    }),
    audioFormat: () => engine.audioFormat,
    language,
    temperature: config.ULTRAVOX_TEMPERATURE,
    maxTokens: config.ULTRAVOX_MAX_TOKENS,
    queueDeadlineMs: QUEUE_DEADLINE_MS,
    log: options.log,
    ...(options.observer && { observer: options.observer }),
  };
  return new Calls(services, config.MAX_CALLS);
}

function limitsOf(config: Config): CallLimits {
  return {
    firstMessagesMs: config.FIRST_MESSAGES_SECONDS * 1000,
    callMs: config.MAX_CALL_MINUTES * 60_000,
    inactivityMs: config.INACTIVITY_SECONDS * 1000,
    idleMs: config.IDLE_SECONDS * 1000,
    reprompts: 2,
    turns: config.MAX_CONVERSATION_TURNS,
    callerTurnMs: 60_000,
    agentTurnMs: 120_000,
    fillerMs: 1000,
    toolFillerMs: 800,
    apologyMs: 3000,
    giveUpMs: 9000,
    bargeInMs: 2000,
    announcementMs: 20_000,
    failures: 3,
  };
}

/** The engine as the settings describe it, in a process of its own or in one that we start. */
import type { Logger } from 'pino';
import type { CallObserver } from '../call/call-services.ts';
import type { Config } from '../config.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import { EngineClient } from '../ultravox/engine-client.ts';
import { vllmUrl } from '../ultravox/vllm-command.ts';
import { VllmProcess } from '../ultravox/vllm-process.ts';

/** Elsewhere, weights may have to be loaded from disk first, and the model compiled. */
const COLD_START_MS = 15 * 60_000;
/** Here, vLLM answers when that is done: what is left is the first generation. */
const FIRST_GENERATION_MS = 3 * 60_000;

/** Where the engine serves. */
export function engineUrl(config: Pick<Config, 'ULTRAVOX_URL' | 'VLLM_PORT'>): string {
  return config.ULTRAVOX_URL ?? vllmUrl(config.VLLM_PORT);
}

/**
 * Undefined where the engine is somewhere else.
 *
 * @param env what vLLM is given of it is chosen in `vllm-command.ts`
 */
export function newVllm(
  config: Config,
  log: Logger,
  env: Readonly<Record<string, string | undefined>> = process.env,
): VllmProcess | undefined {
  if (config.ULTRAVOX_URL) return undefined;
  const settings = {
    command: config.VLLM_COMMAND,
    model: config.ULTRAVOX_MODEL,
    port: config.VLLM_PORT,
    gpuMemoryUtilization: config.VLLM_GPU_MEMORY_UTILIZATION,
    maxModelLen: config.VLLM_MAX_MODEL_LEN,
    dtype: config.VLLM_DTYPE,
    maxNumSeqs: config.VLLM_MAX_NUM_SEQS,
    extraArgs: config.VLLM_EXTRA_ARGS,
    hfToken: config.HF_TOKEN,
    hfHome: config.HF_HOME,
    apiKey: config.ULTRAVOX_API_KEY,
  };
  return new VllmProcess({ settings, env, log });
}

export function newEngine(
  config: Config,
  beginning: EngineOptions['beginning'],
  log: Logger,
  vllm: VllmProcess | undefined,
  inspect: EngineOptions['inspect'],
): Engine {
  const newClient = (firstTokenMs: number) =>
    new EngineClient({
      url: engineUrl(config),
      model: config.ULTRAVOX_MODEL,
      firstTokenMs,
      betweenTokensMs: config.ULTRAVOX_BETWEEN_TOKENS_SECONDS * 1000,
      ...(config.ULTRAVOX_API_KEY && { apiKey: config.ULTRAVOX_API_KEY }),
    });
  const engine = new Engine({
    client: newClient(config.ULTRAVOX_FIRST_TOKEN_SECONDS * 1000),
    patientClient: newClient(vllm ? FIRST_GENERATION_MS : COLD_START_MS),
    queue: {
      concurrency: config.ENGINE_CONCURRENCY,
      slot: config.ENGINE_SLOT,
      maxStreams: config.ENGINE_MAX_STREAMS,
      maxDepth: config.ENGINE_MAX_QUEUE,
    },
    limits: {
      // The process has a bound of its own on its loading, which must come first.
      warmUpMs: vllm ? COLD_START_MS + 2 * FIRST_GENERATION_MS : COLD_START_MS,
      probeMs: 10_000,
      probeIntervalMs: 30_000,
      forgiveMs: 10_000,
      failures: 3,
      backOffMs: 1000,
      backOffMaxMs: 60_000,
    },
    beginning,
    log,
    ...(inspect && { inspect }),
    ...(vllm && { process: vllm }),
  });
  vllm?.watch((state) => {
    if (state === 'ending') engine.lost();
  });
  return engine;
}

/** Looks on at every call: while a caller speaks, the connection for the request to come is opened. */
export function engineConnector(engine: Pick<Engine, 'expectRequest'>): CallObserver {
  return {
    onState: (_call, path) => {
      if (path === CALLER_SPEAKS) engine.expectRequest();
    },
  };
}

const CALLER_SPEAKS = 'conversation.listening.hearing.talking';

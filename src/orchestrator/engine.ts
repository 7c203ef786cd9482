/** The engine as the settings describe it, in a process of its own or in one that we start. */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import { EngineClient } from '../ultravox/engine-client.ts';
import { VllmProcess } from '../ultravox/vllm-process.ts';

/** Weights from disk, compilation, first generation. */
const COLD_START_MS = 15 * 60_000;
const VLLM_URL = 'http://127.0.0.1:8000/v1';

/** Undefined where the engine is somewhere else. */
export function newVllm(config: Config, log: Logger): VllmProcess | undefined {
  if (config.ULTRAVOX_URL) return undefined;
  return new VllmProcess({
    command: config.VLLM_COMMAND,
    model: config.ULTRAVOX_MODEL,
    url: VLLM_URL,
    onLine: (line) => log.debug({ line }, 'vllm'),
  });
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
    beginning,
    log,
    ...(inspect && { inspect }),
    ...(vllm && { ensureRunning: (signal: AbortSignal) => vllm.ensureRunning(signal) }),
  });
}

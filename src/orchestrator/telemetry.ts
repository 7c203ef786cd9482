/** Metrics and traces of this process: who feeds them, and how they are read. */
import type { Logger } from 'pino';
import type { BackPressure } from '../back-pressure.ts';
import type { CallObserver } from '../call/call-services.ts';
import type { Calls } from '../calls.ts';
import type { Config } from '../config.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import type { Journal } from '../journal/journal.ts';
import type { Readings } from '../metrics/state-metrics.ts';
import type { Exposition, ServerWatch } from '../server/metrics.ts';
import { startTracing, type Tracing } from '../tracing/tracing.ts';
import type { VoiceErrorKind } from '../tts/voice.ts';
import type { EngineQueue } from '../ultravox/engine-queue.ts';
import { metricsText } from '../ultravox/metrics-text.ts';
import type { VllmProcess } from '../ultravox/vllm-process.ts';
import type { EngineLoad } from './admission.ts';
import { engineUrl } from './engine.ts';
import { harmless } from './harmless.ts';
import { metricsFeed, newMetrics } from './metrics.ts';
import { joinObservers } from './observers.ts';
import { PROGRAM_VERSION } from './program-version.ts';
import { tracingFeed } from './tracing.ts';

/** Prometheus waits 10 s by default; an engine that hangs must not cost it our own figures. */
const VLLM_MS = 500;

export interface Telemetry {
  readonly observer: CallObserver;
  readonly inspectEngine: NonNullable<EngineOptions['inspect']>;
  readonly onVoiceFallback: (kind: VoiceErrorKind) => void;
  readonly server: ServerWatch;
  watchQueue(queue: EngineQueue): void;
  /** @param sources asked whenever somebody reads */
  exposition(sources: Sources): Promise<Exposition>;
  /** Sends what is left of the traces, within 2 s. */
  close(): Promise<void>;
}

/** Of what is read when somebody asks, and told by nobody. */
export interface Sources {
  calls: Pick<Calls, 'active' | 'oldestMarkAgeMs'>;
  engine: Pick<Engine, 'queue' | 'state' | 'takesCalls'>;
  gate: { readonly load: EngineLoad; refusal(): string | undefined };
  journal: Pick<Journal, 'state'>;
  voice: { readonly openContexts: number };
  /** Undefined: the engine runs elsewhere. */
  vllm: Pick<VllmProcess, 'state' | 'starts'> | undefined;
  pressure: Pick<BackPressure, 'shed'>;
}

/** @param tools the names of those that the model is offered */
export async function startTelemetry(
  config: Config,
  tools: readonly string[],
  log: Logger,
): Promise<Telemetry> {
  // A mistake of ours that may come with every event: one line says it all.
  const onFault = once((err) => log.error({ err }, 'telemetry failed'));
  const metrics = newMetrics(tools);
  const figures = harmless(metricsFeed(metrics), onFault);
  const tracing = await tracingOf(config, log);
  const traces = tracing && harmless(tracingFeed(tracing.calls), onFault);
  const observers = [figures.observer, ...(traces ? [traces.observer] : [])];
  const readVllm = vllmReader(config);
  return {
    observer: joinObservers(observers.map((observer) => harmless(observer, onFault))),
    inspectEngine: figures.inspectEngine,
    onVoiceFallback: figures.onVoiceFallback,
    server: harmless(figures.server, onFault),
    watchQueue: (queue) => {
      queue.watch({ onEnded: figures.onRequestEnded });
      if (traces) queue.watch({ onEnded: traces.onRequestEnded });
    },
    exposition: async (sources) => {
      const vllmText = await readVllm();
      const text = await metrics.text(readingsOf(sources, config.MAX_CALLS), vllmText);
      return { contentType: metrics.contentType, text };
    },
    close: async () => tracing?.close(),
  };
}

async function tracingOf(config: Config, log: Logger): Promise<Tracing | undefined> {
  const onFailure = once(() => log.warn('traces not sent'));
  const options = { version: PROGRAM_VERSION, model: config.ULTRAVOX_MODEL, onFailure };
  try {
    return await startTracing(options);
  } catch (err) {
    log.error({ err }, 'tracing not started');
    return undefined;
  }
}

/** Whoever asks while it is being read gets the same. */
function vllmReader(config: Config): () => Promise<string | undefined> {
  const { ULTRAVOX_API_KEY: apiKey } = config;
  const url = engineUrl(config);
  let reading: Promise<string | undefined> | undefined;
  return () => {
    reading ??= metricsText({ url, apiKey }, VLLM_MS).finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

function readingsOf(
  { calls, engine, gate, journal, voice, vllm, pressure }: Sources,
  limit: number,
): Readings {
  const { depth, inSlot, streaming } = engine.queue;
  const predictedWaitMs = engine.queue.predictedWaitMs();
  return {
    ready: gate.refusal() === undefined,
    calls: { active: calls.active, limit, oldestMarkAgeMs: calls.oldestMarkAgeMs },
    queue: { depth, inSlot, streaming, predictedWaitMs },
    engine: { state: engine.state, takesCalls: engine.takesCalls },
    engineProcess: vllm && { state: vllm.state, starts: vllm.starts },
    load: gate.load,
    voiceContexts: voice.openContexts,
    journal: journal.state,
    shed: pressure.shed,
  };
}

function once(tell: (error: unknown) => void): (error?: unknown) => void {
  let told = false;
  return (error) => {
    if (!told) tell(error);
    told = true;
  };
}

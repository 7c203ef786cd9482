/** Everything that runs in one process: engine, voices, voice activity, records, live calls, HTTP server. */
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { CallLimits } from '../machines/call-protocol.ts';
import { BackPressure } from './back-pressure.ts';
import type { CallObserver } from './call/call-services.ts';
import { Calls } from './calls.ts';
import type { Config } from './config.ts';
import type { Engine } from './engine.ts';
import { findCall, listCalls } from './journal/call-list.ts';
import { callerKey, last4 } from './journal/caller-key.ts';
import { readContinuation } from './journal/continuation.ts';
import type { EngineLoad } from './orchestrator/admission.ts';
import { CallGate } from './orchestrator/call-gate.ts';
import { callLimits } from './orchestrator/call-limits.ts';
import { decisions } from './orchestrator/decisions.ts';
import { engineConnector, newEngine, newVllm } from './orchestrator/engine.ts';
import { type FrontDesk, newFrontDesk } from './orchestrator/front-desk.ts';
import { joinObservers } from './orchestrator/observers.ts';
import { type Around, openAround } from './orchestrator/open-around.ts';
import { PreparedClips } from './orchestrator/prepared-clips.ts';
import { PROGRAM_VERSION } from './orchestrator/program-version.ts';
import type { Records } from './orchestrator/records.ts';
import { claimWhenReady, streamClaims } from './orchestrator/stream-claims.ts';
import { takingOver } from './orchestrator/taking-over.ts';
import { startTelemetry, type Telemetry } from './orchestrator/telemetry.ts';
import { newTwilioRest, outboundDial } from './orchestrator/telephone.ts';
import { type CallFeed, startFeed, visualiserOptions } from './orchestrator/visualiser.ts';
import { connectVoice, newCartesia, startVoice } from './orchestrator/voice.ts';
import { callSentences } from './restaurant/call-sentences.ts';
import { momentNote } from './restaurant/moment-note.ts';
import { firstLanguage, type Profile } from './restaurant/profile.ts';
import { systemPrompt } from './restaurant/system-prompt.ts';
import { toolDescriptions } from './restaurant/toolbox.ts';
import type { ServerOptions } from './server/server-options.ts';
import { createServer } from './server.ts';
import type { StreamStart } from './twilio/media-stream.ts';
import type { TwilioRest } from './twilio/rest.ts';
import { StreamTokens } from './twilio/stream-token.ts';
import type { VllmProcess } from './ultravox/vllm-process.ts';

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
  readonly records: Records;
  readonly inUse: InUse;
  /** What one more call would meet at the engine. */
  readonly load: EngineLoad;
  /** Takes no new calls, lets the live ones finish within the time given, releases everything. */
  close(graceMs: number): Promise<void>;
}

export interface OrchestratorOptions {
  /** The restaurant that answers. */
  profile: Profile;
  log: Logger;
  observer?: CallObserver;
  /** Departures from the usual limits, for tests and experiments. */
  limits?: Partial<CallLimits>;
  /** What the log gives up as well when this process is behind. */
  pressure?: BackPressure;
}

/** From asking for a reply until the engine must have begun on it. */
const QUEUE_DEADLINE_MS = 6000;

export async function startOrchestrator(
  config: Config,
  options: OrchestratorOptions,
): Promise<Orchestrator> {
  const { log, profile, pressure = new BackPressure() } = options;
  const vllm = newVllm(config, log);
  // One text for the warm-up and for the calls: the prefix cache knows only the same bytes.
  const prompt = systemPrompt(profile, { language: firstLanguage(profile) });
  const tools = toolDescriptions(profile);
  const beginning = { messages: [{ role: 'system', content: prompt } as const], tools };
  const feed = startFeed(config, () => engine.queue, pressure, log);
  const toolNames = tools.map((tool) => tool.function.name);
  const telemetry = await startTelemetry(config, toolNames, log);
  const engine = newEngine(config, beginning, log, vllm, (event) => {
    feed.inspectEngine(event);
    telemetry.inspectEngine(event);
  });
  telemetry.watchQueue(engine.queue);
  engine.start();
  await using opened = new AsyncDisposableStack();
  opened.defer(() => telemetry.close());
  // Left alone, it would keep the GPU from whoever starts next.
  opened.defer(() => vllm?.stop());
  opened.defer(() => feed.feed.close());
  opened.defer(() => engine.close());
  const core = { engine, vllm, prompt, feed, telemetry, pressure };
  const orchestrator = await startAround(core, config, options, opened);
  // All of it runs: from now on `close` closes it.
  opened.move();
  return orchestrator;
}

interface Core {
  engine: Engine;
  vllm: VllmProcess | undefined;
  prompt: string;
  feed: CallFeed;
  telemetry: Telemetry;
  pressure: BackPressure;
}

async function startAround(
  core: Core,
  config: Config,
  options: OrchestratorOptions,
  opened: AsyncDisposableStack,
): Promise<Orchestrator> {
  const { log, profile } = options;
  const { engine, vllm, feed, telemetry, pressure } = core;
  const cartesia = newCartesia(config, profile);
  const connected = connectVoice(cartesia, log);
  const startingVoice = startVoice(cartesia, log, telemetry.onVoiceFallback);
  const around = await openAround(startingVoice, config, log, opened);
  const { activity, voice, records, turnModel } = around;
  // Callers need them, a server that listens does not: `/ready` says when they are there.
  const { first, second } = voice;
  const onFallback = telemetry.onVoiceFallback;
  const clips = new PreparedClips({ first, second, profile, log, connected, onFallback });
  opened.defer(() => clips.stop());
  const frontDesk = newFrontDesk(config, profile, records, log);
  opened.defer(() => frontDesk.close());
  const tokens = new StreamTokens({ secret: config.TWILIO_AUTH_TOKEN });
  const gate = new CallGate(config, engine);
  const rest = newTwilioRest(config);
  const parts = { ...core, ...around, clips, frontDesk, tokens, gate, rest };
  const calls = newCalls(config, options, parts);
  gate.guard(calls);
  const { journal } = records;
  const http = serverOptions(config, options, { ...parts, calls });
  const readiness = {
    refusal: http.refusal,
    get load() {
      return gate.load;
    },
  };
  const sources = { calls, engine, gate: readiness, journal, voice: cartesia, vllm, pressure };
  const server = await createServer({
    ...http,
    metrics: () => telemetry.exposition(sources),
    watch: telemetry.server,
  });
  opened.defer(() => server.close());
  await server.listen({ port: config.PORT, host: config.HOST });
  const { port } = server.server.address() as AddressInfo;
  log.info({ port }, 'listening');
  if (config.RECORD_CALLS === 'on') log.info('calls are recorded');
  rest.load();
  await clips.ready;
  pressure.watch((lateMs) => log.warn({ lateMs }, 'process fell behind'));

  const close = async (graceMs: number) => {
    pressure.stop();
    await calls.drain(graceMs);
    engine.close();
    await server.close();
    feed.feed.close();
    await clips.stop();
    frontDesk.close();
    const parts = [voice, activity, turnModel, records, telemetry];
    const closing = parts.map((part) => part?.close());
    await Promise.all([...closing, vllm?.stop()]);
    log.info('closed');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    engine,
    records,
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
    get load() {
      return gate.load;
    },
    close,
  };
}

interface Parts extends Omit<Core, 'vllm'>, Around {
  clips: PreparedClips;
  frontDesk: FrontDesk;
  tokens: StreamTokens;
  gate: CallGate;
  rest: TwilioRest;
}

function newCalls(config: Config, options: OrchestratorOptions, parts: Parts): Calls {
  const { engine, prompt, feed, activity, voice, records, clips, frontDesk, tokens, gate } = parts;
  const { profile, observer, log } = options;
  const language = firstLanguage(profile);
  const services = {
    limits: callLimits(config, options.limits),
    personReachable: () => frontDesk.staffNumber(undefined) !== undefined,
    verify: ({ callSid, accountSid, customParameters }: StreamStart) => {
      const { token = '', ...claims } = Object.fromEntries(customParameters);
      const verdict = tokens.redeem(token, callSid, claims);
      return accountSid === config.TWILIO_ACCOUNT_SID && verdict === 'ok';
    },
    claim: claimWhenReady(clips, streamClaims(records.database, log)),
    continuation: (callSid: string, epoch: number) =>
      readContinuation(records.database, callSid, epoch),
    activity,
    turnModel: parts.turnModel,
    queue: engine.queue,
    voice,
    clips: (language: string) => clips.of(language),
    systemPrompt: prompt,
    note: () => momentNote(profile, Date.now()),
    openDesk: frontDesk.openDesk,
    toolDescriptions: toolDescriptions(profile),
    journal: records.journal,
    recordings: config.RECORD_CALLS === 'on' ? records.recordings : undefined,
    versions: versionsOf(config),
    audioFormat: () => engine.audioFormat,
    language,
    temperature: config.ULTRAVOX_TEMPERATURE,
    maxTokens: config.ULTRAVOX_MAX_TOKENS,
    queueDeadlineMs: QUEUE_DEADLINE_MS,
    speculates: config.ENGINE_SPECULATION === 'on',
    log,
    observer: joinObservers([
      gate.observer,
      engineConnector(engine),
      ...(observer ? [observer] : []),
      feed.observer,
      parts.telemetry.observer,
    ]),
  };
  // Behind a database of its own, one process is all that there is.
  return new Calls(services, config.MAX_CALLS, { handsOver: config.DATABASE_URL !== undefined });
}

function serverOptions(
  config: Config,
  { profile, log }: OrchestratorOptions,
  { engine, feed, records, clips, frontDesk, tokens, gate, rest, calls }: Parts & { calls: Calls },
): ServerOptions {
  const keySecret = config.CALLER_KEY_SECRET ?? config.TWILIO_AUTH_TOKEN;
  return {
    publicUrl: config.PUBLIC_URL,
    authToken: config.TWILIO_AUTH_TOKEN,
    apiToken: config.API_TOKEN,
    calls,
    tokens,
    refusal: () => gate.refusal() ?? (clips.isReady ? undefined : 'engine'),
    admit: (callSid) => gate.admit(callSid),
    engineState: () => engine.state,
    decisionOf: decisions(calls, records.database),
    takeOver: takingOver({ ...records, gate, calls }),
    staffNumber: frontDesk.staffNumber,
    answeredBy: (callSid, who) => who === 'machine' && calls.answeredByMachine(callSid),
    hangUp: (callSid) => rest.hangUp(callSid),
    journal: records.journal,
    callerKey: (number) => ({ key: callerKey(number, keySecret), last4: last4(number) }),
    sayings: callSentences,
    language: firstLanguage(profile),
    records: {
      list: (query) => listCalls(records.database, query),
      one: (callSid) => findCall(records.database, callSid),
    },
    dial: outboundDial(config, rest),
    visualiser: visualiserOptions(config, feed.feed, records),
    log,
  };
}

function versionsOf(config: Config): string {
  const { ULTRAVOX_MODEL: model, CARTESIA_MODEL: voice } = config;
  return JSON.stringify({ program: PROGRAM_VERSION, model, voice });
}

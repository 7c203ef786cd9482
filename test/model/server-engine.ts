/**
 * The real engine of a server, with its queue and its client, in front of a simulated Ultravox; what
 * becomes of it is read from the feed of a real server.
 */
import pino from 'pino';
import type { InspectionEvent } from 'xstate';
import type { EngineLimits } from '../../machines/engine.ts';
import { Engine } from '../../src/engine.ts';
import {
  type SimulatedUltravox,
  startSimulatedUltravox,
} from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { EngineClient, type EngineRequest } from '../../src/ultravox/engine-client.ts';
import { ENGINE_SESSION } from '../../src/visualiser/feed.ts';
import { FeedClient } from '../support/feed-client.ts';
import {
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from '../support/steered-server.ts';
import type { Look } from './driver.ts';
import type { EngineWork, EngineWorld } from './engine-driver.ts';
import { EngineGate, type GateRequest, type Passage } from './engine-gate.ts';
import { limitsAlong, type Pace, type TimerLimits } from './path-limits.ts';
import type { Path } from './paths.ts';
import { type ToldSession, ToldSessions } from './told-session.ts';

const PATIENCE_MS = 30_000;
/** Of calls; the engine's own work says "Hello.". */
const CALLERS_WORDS = 'I would like to book a table.';

interface EngineParts {
  ultravox: SimulatedUltravox;
  gate: EngineGate;
  server: SteeredServer;
  viewer: FeedClient;
  told: ToldSession;
  passages: Passages;
}

export class ServerEngine implements EngineWorld {
  readonly #parts: EngineParts;
  readonly #limits: EngineLimits;
  readonly #limitsAlong: readonly TimerLimits[];
  readonly #engine: Engine;
  /** Of the step under way. */
  #at = -1;

  private constructor(path: Path, parts: EngineParts, inspect: (event: InspectionEvent) => void) {
    const { limits } = path.model.options.input as { limits: EngineLimits };
    const names = Object.keys(limits).filter((name) => name.endsWith('Ms'));
    this.#parts = parts;
    this.#limits = { ...limits };
    this.#limitsAlong = limitsAlong(path, names, PACE);
    const { url } = parts.gate;
    const client = new EngineClient({ url, model: 'ultravox', firstTokenMs: PATIENCE_MS });
    this.#engine = new Engine({
      client,
      patientClient: client,
      queue: { concurrency: 8 },
      // By reference: a limit counts when a timer is set.
      limits: this.#limits,
      beginning: { messages: [{ role: 'system', content: 'You answer the telephone.' }] },
      log: pino({ level: 'silent' }),
      inspect,
    });
  }

  /** @param inspect looks on at the engine's machine, beside the feed */
  static async open(path: Path, inspect: (event: InspectionEvent) => void): Promise<ServerEngine> {
    const passages = new Passages();
    const rest = new SteeredProcess();
    const [ultravox, server] = await Promise.all([
      startSimulatedUltravox({ firstTokenMs: 0, listens: false }),
      startSteeredServer(rest),
    ]);
    const gate = await EngineGate.open(ultravox.url, (request) => passages.of(request));
    const viewer = new FeedClient(server.url);
    const told = new ToldSessions(viewer).engine;
    await viewer.welcomed();
    const parts = { ultravox, gate, server, viewer, told, passages };
    return new ServerEngine(path, parts, (event) => {
      passages.inspect(event);
      inspect(event);
      rest.feed.inspected(ENGINE_SESSION, event);
    });
  }

  look(): Look {
    const { state, context } = this.#parts.told;
    return { state, context };
  }

  passTime = ({ type }: { type: string }) => this.#do(() => {}, type);
  start = () => this.#do(() => this.#engine.start(), 'engine.start');
  drain = () => this.#do(() => this.#engine.close(), 'engine.drain');
  lose = () => this.#do(() => this.#engine.lost(), 'engine.lost');
  succeed = () => this.#do(() => this.#generate('whole'), 'request.succeeded');
  fail = () => this.#do(() => this.#generate({ status: 503 }), 'request.failed');

  endWork = (work: EngineWork) =>
    this.#do(() => this.#parts.passages.letWork('whole'), `xstate.done.actor.${work}`);
  failWork = (work: EngineWork) =>
    this.#do(() => this.#parts.passages.letWork({ status: 503 }), `xstate.error.actor.${work}`);

  async close(): Promise<void> {
    this.#engine.close();
    await this.#engine.queue.onIdle();
    this.#parts.viewer.close();
    await this.#parts.server.app.close();
    await this.#parts.gate.close();
    await this.#parts.ultravox.close();
  }

  async #do(act: () => void, eventType: string): Promise<void> {
    this.#at++;
    Object.assign(this.#limits, this.#limitsAlong[this.#at]);
    act();
    await this.#parts.told.until(eventType);
  }

  /** As a call asks for it. */
  #generate(passage: Passage): void {
    this.#parts.passages.ofCalls = passage;
    const request: EngineRequest = {
      messages: [{ role: 'user', content: CALLERS_WORDS }],
      maxTokens: 8,
      temperature: 0,
    };
    const ticket = this.#engine.queue.submit({
      request,
      priority: 'waiting',
      deadlineMs: PATIENCE_MS,
      signal: new AbortController().signal,
    });
    void readToEnd(ticket.events).catch(() => {
      // What it failed of is what the path wants.
    });
  }
}

/** What the gate does with the calls' requests, and with the engine's own. */
class Passages {
  ofCalls: Passage = 'whole';
  #ofWork = Promise.withResolvers<Passage>();

  of({ messages }: GateRequest): Passage | Promise<Passage> {
    const isOfCall = messages.some(({ content }) => content === CALLERS_WORDS);
    return isOfCall ? this.ofCalls : this.#ofWork.promise;
  }

  letWork(passage: Passage): void {
    this.#ofWork.resolve(passage);
  }

  /** What begins when a piece of work has ended waits for what the path says of it. */
  inspect(event: InspectionEvent): void {
    if (event.type !== '@xstate.event' || !/^xstate\.(done|error)\./.test(event.event.type)) return;
    this.#ofWork = Promise.withResolvers<Passage>();
  }
}

const PACE: Pace = { mostMs: () => 2500, comesByItself: () => false };

async function readToEnd(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events) {
    // Only its end matters.
  }
}

/** A real server with the three simulators around it, and a viewer of its feed: for many calls at once. */
import assert from 'node:assert/strict';
import pino from 'pino';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { CallLimits, Continued } from '../../machines/call-protocol.ts';
import { BYTES_PER_MS } from '../../src/audio/mulaw.ts';
import type { CallRecord } from '../../src/call/call-record.ts';
import type { CallObserver } from '../../src/call/call-services.ts';
import type { Call } from '../../src/call.ts';
import { loadConfig } from '../../src/config.ts';
import { type Orchestrator, startOrchestrator } from '../../src/orchestrator.ts';
import { loadProfile } from '../../src/restaurant/profile-file.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-call.ts';
import type { PlaceCall } from '../../src/simulators/twilio/simulated-twilio.ts';
import type { ReplyScript } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { type Simulators, startSimulators } from '../../src/stage.ts';
import { EmbeddedVoice } from '../../src/tts/embedded-voice.ts';
import type { VoiceEvent } from '../../src/tts/voice.ts';
import { TRANSCRIPT_PROMPT } from '../../src/ultravox/transcriber.ts';
import { FeedClient } from '../support/feed-client.ts';
import { inTime, TwilioHand } from '../support/twilio-hand.ts';
import { callerIn } from './caller-sounds.ts';
import type { Coverage } from './coverage.ts';
import { EngineGate, type GateRequest, type Passage } from './engine-gate.ts';
import type { EngineOfCall } from './engine-of-call.ts';
import { type ToldSession, ToldSessions } from './told-session.ts';

/** A call that has come to the server. */
export interface Visit {
  call: Call;
  /** The call's machine. */
  root: AnyActorRef;
  /** What the feed tells of it. */
  told: ToldSession;
}

/** All that the agent says lasts this long, so that there is time to do something meanwhile. */
export const SOUND_MS = 3000;
/** Of calls whose stream does not begin; all others begin within it. */
const FIRST_MESSAGES_MS = 5000;
const READY_MS = 20_000;

/** Somebody, but nobody who takes over by default. */
const NOBODY_THERE = {
  RESTAURANT__STAFF__STAFF__HOURS: 'daily closed',
  RESTAURANT__STAFF__MANAGER__NUMBER: '+15550101',
  RESTAURANT__STAFF__MANAGER__PURPOSE: 'whatever is asked of a manager',
  RESTAURANT__STAFF__MANAGER__HOURS: 'always',
};
const SOMEBODY_THERE = { ...NOBODY_THERE, RESTAURANT__STAFF__STAFF__HOURS: 'always' };

interface HouseParts {
  simulators: Simulators;
  gate: EngineGate;
  orchestrator: Orchestrator;
  viewer: FeedClient;
  sessions: ToldSessions;
  arrivals: Arrivals;
  engines: Map<number, EngineOfCall>;
}

export interface ExpectedCall {
  limits: CallLimits;
  /** What its machine is told with `line.started`. */
  continued?: Continued | undefined;
}

export class ServerHouse {
  /** Twilio's requests, where the simulated one makes none. */
  readonly hand: TwilioHand;
  readonly #parts: HouseParts;
  /** One call comes after the other, so that it is known whose each is. */
  #door: Promise<unknown> = Promise.resolve();

  private constructor(parts: HouseParts) {
    const { orchestrator, simulators } = parts;
    this.#parts = parts;
    this.hand = new TwilioHand(orchestrator.url, simulators.env.TWILIO_AUTH_TOKEN!);
  }

  /** @param personReachable is there somebody to whom calls can be given? */
  static async open(personReachable: boolean, coverage: Coverage): Promise<ServerHouse> {
    const engines = new Map<number, EngineOfCall>();
    const simulators = await startSimulators({
      ultravox: { firstTokenMs: 0, listens: false, reply: replyOf(engines) },
      cartesia: { voice: slowVoice(), firstByteMs: 0, realTimeFactor: 50 },
    });
    const gate = await EngineGate.open(simulators.ultravox.url, (request) =>
      passageOf(request, engines),
    );
    const env = {
      ...simulators.env,
      ...(personReachable ? SOMEBODY_THERE : NOBODY_THERE),
      ULTRAVOX_URL: gate.url,
      // A generation that waits at the gate must not be in the way of others.
      ENGINE_CONCURRENCY: '64',
      ENGINE_MAX_STREAMS: '256',
      ULTRAVOX_FIRST_TOKEN_SECONDS: '60',
    };
    const arrivals = new Arrivals(coverage);
    const orchestrator = await startOrchestrator(loadConfig(env), {
      profile: loadProfile({ env }),
      log: pino({ level: 'silent' }),
      observer: arrivals,
      limits: { firstMessagesMs: FIRST_MESSAGES_MS },
    });
    assert.ok(await orchestrator.engine.ready(READY_MS), 'expected the engine to be ready');
    const viewer = new FeedClient(orchestrator.url);
    const sessions = new ToldSessions(viewer);
    await viewer.welcomed();
    const parts = { simulators, gate, orchestrator, viewer, sessions, arrivals, engines };
    return new ServerHouse(parts);
  }

  /** Under this number the caller is known to the engine. */
  register(number: number, engine: EngineOfCall): void {
    this.#parts.engines.set(number, engine);
  }

  /**
   * Waits for its turn, rings, and waits until the call has come in.
   * @param expected of this call; its limits by reference: they count when a timer is set
   */
  admit(expected: ExpectedCall, ring: () => unknown): Promise<Visit> {
    const admitted = this.#door.then(async () => {
      const arrival = this.#parts.arrivals.expect(expected);
      await ring();
      const visit = await inTime(arrival, 'a call to come to the server', READY_MS);
      return { ...visit, told: await this.#parts.sessions.nextCall() };
    });
    this.#door = admitted.catch(() => undefined);
    return admitted;
  }

  placeCall(caller: PlaceCall['caller']): SimulatedCall {
    return this.#parts.simulators.twilio.placeCall({
      webhookUrl: `${this.#parts.orchestrator.url}/`,
      publicUrl: this.#parts.simulators.publicUrl,
      statusCallbackUrl: `${this.#parts.simulators.publicUrl}/status`,
      messageS: 0,
      caller,
    });
  }

  /** How the call ended, by the only record that was made of it. */
  async recordOf(call: Call): Promise<CallRecord> {
    const record = await inTime(call.ended, 'the end of the call', READY_MS);
    assert.deepEqual(this.#parts.arrivals.recordsOf(call), [record]);
    return record;
  }

  /** Asserts that no call has left anything behind, and that each is in the records once. */
  async assertAtRest(records: readonly CallRecord[]): Promise<void> {
    const { calls, engine, records: kept } = this.#parts.orchestrator;
    await inTime(calls.settled(), 'the work after calls to be done', READY_MS);
    await inTime(engine.queue.onIdle(), 'the engine to be idle', READY_MS);
    const { inUse } = this.#parts.orchestrator;
    assert.deepEqual(
      Object.entries(inUse).filter(([, count]) => count !== 0),
      [],
    );
    await kept.journal.flush(READY_MS);
    const rows = await kept.database.db
      .selectFrom('calls')
      .select(['call_sid', 'outcome', 'outcome_is_own'])
      .execute();
    const known = records.flatMap(({ callSid, outcome }) =>
      callSid ? [{ call_sid: callSid, outcome }] : [],
    );
    const isKnown = (sid: string) => known.some(({ call_sid }) => call_sid === sid);
    // What Twilio says of a call takes the place of its own word only where that is "lost".
    const told = rows.flatMap(({ outcome_is_own: isOwn, ...row }) =>
      isOwn === 1 || isKnown(row.call_sid) ? [row] : [],
    );
    // A call that was given away is concluded by whoever takes it.
    const givenAway = new Set(
      known.flatMap(({ call_sid, outcome }) => (outcome === 'continued' ? [call_sid] : [])),
    );
    const concluded = <Row extends { call_sid: string }>(all: readonly Row[]) =>
      all.filter(({ call_sid }) => !givenAway.has(call_sid)).toSorted(bySid);
    assert.deepEqual(concluded(told), concluded(known));
  }

  async close(): Promise<void> {
    this.#parts.viewer.close();
    await this.#parts.orchestrator.close(0);
    await this.#parts.gate.close();
    await this.#parts.simulators.close();
  }
}

function bySid(a: { call_sid: string }, b: { call_sid: string }): number {
  return a.call_sid < b.call_sid ? -1 : 1;
}

/** Looks on at all calls of the server: which is new, which transitions are taken, what is recorded. */
class Arrivals implements CallObserver {
  readonly #coverage: Coverage;
  readonly #known = new WeakSet<Call>();
  readonly #records = new Map<Call, CallRecord[]>();
  readonly #continued = new WeakMap<Call, Continued>();
  #expected: (ExpectedCall & { come(visit: Pick<Visit, 'call' | 'root'>): void }) | undefined;

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  expect(expected: ExpectedCall): Promise<Pick<Visit, 'call' | 'root'>> {
    const { promise, resolve } = Promise.withResolvers<Pick<Visit, 'call' | 'root'>>();
    this.#expected = { ...expected, come: resolve };
    return promise;
  }

  recordsOf(call: Call): readonly CallRecord[] {
    return this.#records.get(call) ?? [];
  }

  onInspection(call: Call, event: InspectionEvent): void {
    this.#coverage.inspect(event);
    const isRoots = event.actorRef.sessionId === event.rootId;
    if (isRoots && event.type === '@xstate.event' && event.event.type === 'line.started') {
      Object.assign(event.event, { continued: this.#continued.get(call) });
    }
    if (event.type !== '@xstate.snapshot' || !isRoots || this.#known.has(call)) return;
    this.#known.add(call);
    const expected = this.#expected;
    this.#expected = undefined;
    if (!expected) return;
    const root = event.actorRef as AnyActorRef;
    // One server for all calls, and to each its own limits: a timer reads them in the context.
    root.getSnapshot().context.limits = expected.limits;
    if (expected.continued) this.#continued.set(call, expected.continued);
    expected.come({ call, root });
  }

  onEnded(call: Call, record: CallRecord): void {
    this.#records.set(call, [...this.recordsOf(call), record]);
  }
}

async function passageOf(
  { messages }: GateRequest,
  engines: ReadonlyMap<number, EngineOfCall>,
): Promise<Passage> {
  const isTranscription = messages[0]?.content === TRANSCRIPT_PROMPT;
  const caller = isTranscription ? undefined : callerIn(messages);
  return (caller !== undefined && (await engines.get(caller)?.passage)) || 'whole';
}

function replyOf(engines: ReadonlyMap<number, EngineOfCall>): ReplyScript {
  return (_heard, { messages }) => engines.get(callerIn(messages) ?? -1)?.reply ?? 'Yes.';
}

/** For the simulated Cartesia, which takes no other voice than the embedded one, or a tone. */
function slowVoice(): EmbeddedVoice {
  const mulaw = new Uint8Array(SOUND_MS * BYTES_PER_MS).fill(0x20);
  const speak = async function* (text: AsyncIterable<string>): AsyncGenerator<VoiceEvent> {
    for await (const piece of text) {
      yield { type: 'words', words: [{ text: piece, startMs: 0, endMs: SOUND_MS }] };
      yield { type: 'audio', mulaw };
    }
  };
  return Object.create(EmbeddedVoice.prototype, { speak: { value: speak } });
}

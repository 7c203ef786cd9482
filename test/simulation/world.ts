/** Everything around the program in one simulation, and what is known of the program in it. */
import pino, { type Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { AnyActorRef } from 'xstate';
import type { AgentCommand } from '../../machines/call-protocol.ts';
import type { CallObserver } from '../../src/call/call-services.ts';
import type { Call } from '../../src/call.ts';
import type { Orchestrator } from '../../src/orchestrator.ts';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';
import { EventLog } from './event-log.ts';
import type { Invariant, Violation } from './invariants.ts';
import { DEADLINE_MS, judgeLine } from './judge-asking.ts';
import type { Phone } from './phone.ts';
import { Random } from './random.ts';
import type { SimulatedDatabase } from './simulated-database.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { SimulatedTime } from './simulated-time.ts';
import { SimulatedVoice } from './simulated-voice.ts';
import { SimulatedDisk } from './stand-ins/files.ts';
import type { SimulatedServer } from './stand-ins/server.ts';
import { type FaultRates, type Swarm, withoutFaults } from './swarm.ts';
import { SAID, type Stretch, Vocabulary } from './vocabulary.ts';

export class World {
  readonly seed: number;
  readonly options: Swarm;
  readonly time = new SimulatedTime();
  /** Of the network and of faults; who has habits has chance of their own. */
  readonly random: Random;
  readonly vocabulary: Vocabulary;
  readonly engine: SimulatedEngine;
  readonly voice: SimulatedVoice;
  readonly disk = new SimulatedDisk();
  readonly database: SimulatedDatabase;
  readonly servers: SimulatedServer[] = [];
  readonly phones: Phone[] = [];
  readonly violations: Violation[] = [];
  readonly faults = new Map<string, number>();
  /** Transitions of calls that were taken, as `from > to`. */
  readonly moves = new Set<string>();
  readonly accountSid = `AC${'7'.repeat(32)}`;
  readonly authToken = 'secret-of-the-account';
  readonly date = '2026-11-28';
  rates: FaultRates;
  /** The model only speaks, and callers only answer. */
  isCalm = false;
  /** Undefined while no process runs. */
  program: Orchestrator | undefined;
  readonly #log = new EventLog();
  readonly #phoneOf = new WeakMap<Call, Phone>();

  constructor(seed: number, options: Swarm, database: SimulatedDatabase) {
    this.seed = seed;
    this.options = options;
    this.rates = options.rates;
    this.random = new Random(seed, 1);
    this.vocabulary = new Vocabulary(options.wordMs);
    this.engine = new SimulatedEngine(this, new Random(seed, 2));
    this.voice = new SimulatedVoice(this, new Random(seed, 3));
    this.database = database;
  }

  get events(): EventLog {
    return this.#log;
  }

  /** Where Twilio finds us; undefined while nobody answers there. */
  get server(): SimulatedServer | undefined {
    const newest = this.servers.at(-1);
    return newest?.isListening ? newest : undefined;
  }

  log(line: string): void {
    this.#log.add(`${Math.round(this.time.nowMs)} ${line}`);
  }

  /** Whether it goes wrong this time. */
  fault(kind: string, probability: number): boolean {
    if (!this.random.chance(probability)) return false;
    this.noteFault(kind);
    return true;
  }

  noteFault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.log(`fault ${kind}`);
  }

  endFaults(): void {
    this.rates = withoutFaults(this.rates);
    this.database.isDown = false;
    this.engine.comeBack();
    this.disk.isFull = false;
    this.log('faults end');
  }

  violated(invariant: Invariant, detail: string): void {
    // One kind of it tells enough, and the same again and again would hide the others.
    if (this.violations.some((each) => each.invariant === invariant)) return;
    this.violations.push({ invariant, detail, atMs: this.time.nowMs });
    this.log(`VIOLATION ${invariant}: ${detail}`);
  }

  /** An upgraded socket comes to the program. */
  opened(server: SimulatedServer, socket: WebSocket, phone: Phone): Call {
    const call = server.options.calls.open(socket) as Call;
    this.#phoneOf.set(call, phone);
    const { limits } = this.options;
    const mostMs = FIRST_MESSAGES_MS + limits.callMs + ANNOUNCEMENT_MS + GRACE_MS;
    this.time.after(mostMs, () => {
      if (phone.record || phone.wasOrphaned) return;
      this.violated('endsInTime', `call ${phone.index} is in ${phone.state} after ${mostMs} ms`);
    });
    return call;
  }

  phoneOfSound(byte: number): number | undefined {
    return this.phones.find(({ sound }) => sound === byte)?.index;
  }

  newUuid(seed: string): string {
    return seed.replace(/^.{8}/, this.random.bytes(4).toString('hex'));
  }

  judgeSpoken(words: readonly string[]): void {
    for (const word of words) {
      if (word.startsWith(SAID) && !this.vocabulary.replyOf(word)) {
        this.violated('onlyWritten', `a word that nobody wrote`);
      }
    }
  }

  /** Sound goes out to a caller. */
  judgeSent(phone: Phone, stretches: readonly Stretch[] | undefined): void {
    const { index } = phone;
    if (!stretches) this.violated('noCrossing', `call ${index} is sent sound of nobody`);
    for (const { utterance: id, fromMs, toMs } of stretches ?? []) {
      const { reply } = this.vocabulary.utterances[id] ?? {};
      this.log(`${index} > sound ${id} ${fromMs}-${toMs}`);
      if (reply?.phone !== undefined && reply.phone !== index) {
        this.violated('noCrossing', `call ${index} is sent what was said for call ${reply.phone}`);
      }
      if (reply && reply.id <= phone.deadReply) {
        this.violated('noLateSound', `call ${index} is sent answer ${reply.id}, given up before`);
      }
    }
    if (phone.isHushed) this.violated('hushed', `call ${index} is sent sound in ${phone.state}`);
    if (phone.record)
      this.violated('noStreamAfterEnd', `call ${index} is sent sound after its end`);
  }

  judgeDeadAir(phone: Phone, waitedMs: number): void {
    const { frameMs, latencyMs, jitterMs } = this.options;
    const slackMs = 2 * frameMs + 3 * (latencyMs + jitterMs) + 100;
    const bound = this.faults.size > 0 ? FAULTY_WAIT_MS : CALM_WAIT_MS;
    if (waitedMs <= bound + slackMs) return;
    this.violated('deadAir', `call ${phone.index} waited ${Math.round(waitedMs)} ms of ${bound}`);
  }

  /** What the model has been told of bookings must be true. */
  judgeBookings(index: number, messages: readonly ChatMessage[]): void {
    const told = confirmedIn(messages);
    if (told.size === 0) return;
    const phone = this.phones[index]!;
    const [row] = this.database.rows<{ count: number }>(
      `select count(*) as count from reservations where call_sid = ? and status = 'confirmed'`,
      phone.callSid,
    );
    if (row!.count >= told.size) return;
    this.violated(
      'bookedBeforeSaid',
      `call ${index}: ${told.size} told, ${row!.count} in the book`,
    );
  }

  readonly observer: CallObserver = {
    onInspection: (call, event) => {
      if (event.type !== '@xstate.event') return;
      if ((event.actorRef as AnyActorRef).id !== 'agent') return;
      const phone = this.#livePhone(call);
      if (phone) this.#told(phone, event.event as AgentCommand);
    },
    onStarted: (call) => this.#livePhone(call)?.livesOn(),
    onState: (call, path, eventType) => {
      const phone = this.#livePhone(call);
      if (!phone) return;
      this.moves.add(`${phone.state} > ${path}`);
      this.log(`${phone.index} ${eventType}: ${path}`);
      if (eventType === 'agent.finished') phone.saidAll();
      phone.movedTo(path);
    },
    onWords: (call, row) => {
      const phone = this.#livePhone(call);
      if (!phone) return;
      const isKnown = phone.turns.has(row.turn) || phone.turnsBefore.has(row.turn);
      const isNew = row.speaker === 'caller' && !isKnown;
      if (isNew && phone.isHushed) this.violated('turnIsOver', `call ${phone.index}, in its turn`);
      phone.turns.set(row.turn, row);
    },
    onTurn: (call) => {
      const phone = this.#phoneOf.get(call);
      if (phone) phone.answers += 1;
    },
    onEnded: (call, record) => {
      const phone = this.#phoneOf.get(call);
      if (!phone) return;
      this.log(`${phone.index} ended ${record.outcome} ${record.reason}`);
      if (this.#livePhone(call)) phone.record = record;
      phone.gaveUpMs = this.time.nowMs;
      phone.recordsTold += 1;
    },
  };

  readonly logger: Logger = pino(
    { level: 'info', base: null, timestamp: false },
    { write: (line) => this.#judgeLog(line) },
  );

  /** Undefined for a life that another one has followed: nobody hears it any more. */
  #livePhone(call: Call): Phone | undefined {
    const phone = this.#phoneOf.get(call);
    return phone?.call === call ? phone : undefined;
  }

  #told(phone: Phone, { type }: AgentCommand): void {
    this.log(`${phone.index} agent ${type}`);
    phone.isHushed = type === 'hush' || type === 'yield' || type === 'prepare';
    if (type === 'yield' || type === 'play') phone.gaveUpMs = this.time.nowMs;
    if (type === 'reply') this.time.after(DEADLINE_MS + 100, () => judgeLine(this));
    if (type === 'yield') phone.deadReply = this.vocabulary.replies.length - 1;
  }

  #judgeLog(line: string): void {
    this.log(line.trimEnd().replace(STACK, ''));
    const canary = CANARIES.find((each) => line.includes(each));
    if (canary) this.violated('logsAreSilent', line.slice(0, 200));
    if (line.includes('"msg":"tool failed"')) {
      const { callSid } = JSON.parse(line) as { callSid: string };
      for (const phone of this.phones) phone.hasFailedTool ||= phone.callSid === callSid;
    }
    if (line.includes('call continues with nothing known')) {
      const { callSid } = JSON.parse(line) as { callSid: string };
      for (const phone of this.phones) phone.wasUnknown ||= phone.callSid === callSid;
    }
    const isOwnFault = line.includes('expected the thread to answer, it ended');
    if (line.includes('call failed') && !isOwnFault)
      this.violated('machineLives', line.slice(0, 600));
  }
}

const FIRST_MESSAGES_MS = 10_000;
const ANNOUNCEMENT_MS = 20_000;
const GRACE_MS = 5000;
const CALM_WAIT_MS = 2500;
const FAULTY_WAIT_MS = 5000;
/** Where the files lie is no part of what happened: the hash would change with it. */
const STACK = /,"stack":"(?:[^"\\]|\\.)*"/g;
const CANARIES = [SAID, '+4930123', 'secret-of-the-account', 'secret-key', 'Please call back'];

/** Handles that the model was told are booked, and not cancelled since. */
function confirmedIn(messages: readonly ChatMessage[]): Set<string> {
  const names = new Map<string, string>();
  const told = new Set<string>();
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
    }
    if (message.role !== 'tool') continue;
    const name = names.get(message.tool_call_id);
    const handle = /"booking":"(B\d+)"/.exec(message.content)?.[1];
    const isDone = message.content.startsWith('{"done":true');
    if (!handle || !isDone) continue;
    if (name === 'confirm_booking') told.add(handle);
  }
  // A cancellation of unknown outcome may have been done.
  if ([...names.values()].includes('cancel_booking')) told.clear();
  return told;
}

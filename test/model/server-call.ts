/** One call to a real server: its caller, its network, its engine and its book do what a path says. */
import assert from 'node:assert/strict';
import type { AnyActorRef, EventObject } from 'xstate';
import type { CallContext, CallInput, CallLimits } from '../../machines/call-protocol.ts';
import type { CallRecord } from '../../src/call/call-record.ts';
import type { Caller as Telephone } from '../../src/simulators/twilio/caller.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-call.ts';
import type { ToolReply } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { inTime } from '../support/twilio-hand.ts';
import type { CallWorld } from './call-driver.ts';
import {
  type CallerSounds,
  markSound,
  silence,
  WINDOW_MS,
  WINDOW_OFFSET_MS,
} from './caller-sounds.ts';
import type { Look } from './driver.ts';
import type { Passage } from './engine-gate.ts';
import { limitsAlong, type TimerLimits } from './path-limits.ts';
import type { Path, Step } from './paths.ts';
import { type Caller, type ServerHouse, SOUND_MS, type Visit } from './server-house.ts';

const PATIENCE_MS = 30_000;
const THINKING = 'conversation.thinking';
const SPEAKING = 'conversation.speaking';
/** One clause, one sound. */
const ANSWER = 'I will look that up for you.';
const BREAKING_ANSWER = `${ANSWER} And here it breaks off.`;
const BREAK_AT = ' breaks';

export interface ServerCallOptions {
  house: ServerHouse;
  path: Path;
  sounds: CallerSounds;
  /** By which the engine and the book know whose they are. */
  number: number;
}

export class ServerCall implements CallWorld, Caller {
  readonly #options: ServerCallOptions;
  readonly #input: CallInput;
  readonly #limitsAlong: readonly TimerLimits[];
  readonly #limits: CallLimits;
  /** Of the step under way. */
  #at = -1;
  #visit: Visit | undefined;
  #call: SimulatedCall | undefined;
  #telephone: Telephone | undefined;
  #hangUpByHand: (() => void) | undefined;
  /** Where the caller's stream begins in the call's track, in ms. */
  #streamFromMs = 0;
  /** What was said last: when it is over, and where the feed was when it began. */
  #said = { over: Promise.resolve(), since: 0, isLong: false };
  #passage = Promise.withResolvers<Passage>();
  #reply: string | ToolReply = '';
  readonly #book = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();

  constructor(options: ServerCallOptions) {
    this.#options = options;
    this.#input = options.path.model.options.input as CallInput;
    const names = Object.keys(this.#input.limits).filter((name) => name.endsWith('Ms'));
    this.#limitsAlong = limitsAlong(options.path, names, usualMs);
    this.#limits = { ...this.#input.limits };
    options.house.register(options.number, this);
  }

  passage(): Promise<Passage> {
    return this.#passage.promise;
  }

  reply(): string | ToolReply {
    return this.#reply;
  }

  /** The restaurant's book is asked; it answers when the path says so. */
  bookOpens(): Promise<void> {
    return this.#book.promise;
  }

  look(): Look {
    const { state, context } = this.#told;
    // Not for viewers, and nothing that changes.
    const { personReachable } = this.#input;
    return { state, context: { personReachable, elapsedMs: 0, ...context } };
  }

  async passTime({ type }: { type: string }): Promise<void> {
    this.#begin();
    await this.#comeIn();
    await this.#told.until(type);
  }

  async force(event: EventObject): Promise<void> {
    const [, actor] = /^xstate\.error\.actor\.(line|ears|agent)$/.exec(event.type) ?? [];
    if (actor) return this.breakActor(actor as 'line' | 'ears' | 'agent');
    this.#begin();
    this.#root.send(event);
    await this.#told.until(event.type);
  }

  async startStream(): Promise<void> {
    this.#begin();
    await this.#ring(() => {});
    await this.#told.until('line.started');
  }

  async refuseStream(): Promise<void> {
    this.#begin();
    // Before the stream's own first messages.
    await this.#ring((telephone) => telephone.inject('{"event":"stop","sequenceNumber":"1"}'));
    await this.#told.until('line.refused');
  }

  breakStream = () => this.#do(() => this.#caller.drop(), 'line.lost');
  hangUp = () => this.#do(() => void this.#caller.hangUp(), 'caller.hungUp');
  press = (digit: string) => this.#do(() => this.#caller.press(digit), 'caller.pressed');

  /** The simulated Twilio listens for machines only where it was asked to call somebody. */
  answerByMachine = () => {
    const form = { CallSid: this.#call!.callSid, AnsweredBy: 'machine_start' };
    const post = () => this.#options.house.hand.post('/answered-by', form);
    return this.#do(post, 'line.answeredByMachine');
  };

  async speak(): Promise<void> {
    this.#begin();
    await this.#quiet();
    const { interjection, hesitation, cough, turn, longTurn, pausedTurn } = this.#options.sounds;
    const isOverAgent = !/listening|thinking/.test(this.#told.state);
    const [next, afterNext] = this.#eventsAhead;
    const since = this.#told.length;
    const said = (sound: Uint8Array, isLong = false) => {
      this.#said = { over: this.#say(sound), since, isLong };
    };
    if (next === 'caller.interrupted') said(turn);
    else if (isOverAgent && next === 'caller.ignored') said(interjection);
    else if (isOverAgent) said(await this.#aligned(hesitation));
    else if (next === 'caller.ignored') said(await this.#aligned(cough));
    else if (afterNext === 'caller.resumed') said(pausedTurn);
    else if (next === 'caller.paused') said(turn);
    else said(longTurn, true);
    await this.#told.until('caller.spoke');
  }

  // What has begun to be said goes on to its end, pauses included.
  pause = () => this.#do(() => {}, 'caller.paused');
  resume = () => this.#do(() => {}, 'caller.resumed');
  finish = () => this.#do(() => {}, 'caller.finished');
  interrupt = () => this.#do(() => {}, 'caller.interrupted');
  cough = () => this.#do(() => {}, 'caller.ignored');
  echoLastMark = () => this.#do(() => {}, 'agent.finished');

  async voiceAnswer(): Promise<void> {
    this.#begin();
    await this.#quiet();
    const [next] = this.#eventsAhead;
    if (next === 'agent.consulting') this.#answer(`${ANSWER} ${this.#leakedTool}`);
    else if (next === 'agent.failed') this.#answer(BREAKING_ANSWER, { breakAt: BREAK_AT });
    else this.#answer(ANSWER);
    await this.#told.until('agent.audible');
    this.#hesitate();
  }

  async failAnswer(): Promise<void> {
    this.#begin();
    if (this.#told.state !== SPEAKING) {
      await this.#quiet();
      this.#answer('', { status: 400 });
    }
    await this.#told.until('agent.failed');
    this.#hesitate();
  }

  async beginTool(): Promise<void> {
    this.#begin();
    if (this.#told.state !== SPEAKING) this.#answer(this.#tool);
    await this.#told.until('agent.consulting');
    this.#hesitate();
  }

  endTool = () => this.#do(() => this.#book.resolve(), 'agent.consulted');

  transfer = (destination: string) =>
    this.#act({ tool: { name: 'transfer_to_staff', arguments: { destination } } }, 'transferred');
  conclude = () => this.#act({ tool: { name: 'end_call' } }, 'concluded');

  /** As when the server is told to go, which tells every call at once. */
  async shutDown(): Promise<void> {
    this.#begin();
    await this.#comeIn();
    this.#visit!.call.shutdown();
    await this.#told.until('operator.shutdown');
  }

  async breakActor(actor: 'line' | 'ears' | 'agent'): Promise<void> {
    this.#begin();
    await this.#comeIn();
    const { children } = this.#root.getSnapshot() as { children: Record<string, AnyActorRef> };
    children[actor]!.send(UNREADABLE);
    await this.#told.until(`xstate.error.actor.${actor}`);
  }

  /** Ends the call if it has not ended; what it leaves behind is one record, which tells how. */
  async leave(): Promise<CallRecord> {
    this.#passage.resolve('whole');
    this.#book.resolve();
    const hasEnded = this.#told.state === 'ended';
    const { outcome } = this.#told.context as Partial<CallContext>;
    if (!hasEnded) void this.#telephone?.hangUp();
    this.#left.resolve();
    this.#hangUpByHand?.();
    const { outcome: told } = await this.#told.ended();
    assert.equal(this.#told.state, 'ended');
    if (hasEnded) assert.equal(told, outcome);
    const record = await this.#options.house.recordOf(this.#visit!.call);
    assert.equal(record.outcome, told);
    const report = await (this.#call && inTime(this.#call.ended, 'the line to be down', 30_000));
    if (report?.scriptError) throw report.scriptError;
    return record;
  }

  get #told() {
    return this.#visit!.told;
  }

  get #root(): AnyActorRef {
    return this.#visit!.root;
  }

  get #caller(): Telephone {
    return this.#telephone!;
  }

  get #steps(): readonly Step[] {
    return this.#options.path.steps;
  }

  get #eventsAhead(): (string | undefined)[] {
    return this.#steps.slice(this.#at + 1).map(({ event }) => event.type);
  }

  /** The next step. */
  #begin(): void {
    this.#at++;
    Object.assign(this.#limits, this.#limitsAlong[this.#at]);
  }

  async #do(act: () => unknown, eventType: string): Promise<void> {
    this.#begin();
    await act();
    await this.#told.until(eventType);
  }

  /** A tool that acts upon the call: as for any tool, it is told that one has begun. */
  async #act(reply: ToolReply, told: 'transferred' | 'concluded'): Promise<void> {
    this.#begin();
    await this.#quiet();
    this.#answer(reply);
    await this.#told.until('agent.consulting');
    await this.#told.until(`agent.${told}`);
    this.#hesitate();
  }

  async #ring(begin: (telephone: Telephone) => void): Promise<void> {
    const { house } = this.#options;
    this.#visit = await house.admit(this.#limits, () => {
      const call = house.placeCall(async (telephone) => {
        this.#telephone = telephone;
        begin(telephone);
        await this.#left.promise;
      });
      call.on('started', ({ trackMs = 0 }) => {
        this.#streamFromMs = trackMs;
      });
      call.on('ended', () => this.#left.resolve());
      this.#call = call;
    });
  }

  /** Where the stream is not to begin: a socket of Twilio's on which nothing is said. */
  async #comeIn(): Promise<void> {
    if (this.#visit) return;
    const { house } = this.#options;
    this.#visit = await house.admit(this.#limits, async () => {
      const socket = await house.hand.openSocket();
      this.#hangUpByHand = () => socket.terminate();
    });
  }

  /** The caller has stopped speaking, and nothing more of it is to come that would count as speech. */
  async #quiet(): Promise<void> {
    await inTime(this.#said.over, 'the caller to be silent', PATIENCE_MS);
    if (!this.#said.isLong || !this.#told.state.startsWith(THINKING)) return;
    await this.#told.tells('caller.finished', this.#said.since);
    this.#said.isLong = false;
  }

  #say(sound: Uint8Array): Promise<void> {
    const marked = markSound(sound, this.#options.number);
    // A call that ends takes the rest of it.
    return this.#caller.say(marked).then(ignore, ignore);
  }

  /** With silence before it, so that it lies in the windows of the voice activity as it should. */
  async #aligned(sound: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#call!.once('said', ({ trackMs = 0 }) => resolve(trackMs - this.#streamFromMs));
    void this.#say(silence(20));
    const positionMs = await promise;
    const padMs = (WINDOW_OFFSET_MS + WINDOW_MS - (positionMs % WINDOW_MS)) % WINDOW_MS;
    return Buffer.concat([silence(padMs), sound]);
  }

  #answer(reply: string | ToolReply, passage: Passage = 'whole'): void {
    this.#reply = reply;
    this.#passage.resolve(passage);
  }

  /** What the engine is asked for next waits. */
  #hesitate(): void {
    this.#passage = Promise.withResolvers<Passage>();
  }

  get #tool(): ToolReply {
    const wish = { date: '2031-01-01', time: '12:00', party: this.#options.number };
    return { tool: { name: 'check_availability', arguments: wish } };
  }

  /** As a model writes it that speaks first. */
  get #leakedTool(): string {
    const { name, arguments: parameters } = this.#tool.tool;
    return JSON.stringify({ name, parameters });
  }
}

/** Whoever reads it fails. */
const UNREADABLE = {
  get type(): string {
    throw new Error('an actor of the call broke, as the test wanted');
  },
};

function ignore(): void {}

/** What a step takes that is not a timer's. */
function usualMs({ event, from }: Step): number {
  const state = JSON.stringify(from.snapshot.value);
  if (event.type === 'agent.finished') return SOUND_MS + 200;
  const endsSpeech = ['agent.consulting', 'agent.failed'].includes(event.type);
  if (endsSpeech && state.includes('speaking')) return SOUND_MS + 200;
  if (event.type === 'caller.paused') return 1200;
  if (['agent.audible', 'agent.failed'].includes(event.type)) return 1500;
  return 400;
}

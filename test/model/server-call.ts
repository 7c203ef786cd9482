/** One call to a real server: its caller, its network, its engine and its book do what a path says. */
import assert from 'node:assert/strict';
import type { AnyActorRef, EventObject } from 'xstate';
import type { CallInput, CallLimits, Continued } from '../../machines/call-protocol.ts';
import type { CallRecord } from '../../src/call/call-record.ts';
import type { Caller } from '../../src/simulators/twilio/caller.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-call.ts';
import type { ToolReply } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { inTime } from '../support/twilio-hand.ts';
import type { CallWorld } from './call-driver.ts';
import { CallerMouth } from './caller-mouth.ts';
import type { CallerSounds } from './caller-sounds.ts';
import type { Look } from './driver.ts';
import { EngineOfCall } from './engine-of-call.ts';
import { pathOf } from './machine-model.ts';
import { limitsAlong, type Pace, type TimerLimits } from './path-limits.ts';
import type { Path, Step } from './paths.ts';
import { type ServerHouse, SOUND_MS, type Visit } from './server-house.ts';

export interface ServerCallOptions {
  house: ServerHouse;
  path: Path;
  sounds: CallerSounds;
  /** By which the engine and the book know whose they are. */
  number: number;
}

const PATIENCE_MS = 30_000;
const THINKING = 'conversation.thinking';
const SPEAKING = 'conversation.speaking';

/**
 * Timers are real. Each call has limits of its own, which change along its path: a timer that is to
 * fire is short, every other one is longer than any path.
 */
export class ServerCall implements CallWorld {
  readonly #options: ServerCallOptions;
  readonly #input: CallInput;
  readonly #limitsAlong: readonly TimerLimits[];
  readonly #limits: CallLimits;
  readonly #engine: EngineOfCall;
  readonly #book = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  /** Of the step under way. */
  #at = -1;
  #visit: Visit | undefined;
  #call: SimulatedCall | undefined;
  #telephone: Caller | undefined;
  #mouth: CallerMouth | undefined;
  #cutSocket: (() => void) | undefined;
  /** A turn that its cap ends goes on: its end is heard after this many messages of the feed. */
  #longTurnSince: number | undefined;

  constructor(options: ServerCallOptions) {
    this.#options = options;
    this.#input = options.path.model.options.input as CallInput;
    const names = Object.keys(this.#input.limits).filter((name) => name.endsWith('Ms'));
    this.#limitsAlong = limitsAlong(options.path, names, CALL_PACE);
    this.#limits = { ...this.#input.limits };
    this.#engine = new EngineOfCall(options.number);
    options.house.register(options.number, this.#engine);
  }

  /** Resolves when the restaurant's book answers this call. */
  get bookOpens(): Promise<void> {
    return this.#book.promise;
  }

  look(): Look {
    const { state, context } = this.#told;
    // Not for viewers, and nothing that changes.
    const { personReachable } = this.#input;
    return { state, context: { personReachable, elapsedMs: 0, ...context } };
  }

  async passTime({ type }: { type: string }): Promise<void> {
    if (type === UNHEARD_DEADLINE) return this.force({ type });
    return this.#take(type);
  }

  async force(event: EventObject): Promise<void> {
    const [, actor] = /^xstate\.error\.actor\.(line|ears|agent)$/.exec(event.type) ?? [];
    if (actor) return this.breakActor(actor as 'line' | 'ears' | 'agent');
    return this.#take(event.type, async () => (await this.#comeIn()).root.send(event));
  }

  /** Nothing of a life before is in the records here: it is the machine alone that is told of one. */
  startStream = (continued?: Continued) =>
    this.#take('line.started', () => this.#ring(() => {}, continued));

  /** Something else comes before the stream's own first messages. */
  refuseStream = () =>
    this.#take('line.refused', () =>
      this.#ring((telephone) => telephone.inject('{"event":"stop","sequenceNumber":"1"}')),
    );

  breakStream = () => this.#take('line.lost', () => this.#telephone!.drop());
  hangUp = () => this.#take('caller.hungUp', () => void this.#telephone!.hangUp());
  press = (digit: string) => this.#take('caller.pressed', () => this.#telephone!.press(digit));

  /** The simulated Twilio listens for machines only where it was asked to call somebody. */
  answerByMachine = () =>
    this.#take('line.answeredByMachine', () => {
      const form = { CallSid: this.#call!.callSid, AnsweredBy: 'machine_start' };
      return this.#options.house.hand.post('/answered-by', form);
    });

  /** All that the caller says until the agent's next turn: what follows from it comes by itself. */
  speak = () =>
    this.#take('caller.spoke', async () => {
      await this.#callerIsQuiet();
      const { turn, longTurn, pausedTurn, interjection, hesitation, cough } = this.#options.sounds;
      const isOverAgent = !/listening|thinking/.test(this.#told.state);
      const [next, afterNext] = this.#eventsAhead;
      const mouth = this.#mouth!;
      if (next === 'caller.interrupted') mouth.say(turn);
      else if (next === 'caller.ignored' && isOverAgent) mouth.say(interjection);
      else if (isOverAgent) mouth.sayAligned(hesitation);
      else if (next === 'caller.ignored') mouth.sayAligned(cough);
      else if (afterNext === 'caller.resumed') mouth.say(pausedTurn);
      else if (next === 'caller.paused') mouth.say(turn);
      else {
        this.#longTurnSince = this.#told.length;
        mouth.say(longTurn);
      }
    });

  pause = () => this.#take('caller.paused');
  resume = () => this.#take('caller.resumed');
  finish = () => this.#take('caller.finished');
  interrupt = () => this.#take('caller.interrupted');
  cough = () => this.#take('caller.ignored');
  /** Twilio echoes every mark when it is reached. */
  echoLastMark = () => this.#take('agent.finished');

  voiceAnswer = () =>
    this.#take('agent.audible', async () => {
      await this.#callerIsQuiet();
      const [next] = this.#eventsAhead;
      if (next === 'agent.consulting') this.#engine.speaks('usesTool');
      else this.#engine.speaks(next === 'agent.failed' ? 'breaks' : 'ends');
    });

  failAnswer = () =>
    this.#take('agent.failed', async () => {
      // It has failed already, behind words that are still being said.
      if (this.#told.state === SPEAKING) return;
      await this.#callerIsQuiet();
      this.#engine.fails();
    });

  beginTool = () =>
    this.#take('agent.consulting', () => {
      // It works already, behind words that are still being said.
      if (this.#told.state !== SPEAKING) this.#engine.usesTool();
    });

  endTool = () => this.#take('agent.consulted', () => this.#book.resolve());
  transfer = (destination: string) =>
    this.#act({ tool: { name: 'transfer_to_staff', arguments: { destination } } }, 'transferred');
  conclude = () => this.#act({ tool: { name: 'end_call' } }, 'concluded');

  /** What a server that is told to go tells each of its calls. */
  shutDown = () =>
    this.#take('operator.shutdown', async () => (await this.#comeIn()).call.shutdown());

  handOver = () => this.force({ type: 'operator.handOver' });

  /** It takes minutes of recordings to find out: that is tested with the ears. */
  leaveUnattended = () => this.force({ type: 'line.unattended' });

  breakActor = (actor: 'line' | 'ears' | 'agent') =>
    this.#take(`xstate.error.actor.${actor}`, async () => {
      const { root } = await this.#comeIn();
      const { children } = root.getSnapshot() as { children: Record<string, AnyActorRef> };
      children[actor]!.send(UNREADABLE);
    });

  /**
   * Ends the call if it has not ended by itself.
   *
   * @returns the only record of it, which tells the end as the feed does; undefined for a call that
   * never came
   */
  async leave(): Promise<CallRecord | undefined> {
    this.#book.resolve();
    if (!this.#visit) return undefined;
    const { state, context } = this.#told;
    const outcome = state === 'ended' ? context.outcome : undefined;
    this.#engine.speaks('ends');
    if (!outcome) void this.#telephone?.hangUp();
    this.#left.resolve();
    this.#cutSocket?.();
    const end = await this.#told.ended();
    assert.equal(end.outcome, outcome ?? end.outcome);
    const record = await this.#options.house.recordOf(this.#visit.call);
    assert.equal(record.outcome, end.outcome);
    const report = await (this.#call && inTime(this.#call.ended, 'the line down', PATIENCE_MS));
    if (report?.scriptError) throw report.scriptError;
    return record;
  }

  get #told() {
    return this.#visit!.told;
  }

  get #eventsAhead(): string[] {
    return this.#options.path.steps.slice(this.#at + 1).map(({ event }) => event.type);
  }

  /** The next step, which the feed tells as this event. */
  async #take(eventType: string, act: () => unknown = () => {}): Promise<void> {
    this.#at++;
    Object.assign(this.#limits, this.#limitsAlong[this.#at]);
    await act();
    await this.#told.until(eventType);
    this.#engine.hesitates();
  }

  /** A tool that acts upon the call: like any tool it is told to have begun. */
  #act(reply: ToolReply, what: 'transferred' | 'concluded'): Promise<void> {
    return this.#take(`agent.${what}`, async () => {
      await this.#callerIsQuiet();
      this.#engine.usesTool(reply);
      await this.#told.until('agent.consulting');
    });
  }

  async #ring(begin: (telephone: Caller) => void, continued?: Continued): Promise<void> {
    const { house, number } = this.#options;
    let streamFromMs = 0;
    const expected = { limits: this.#limits, continued };
    this.#visit = await house.admit(expected, () => {
      const call = house.placeCall(async (telephone) => {
        this.#telephone = telephone;
        this.#mouth = new CallerMouth(call, { telephone, number, streamFromMs });
        begin(telephone);
        await this.#left.promise;
      });
      call.on('started', ({ trackMs = 0 }) => {
        streamFromMs = trackMs;
      });
      call.on('ended', () => this.#left.resolve());
      this.#call = call;
    });
  }

  /** Where no stream is to begin: a socket of Twilio's on which nothing is said. */
  async #comeIn(): Promise<Visit> {
    this.#visit ??= await this.#options.house.admit({ limits: this.#limits }, async () => {
      const socket = await this.#options.house.hand.openSocket();
      this.#cutSocket = () => socket.terminate();
    });
    return this.#visit;
  }

  /** Nothing more is to come of what the caller has said. */
  async #callerIsQuiet(): Promise<void> {
    await inTime(this.#mouth!.over, 'the caller to be silent', PATIENCE_MS);
    const since = this.#longTurnSince;
    if (since === undefined || !this.#told.state.startsWith(THINKING)) return;
    this.#longTurnSince = undefined;
    await this.#told.tells('caller.finished', since);
  }
}

/** The line keeps the same one, and tells that it has passed (`line.refused`) before this is heard. */
export const UNHEARD_DEADLINE = 'xstate.after.firstMessages.call.connecting';

/** Whoever reads it fails. */
const UNREADABLE = {
  get type(): string {
    throw new Error('an actor of the call broke, as the test wanted');
  },
};

/** They follow once the caller or the agent has begun to speak. */
const FOLLOWS_FROM_SPEECH = [
  'caller.paused',
  'caller.resumed',
  'caller.finished',
  'caller.interrupted',
  'caller.ignored',
  'agent.finished',
];

export const CALL_PACE: Pace = {
  mostMs(step) {
    if (step.event.type === 'agent.finished' || endsSpeech(step)) return SOUND_MS + 1200;
    // The caller, or what the caller has begun to say, has to come to an end before.
    const isAfterWords = ['caller.paused', 'agent.audible', 'agent.failed'];
    return isAfterWords.includes(step.event.type) ? 3500 : 2500;
  },
  comesByItself: (step) => FOLLOWS_FROM_SPEECH.includes(step.event.type) || endsSpeech(step),
};

/** Words are over before what was to come after them. */
function endsSpeech({ event, from }: Step): boolean {
  const isNext = ['agent.consulting', 'agent.failed'].includes(event.type);
  return isNext && pathOf(from.snapshot) === SPEAKING;
}

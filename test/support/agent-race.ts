/** An agent whose engine, voice, tools, listener and caller come in the order that a scheduler draws. */
import type { Scheduler } from 'fast-check';
import type { DeskEffect } from '../../src/restaurant/desk-answer.ts';
import { SteeredAgent } from './steered-agent.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

export interface Race {
  /** What the engine does with the requests that it is sent, one after another. */
  replies: readonly (readonly ('says' | 'callsTool' | 'fails' | 'ends')[])[];
  /** What the tools do to the call, one after another. */
  effects: readonly (DeskEffect['type'] | undefined)[];
  /** What the machine tells the agent; what makes no sense at its moment is left out. */
  commands: readonly ('prepare' | 'reply' | 'hush' | 'resume' | 'yield')[];
}

/** @returns what was broken, in words */
export async function raceAgent(scheduler: Scheduler, race: Race): Promise<string[]> {
  const clock = new VirtualClock().install();
  try {
    const run = new AgentRace(scheduler, race, clock);
    return await run.finish();
  } finally {
    clock.uninstall();
  }
}

type Phase = 'idle' | 'prepared' | 'released' | 'audible' | 'hushed';

/** By command: the phases in which the machine gives it, and the one that follows. */
const COMMANDS: Record<Race['commands'][number], { in: readonly Phase[]; next: Phase }> = {
  prepare: { in: ['idle'], next: 'prepared' },
  reply: { in: ['idle', 'prepared'], next: 'released' },
  hush: { in: ['audible'], next: 'hushed' },
  resume: { in: ['hushed'], next: 'audible' },
  yield: { in: ['prepared', 'released', 'audible', 'hushed'], next: 'idle' },
};
/** By what the agent tells: the phases in which it may, and the one that follows. */
const TOLD: Record<string, { in: readonly Phase[]; next?: Phase }> = {
  'agent.audible': { in: ['released', 'audible'], next: 'audible' },
  'agent.consulting': { in: ['released', 'audible'], next: 'released' },
  'agent.consulted': { in: ['released', 'audible', 'hushed'] },
  'agent.finished': { in: ['audible'], next: 'idle' },
  'agent.failed': { in: ['released', 'audible'], next: 'idle' },
  'agent.transferred Maria': { in: ['released', 'audible'], next: 'idle' },
  'agent.concluded': { in: ['released', 'audible'], next: 'idle' },
};
const SILENT = new Set<Phase>(['idle', 'prepared', 'hushed']);
const TICK_MS = 450;
const TICKS = 8;
/** All that was begun is over after so many rounds: else it is stuck. */
const MOST_ROUNDS = 40;

class AgentRace {
  readonly #call = new SteeredAgent();
  readonly #broken: string[] = [];
  readonly #clock: VirtualClock;
  readonly #race: Race;
  readonly #scheduler: Scheduler;
  #phase: Phase = 'idle';
  #seen = 0;
  #silentSince = 0;
  #answered = 0;
  #asked = 0;
  #replyAt = 0;
  #stepAt = 0;

  constructor(scheduler: Scheduler, race: Race, clock: VirtualClock) {
    this.#scheduler = scheduler;
    this.#race = race;
    this.#clock = clock;
    this.#call.voice.fault = 'goes on after the abort';
    Object.defineProperty(this.#call.voice, 'gate', {
      get: () => scheduler.schedule(Promise.resolve(), 'voice'),
    });
    this.#strand('caller', race.commands, (command) => this.#command(command));
    this.#strand('engine', race.replies.flat(), () => this.#stepEngine());
    this.#strand('tool', race.effects, () => this.#answerTool());
    this.#strand('time', Array(TICKS).fill('passes'), () => clock.advance(TICK_MS));
  }

  /** Lets all of it happen, then lets what was begun come to its end. */
  async finish(): Promise<string[]> {
    const act = async (happen: () => Promise<void>) => {
      await happen();
      await this.#look();
    };
    await this.#scheduler.waitIdle(act);
    for (let round = 0; this.#isUnderWay; round++) {
      if (round === MOST_ROUNDS) return [...this.#broken, `stuck in ${this.#phase}`];
      if (this.#phase === 'hushed') this.#command('yield');
      this.#stepEngine();
      this.#answerTool();
      await this.#scheduler.waitIdle(act);
      await this.#clock.advance(TICK_MS);
      await this.#look();
    }
    if (this.#phase === 'prepared') this.#command('yield');
    await this.#clock.advance(10_000);
    await this.#look();
    this.#judgeEnd();
    return this.#broken;
  }

  #strand<What>(name: string, steps: readonly What[], happen: (what: What) => unknown): void {
    this.#scheduler.scheduleSequence(
      steps.map((step) => ({
        label: `${name} ${String(step)}`,
        builder: async () => {
          await happen(step);
        },
      })),
    );
  }

  get #isUnderWay(): boolean {
    const { queue, tools } = this.#call;
    const isIdle = this.#phase === 'idle' || this.#phase === 'prepared';
    return (
      !isIdle ||
      queue.depth + queue.inSlot + queue.streaming > 0 ||
      this.#answered < tools.calls.length
    );
  }

  #command(type: Race['commands'][number]): void {
    const { in: phases, next } = COMMANDS[type];
    if (!phases.includes(this.#phase)) return;
    this.#phase = next;
    this.#call.perform(type);
    this.#silentSince = this.#call.ear.sent.length;
  }

  /** The next step of the request that the engine works on; beyond its script it says something and ends. */
  #stepEngine(): void {
    const { requests } = this.#call.engine;
    while (requests[this.#replyAt]?.signal.aborted) this.#nextReply();
    const request = requests[this.#replyAt];
    if (!request) return;
    const script = this.#race.replies[this.#replyAt] ?? ['says', 'ends'];
    const step = script[this.#stepAt++] ?? 'ends';
    if (step === 'says') request.says(`Words ${this.#replyAt} of ${this.#stepAt}. `);
    else if (step === 'callsTool') request.callsTool();
    else {
      if (step === 'ends') request.ends();
      else request.fail(new Error('the engine broke'));
      this.#nextReply();
    }
  }

  #nextReply(): void {
    this.#replyAt += 1;
    this.#stepAt = 0;
  }

  #answerTool(): void {
    const { tools } = this.#call;
    if (this.#answered === tools.calls.length) return;
    const type = this.#race.effects[this.#answered];
    this.#answered += 1;
    tools.answer('{"done":true}', type && EFFECTS[type]);
  }

  /** What has been told and sent since the last look must fit the phase. */
  async #look(): Promise<void> {
    await settled();
    const { told, ear, tools, queue, engine } = this.#call;
    const before = this.#phase;
    for (const event of told.slice(this.#seen)) this.#hear(event);
    this.#seen = told.length;
    const sent = ear.sent.slice(this.#silentSince);
    if (SILENT.has(before) && sent.includes('media')) this.#broken.push(`sound while ${before}`);
    this.#silentSince = ear.sent.length;
    const working = tools.calls.length - this.#answered;
    if (working > 1) this.#broken.push('two tools at once');
    if (working > 0 && engine.requests.length > this.#asked) this.#broken.push('asked over a tool');
    this.#asked = engine.requests.length;
    const isGivenUp = this.#phase === 'idle';
    const goesOn = engine.requests.slice(this.#replyAt).some(({ signal }) => !signal.aborted);
    if (isGivenUp && goesOn) this.#broken.push('the engine works for nobody');
    if (queue.inSlot > 1) this.#broken.push(`${queue.inSlot} requests in the slot`);
  }

  #hear(event: string): void {
    const rule = TOLD[event];
    if (!rule?.in.includes(this.#phase)) this.#broken.push(`${event} while ${this.#phase}`);
    this.#phase = rule?.next ?? this.#phase;
  }

  #judgeEnd(): void {
    const { queue, conversation, tools, engine, replies } = this.#call;
    if (queue.depth + queue.inSlot + queue.streaming > 0)
      this.#broken.push('the queue is not empty');
    const results = conversation.turns.filter(({ speaker }) => speaker === 'tool').length;
    if (results !== tools.calls.length)
      this.#broken.push(`${results} of ${tools.calls.length} results`);
    if (replies.length !== engine.requests.length) this.#broken.push('a request without its note');
    for (const { request } of engine.requests) {
      const { messages } = request;
      const isOrphan = messages.some(
        (message, at) => message.role === 'tool' && messages[at - 1]?.role !== 'assistant',
      );
      if (isOrphan) this.#broken.push('a result without its call');
      if (tools.calls.length > 0 && !messages.some(({ role }) => role !== 'system')) {
        this.#broken.push('a request without anything said');
      }
    }
  }
}

const EFFECTS: Record<DeskEffect['type'], DeskEffect> = {
  transfer: { type: 'transfer', destination: 'Maria', brief: 'A table for four.' },
  endCall: { type: 'endCall' },
  speakLanguage: { type: 'speakLanguage', language: 'de' },
};

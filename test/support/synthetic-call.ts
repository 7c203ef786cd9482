import { type Actor, createActor, fromCallback } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import type {
  AgentCommand,
  CallInput,
  Continued,
  EarsCommand,
} from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';
import type { RecordedEvents } from '../../src/replay/journal.ts';
import { packWindows, roundWindow } from '../../src/turns/packed-windows.ts';
import { TURN_THRESHOLDS, type TurnThresholds } from '../../src/turns/thresholds.ts';
import { type Expectation, type TurnMode, TurnPolicy } from '../../src/turns/turn-policy.ts';
import type { SpeechWindow } from '../../src/turns/voice-activity.ts';
import { AT } from './journal-rows.ts';
import { TEST_LIMITS } from './steered-call.ts';

const WINDOW_MS = 32;

export interface SyntheticCallOptions {
  limits?: Partial<CallInput['limits']>;
  personReachable?: boolean;
  /** By how many ms the next timer will be late. */
  latenessMs?(): number;
  thresholds?: TurnThresholds;
  expecting?: Expectation;
  /** What `line.started` brings. */
  continued?: Continued;
}

interface Timer {
  firesMs: number;
  run(): void;
}

/**
 * The real call machine under a clock that a test moves, and what its call's records would hold:
 * rows as the server writes them, in its order. It shares nothing with the replay.
 */
export class SyntheticCall {
  readonly events: RecordedEvents = [];
  readonly #actor: Actor<typeof callMachine>;
  readonly #policy: TurnPolicy;
  readonly #expecting: Expectation;
  readonly #latenessMs: () => number;
  readonly #timers = new Set<Timer>();
  readonly #continued: Continued | undefined;
  #nowMs = 0;
  #heardMs = 0;
  #windows: SpeechWindow[] = [];
  #mode: TurnMode = 'listening';
  #attentive = false;
  #path = 'connecting';

  constructor(options: SyntheticCallOptions = {}) {
    this.#latenessMs = options.latenessMs ?? (() => 0);
    this.#policy = new TurnPolicy(options.thresholds ?? TURN_THRESHOLDS);
    this.#expecting = options.expecting ?? 'open';
    const limits = { ...TEST_LIMITS, ...options.limits };
    const personReachable = options.personReachable ?? true;
    const { continued } = options;
    this.note('machine.started', { limits, personReachable, ...(continued && { continued }) });
    this.#continued = continued;
    this.#actor = this.#start({ limits, personReachable });
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get path(): string {
    return this.#path;
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  /** Moves on; timers fire as they are due, or late. */
  pass(ms: number): this {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#next(); timer && timer.firesMs <= endMs; timer = this.#next()) {
      this.#nowMs = timer.firesMs;
      this.#timers.delete(timer);
      timer.run();
    }
    this.#nowMs = endMs;
    return this;
  }

  /** Events that come from outside, by their types, now. */
  send(...events: (string | { type: string; digit?: string; destination?: string })[]): this {
    for (const event of events) {
      if (this.isDone) return this;
      const told = typeof event === 'string' ? { type: event } : event;
      const continued = told.type === 'line.started' ? this.#continued : undefined;
      this.#actor.send({ ...told, ...(continued && { continued }) } as never);
    }
    return this;
  }

  /** The caller is silent, or speaks: the ears judge it window by window, as time passes. */
  hear(ms: number, kind: 'speech' | 'silence'): this {
    const [probability, levelDb] = kind === 'speech' ? [0.95, -20] : [0.01, -70];
    for (let done = 0; done < ms && !this.isDone; done += WINDOW_MS) {
      this.pass(WINDOW_MS);
      this.#heardMs += WINDOW_MS;
      this.#judge(roundWindow({ endMs: this.#heardMs, probability, levelDb, pitchHz: 0, echo: 0 }));
    }
    return this;
  }

  /** One more row, as an organ of the call would write it. */
  note(type: string, payload: unknown = {}): this {
    const seq = this.events.length;
    this.events.push({ call_sid: 'CA1', seq, at: AT + Math.round(this.#nowMs), type, payload });
    return this;
  }

  #start(input: CallInput): Actor<typeof callMachine> {
    const machine = callMachine.provide({
      actors: {
        line: fromCallback(() => {}),
        ears: fromCallback<EarsCommand>(({ receive }) => receive((told) => this.#turnTo(told))),
        agent: fromCallback<AgentCommand>(({ receive }) =>
          receive(({ type, ...clip }) => this.note('agent.told', { command: type, ...clip })),
        ),
      },
    });
    const actor = createActor(machine, {
      input,
      clock: {
        setTimeout: (run, delayMs) => this.#setTimer(run, delayMs),
        clearTimeout: (timer) => this.#timers.delete(timer),
      },
      inspect: (event) => {
        if (event.type === '@xstate.event' && event.actorRef === actor)
          this.#noteEvent(event.event);
        if (event.type !== '@xstate.snapshot' || event.actorRef !== actor) return;
        this.#noteState(statePath(actor.getSnapshot().value));
      },
    });
    return actor.start();
  }

  #setTimer(run: () => void, delayMs: number): Timer {
    const timer = { firesMs: this.#nowMs + delayMs + this.#latenessMs(), run };
    this.#timers.add(timer);
    return timer;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.firesMs < next.firesMs) next = timer;
    return next;
  }

  #noteEvent({ type, continued: _, ...payload }: { type: string; continued?: unknown }): void {
    if (type !== 'xstate.init') this.note(type, payload);
  }

  #noteState(path: string): void {
    if (path !== this.#path) this.note('state', { path });
    this.#path = path;
  }

  #turnTo(told: EarsCommand): void {
    this.#noteWindows();
    this.#attentive = told.type === 'attend';
    if (told.type === 'attend') {
      this.#mode = told.to;
      this.#policy.attend(told.to, this.#expecting);
    }
    const { type, ...mode } = told;
    this.note('ears.told', { command: type, ...mode });
  }

  #judge(window: SpeechWindow): void {
    this.#windows.push(window);
    const turns = this.#policy.push(window);
    if (turns.length > 0) this.#noteWindows();
    for (const { type } of turns) if (this.#attentive) this.send(`caller.${type}`);
  }

  #noteWindows(): void {
    const endMs = this.#windows.at(-1)?.endMs;
    if (endMs === undefined) return;
    const [mode, expecting] = [this.#mode, this.#expecting];
    this.note('ears.windows', { endMs, mode, expecting, windows: packWindows(this.#windows) });
    this.#windows = [];
  }
}

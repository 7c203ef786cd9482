import {
  type Expectation,
  type TurnEvent,
  type TurnMode,
  TurnPolicy,
} from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import { type CallLife, type LifeEvent, recordedLife } from './call-life.ts';
import type { Departures } from './departures.ts';
import { isOfEars, isTimer, type Journal } from './journal.ts';
import { type MachineEvent, type MachineOutput, MachineRun } from './machine-run.ts';
import { ModelledAgent } from './modelled-agent.ts';
import { recordedAgent } from './recorded-agent.ts';

/** Said to whoever reads the result. */
export const MODELLED = [
  'The caller is as recorded, at the recorded moments: nobody answers sooner or later because the agent does.',
  'The ears judge the recorded voice activity anew, in the modes that the machine sets; keys come as recorded,',
  'and so does what a turn model said, where there was one.',
  "The agent's k-th answer takes the k-th recorded time from asking to sound and has its length;",
  'what was cut off goes on as far as its sound had been made, and further answers are of the usual times.',
  'Prepared sentences have their recorded lengths, or the usual one.',
];

/** After the end of the records the caller is silent, and so much more is looked at. */
const RUN_ON_MS = 60_000;

/**
 * The recorded call as it would have gone with other thresholds or limits. A model, not a fact:
 * `MODELLED` says of what.
 */
export function whatIf(journal: Journal, departures: Departures): CallLife {
  return new Run(journal, departures).life();
}

class Run {
  readonly #machine: MachineRun;
  readonly #policy: TurnPolicy;
  readonly #agent: ModelledAgent;
  readonly #lines: LifeEvent[];
  readonly #windows: JudgedWindow[];
  readonly #expectations: ReadonlyMap<number, Expectation>;
  readonly #endMs: number;
  readonly #events: LifeEvent[] = [];
  #attentive = false;
  #entering = false;
  /** Things that the agent has said, or begun to say. */
  #speeches = 0;

  constructor(journal: Journal, { thresholds, limits }: Departures) {
    this.#machine = new MachineRun({ ...journal.input, limits });
    this.#policy = new TurnPolicy(thresholds);
    this.#agent = new ModelledAgent(recordedAgent(journal));
    this.#windows = windowsOf(journal);
    this.#lines = eventsFromOutside(journal, this.#windows.length > 0);
    this.#expectations = expectationsOf(journal);
    this.#endMs = (journal.rows.at(-1)?.ms ?? 0) + RUN_ON_MS;
  }

  life(): CallLife {
    while (!this.#machine.isDone && this.#step());
    return { events: this.#events, outcome: this.#machine.output?.outcome ?? null };
  }

  /** @returns false: nothing more comes within the time that is looked at */
  #step(): boolean {
    const [line] = this.#lines;
    const [heard] = this.#windows;
    const [timer] = this.#machine.timers;
    const agentMs = this.#agent.nextMs;
    const nextMs = Math.min(
      line?.ms ?? Infinity,
      heard?.ms ?? Infinity,
      agentMs,
      timer?.dueMs ?? Infinity,
    );
    if (nextMs > this.#endMs) return false;
    if (line?.ms === nextMs) this.#fromOutside(line);
    else if (heard?.ms === nextMs) this.#hear();
    else if (agentMs === nextMs) this.#agentTells(nextMs);
    else if (timer) {
      this.#note(nextMs, { type: timer.type });
      this.#obey(this.#machine.fire(timer), nextMs);
    }
    return true;
  }

  #fromOutside({ ms, event }: LifeEvent): void {
    this.#lines.shift();
    if (event.type === 'caller.spoke') this.#entering = true;
    if (event.type === 'caller.finished' || event.type === 'caller.pressed') this.#entering = false;
    this.#send(event, ms);
  }

  #hear(): void {
    const heard = this.#windows.shift();
    if (!heard) return;
    const { ms, window, complete } = heard;
    if (complete !== undefined) this.#policy.believe(complete);
    for (const turn of this.#policy.push(window)) {
      const isNoise = turn.type === 'ignored' && this.#entering;
      if (this.#attentive && !isNoise) this.#tell(turn, window.endMs, ms);
    }
  }

  #tell(turn: TurnEvent, endMs: number, ms: number): void {
    this.#send({ type: `caller.${turn.type}` }, ms, { turn, endMs });
  }

  #agentTells(ms: number): void {
    const event = this.#agent.take();
    if (event?.type === 'agent.audible') {
      this.#entering = false;
      this.#speeches += 1;
    }
    if (event) this.#send(event, ms);
  }

  #send(event: MachineEvent, ms: number, heard?: LifeEvent['heard']): void {
    if (this.#machine.isDone) return;
    this.#note(ms, event, heard);
    this.#obey(this.#machine.send(event, ms), ms);
  }

  #note(ms: number, event: MachineEvent, heard?: LifeEvent['heard']): void {
    this.#events.push({ ms, event, heard });
  }

  #obey(outputs: readonly MachineOutput[], ms: number): void {
    for (const { type, what } of outputs) {
      if (type === 'agent.told') {
        if (what.startsWith('play ')) this.#speeches += 1;
        this.#agent.tell(what, ms);
      } else if (type === 'ears.told') this.#attend(what);
    }
  }

  #attend(told: string): void {
    const [command, mode] = told.split(' ');
    this.#attentive = command === 'attend';
    if (mode) this.#policy.attend(mode as TurnMode, this.#expectations.get(this.#speeches));
  }
}

interface JudgedWindow {
  ms: number;
  window: SpeechWindow;
  /** What the turn model had said before it, since the window before. */
  complete: number | undefined;
}

/** What neither the turn policy, nor the agent, nor a timer tells. */
function eventsFromOutside(journal: Journal, hasWindows: boolean): LifeEvent[] {
  const { events } = recordedLife(journal, null);
  return events.filter(({ event: { type }, heard }) => {
    if (isTimer(type) || type.startsWith('agent.')) return false;
    return !(hasWindows && isOfEars(type) && heard);
  });
}

/**
 * When each window was judged. Sound comes in at the pace of speech; a row is written at once where
 * its last window told something, and else some time after it.
 */
function windowsOf({ rows }: Journal): JudgedWindow[] {
  const windows: JudgedWindow[] = [];
  let complete: number | undefined;
  let previousMs = Infinity;
  let lastMs = 0;
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'believed') complete = row.complete;
    if (row.kind !== 'windows') continue;
    const behindMs = row.ms - row.endMs;
    const delayMs = Math.min(behindMs, previousMs);
    previousMs = behindMs;
    const next = rows[index + 1];
    const isWrittenAtOnce = next?.kind === 'event' && isOfEars(next.event.type);
    for (const window of row.windows) {
      const isLast = isWrittenAtOnce && window.endMs === row.endMs;
      lastMs = Math.max(lastMs, isLast ? row.ms : window.endMs + delayMs);
      windows.push({ ms: lastMs, window, complete });
      complete = undefined;
    }
  }
  return windows;
}

/** What was expected of the caller after so many things that the agent had said. */
function expectationsOf({ rows }: Journal): Map<number, Expectation> {
  const expectations = new Map<number, Expectation>();
  let speeches = 0;
  for (const row of rows) {
    if (row.kind === 'event' && row.event.type === 'agent.audible') speeches += 1;
    if (row.kind === 'output' && row.output.what.startsWith('play ')) speeches += 1;
    if (row.kind !== 'windows') continue;
    // While it speaks, only its first words are known.
    if (row.mode === 'listening' || !expectations.has(speeches)) {
      expectations.set(speeches, row.expecting);
    }
  }
  return expectations;
}

import type { CallInput, CallOutcome } from '../../machines/call-protocol.ts';
import { isTimer } from './journal.ts';
import { type MachineEvent, MachineRun } from './machine-run.ts';

/** What the call machine is told from outside, at which ms from its beginning; timers fire by themselves. */
export interface EventSequence {
  input: CallInput;
  /** In order. Where a timer is due at the same moment, the event comes first. */
  events: readonly ({ ms: number } & MachineEvent)[];
  /** How far the clock runs on. */
  untilMs: number;
}

/** One event that was told or a timer that fired, and what came of it. */
export interface SequenceStep {
  ms: number;
  event: string;
  from: string;
  path: string;
  /** What agent and ears were told, as `play greeting`, `attend speaking`. */
  told: readonly string[];
}

export interface SequenceRun {
  steps: readonly SequenceStep[];
  /** The last state. */
  path: string;
  /** Null: the call has not ended. */
  outcome: CallOutcome | null;
  untilMs: number;
}

/** Runs the call machine as it is now. A few steps more than a whole call has are the limit. */
export function runSequence({ input, events, untilMs }: EventSequence): SequenceRun {
  const run = new MachineRun(input);
  const steps: SequenceStep[] = [];
  const step = (event: MachineEvent, take: () => ReturnType<MachineRun['send']>): void => {
    const from = run.path;
    const told = take().flatMap(({ type, what }) => (type === 'state' ? [] : [what]));
    steps.push({ ms: run.nowMs, event: event.type, from, path: run.path, told });
  };
  const fireBefore = (isBefore: (dueMs: number) => boolean): void => {
    for (let timer = run.timers[0]; timer && isBefore(timer.dueMs); timer = run.timers[0]) {
      if (steps.length >= MAX_STEPS) return;
      const due = timer;
      step(due, () => run.fire(due));
    }
  };
  for (const event of events) {
    if (isTimer(event.type)) throw new TypeError(`expected no timer, got ${event.type}`);
    fireBefore((dueMs) => dueMs < event.ms);
    if (run.isDone) break;
    const { ms, ...told } = event;
    step(told, () => run.send(told, ms));
  }
  fireBefore((dueMs) => dueMs <= untilMs);
  return { steps, path: run.path, outcome: run.output?.outcome ?? null, untilMs };
}

/** As many as a journal has rows. */
const MAX_STEPS = 20_000;

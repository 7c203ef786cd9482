import type { EventSequence } from './event-sequence.ts';
import { isTimer, type Journal } from './journal.ts';
import { type MachineEvent, MachineRun } from './machine-run.ts';
import { TOLERANCE_MS } from './replay-journal.ts';

/**
 * What a recorded call's machine was told from outside, without anything that would tell whose call
 * it was. Moments are moved by as little as makes timers, which fire on time here, come in the same
 * order with the events as they did.
 */
export function recordedSequence({ input, rows }: Journal): EventSequence {
  const run = new MachineRun(input);
  const events: ({ ms: number } & MachineEvent)[] = [];
  let firedMs = -1;
  const fireBefore = (untilMs: number) => {
    for (let timer = run.timers[0]; timer && timer.dueMs < untilMs; timer = run.timers[0]) {
      firedMs = timer.dueMs;
      run.fire(timer);
    }
  };
  for (const row of rows) {
    if (row.kind !== 'event') continue;
    const { type } = row.event;
    if (isTimer(type)) {
      const timer = run.timers.find((each) => each.type === type);
      // One that does not run any more is a difference, and nothing from outside.
      if (timer && timer.dueMs <= row.ms + TOLERANCE_MS) fireBefore(timer.dueMs + 1);
      continue;
    }
    fireBefore(row.ms - TOLERANCE_MS);
    const dueMs = run.timers[0]?.dueMs ?? Infinity;
    const ms = Math.max(run.nowMs, firedMs + 1, Math.min(row.ms, dueMs));
    const event = scrubbed(row.event);
    events.push({ ms, ...event });
    run.send(event, ms);
  }
  return { input, events, untilMs: Math.max(run.nowMs, rows.at(-1)?.ms ?? 0) };
}

/** The machine tells the key 0 from all others, and somebody who was asked for from nobody. */
function scrubbed({ type, digit, destination, continued }: MachineEvent): MachineEvent {
  return {
    type,
    ...(digit !== undefined && { digit: digit === '0' ? '0' : '1' }),
    ...(destination !== undefined && { destination: 'somebody' }),
    ...(continued && { continued }),
  };
}

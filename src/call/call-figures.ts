import type { SpeculationNote } from '../journal/call-event.ts';
import type { Continuation } from '../journal/continuation.ts';
import type { TurnTiming } from './turn-clock.ts';

/** Counts what happens in one call, for its record. */
export class CallFigures {
  interruptions = 0;
  reprompts = 0;
  failures = 0;
  readonly timings: TurnTiming[] = [];
  /** Answers that were prepared at a pause, and the engine's time that went into nothing, ms. */
  readonly speculation = { used: 0, dropped: 0, wastedMs: 0 };

  noteEvent(type: string): void {
    if (type === 'caller.interrupted') this.interruptions += 1;
    if (type === 'agent.failed' || /^xstate\.after\.giveUp\b/.test(type)) this.failures += 1;
  }

  noteState(path: string): void {
    if (path === 'timeout.asking') this.reprompts += 1;
  }

  noteSpeculation({ how, wastedMs }: SpeculationNote): void {
    this.speculation[how] += 1;
    this.speculation.wastedMs += wastedMs;
  }

  /** What happened in earlier lives of the call counts as well: one that was killed left only this. */
  takeUp(counted: Continuation['counted']): void {
    for (const { type, payload } of counted) {
      const noted: unknown = JSON.parse(payload);
      if (type === 'turn.answered') this.timings.push(noted as TurnTiming);
      else if (type === 'speculation.ended') this.noteSpeculation(noted as SpeculationNote);
      else if (type === 'state') this.noteState((noted as { path: string }).path);
      else this.noteEvent(type);
    }
  }
}

import type { Continuation } from '../journal/continuation.ts';
import type { TurnTiming } from './turn-clock.ts';

/** Counts what happens in one call, for its record. */
export class CallFigures {
  interruptions = 0;
  reprompts = 0;
  failures = 0;
  readonly timings: TurnTiming[] = [];

  noteEvent(type: string): void {
    if (type === 'caller.interrupted') this.interruptions += 1;
    if (type === 'agent.failed' || /^xstate\.after\.giveUp\b/.test(type)) this.failures += 1;
  }

  noteState(path: string): void {
    if (path === 'timeout.asking') this.reprompts += 1;
  }

  /** What happened in earlier lives of the call counts as well: one that was killed left only this. */
  takeUp(counted: Continuation['counted']): void {
    for (const { type, payload } of counted) {
      const noted: unknown = JSON.parse(payload);
      if (type === 'turn.answered') this.timings.push(noted as TurnTiming);
      else if (type === 'state') this.noteState((noted as { path: string }).path);
      else this.noteEvent(type);
    }
  }
}

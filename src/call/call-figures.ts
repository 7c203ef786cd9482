import type { CallEvent } from '../../machines/call-protocol.ts';

/** Counts what happens in one call, for its record. */
export class CallFigures {
  interruptions = 0;
  reprompts = 0;
  failures = 0;

  noteEvent(type: CallEvent['type'] | (string & {})): void {
    if (type === 'caller.interrupted') this.interruptions += 1;
    if (type === 'agent.failed' || /^xstate\.after\.giveUp\b/.test(type)) this.failures += 1;
  }

  noteState(path: string): void {
    if (path === 'timeout.asking') this.reprompts += 1;
  }
}

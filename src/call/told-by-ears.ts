import type { CallEvent } from '../../machines/call-protocol.ts';
import type { EarsEvent } from './ears.ts';

/** What the machine is told of what the ears tell; undefined: of a turn at its limit it knows already. */
export function toldByEars({ type }: EarsEvent): CallEvent | undefined {
  switch (type) {
    case 'askedForPerson':
      return { type: 'caller.pressed', digit: '0' };
    case 'answeredByMachine':
    case 'unattended':
      return { type: `line.${type}` };
    case 'limited':
      return undefined;
    default:
      return { type: `caller.${type}` };
  }
}

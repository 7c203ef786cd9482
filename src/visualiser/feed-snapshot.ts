import type { FeedSnapshot } from './feed-message.ts';

/** As much of a machine's snapshot as is read here. */
export interface MachineState {
  status: FeedSnapshot['status'];
  value: unknown;
  context: Readonly<Record<string, unknown>>;
  tags: ReadonlySet<string>;
}

/** Of a call, and of the engine. What is not named here stays in the house. */
const SHOWN = [
  'turns',
  'reprompts',
  'failures',
  'unanswered',
  'leaving',
  'cutOff',
  'movingOn',
  'destination',
  'reason',
  'outcome',
  'attempts',
] as const;

/** A snapshot as viewers may see it. */
export function feedSnapshot({ status, value, context, tags }: MachineState): FeedSnapshot {
  const shown: Record<string, string | number | boolean | null> = {};
  for (const name of SHOWN) {
    const held = context[name];
    if (held === null || ['string', 'number', 'boolean'].includes(typeof held)) {
      shown[name] = held as string | number | boolean | null;
    }
  }
  return { status, value, context: shown, tags: [...tags], children: {}, historyValue: {} };
}

import type { CallRow } from '../journal/schema.ts';

/**
 * How a call ended, concluded from Twilio's `CallStatus`; undefined while it lives. It is what the
 * record holds when the call itself never said how it ended:
 *
 * | CallStatus  | inbound     | outbound   | because |
 * |-------------|-------------|------------|---|
 * | `completed` | `lost`      | `lost`     | somebody was connected, and no call of ours has told of it |
 * | `no-answer` | `abandoned` | `noAnswer` | inbound: the caller gave up before we answered |
 * | `canceled`  | `abandoned` | `canceled` | the same; outbound: we gave up |
 * | `busy`      | `busy`      | `busy`     | |
 * | `failed`    | `failed`    | `failed`   | the network could not connect it, or a document failed |
 */
export function networkOutcome(
  callStatus: string | undefined,
  direction: CallRow['direction'],
): string | undefined {
  const inbound = direction === 'inbound';
  switch (callStatus) {
    case 'completed':
      return 'lost';
    case 'no-answer':
      return inbound ? 'abandoned' : 'noAnswer';
    case 'canceled':
      return inbound ? 'abandoned' : 'canceled';
    case 'busy':
    case 'failed':
      return callStatus;
    default:
      return undefined;
  }
}

import type { DestinationProblem } from './outbound-rules.ts';
import type { TwilioRest } from './rest.ts';
import { TOLD_AGAIN } from './told-again.ts';

/** This number is not called. The message does not hold it. */
export class DestinationRefusedError extends Error {
  override name = 'DestinationRefusedError';
  readonly kind: DestinationProblem;

  constructor(kind: DestinationProblem, expected: string, came: string) {
    super(`expected ${expected}, got ${came}`);
    this.kind = kind;
  }
}

export interface OutboundOptions {
  rest: Pick<TwilioRest, 'placeCall'>;
  /** ISO 3166 codes. */
  countries: readonly string[];
  /** The caller id, E.164. */
  from: string;
  /** Of the server that will talk: Twilio asks it for TwiML when somebody answers. */
  publicUrl: string;
  /** How long the whole call may last. */
  timeLimitS: number;
}

/** How long it rings before nobody is there; Twilio adds five seconds of its own. */
const RING_S = 30;

/**
 * Calls somebody and has the agent talk to them.
 * @returns a function from a number in E.164 to the CallSid
 * @throws {DestinationRefusedError} from that function, and `TwilioRestError`
 */
export function outboundCalls(options: OutboundOptions): (to: string) => Promise<string> {
  const { rest, countries, from, publicUrl, timeLimitS } = options;
  return async (to) => {
    // The plans of all countries take 100 ms to load, and most servers call nobody.
    const { checkDestination } = await import('./outbound-rules.ts');
    const verdict = checkDestination(to, countries);
    if (!verdict.allowed) {
      throw new DestinationRefusedError(verdict.problem, verdict.expected, verdict.came);
    }
    return rest.placeCall({
      to,
      from,
      url: `${publicUrl}/`,
      fallbackUrl: `${publicUrl}/fallback`,
      statusCallbackUrl: `${publicUrl}/status${TOLD_AGAIN}`,
      asyncAmd: { callbackUrl: `${publicUrl}/answered-by${TOLD_AGAIN}` },
      timeoutS: RING_S,
      timeLimitS,
    });
  };
}

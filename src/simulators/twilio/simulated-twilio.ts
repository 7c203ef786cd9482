/**
 * A Twilio to run against without an account: it places calls to a server's webhook, runs the TwiML
 * that it answers, streams both voices in real time, and serves the REST requests that change a
 * live call. What Twilio does not document is a setting here.
 */
import { FrameClock } from './frame-clock.ts';
import type { PlaceCall } from './place-call.ts';
import { RestEndpoint, type RestFault } from './rest-endpoint.ts';
import { SeededRandom } from './seeded-random.ts';
import { type CallSurroundings, SimulatedCall } from './simulated-call.ts';
import type { StreamKnobs } from './simulated-stream.ts';
import { WebhookClient } from './webhook-client.ts';

export type { CallReport, TimelineEntry } from './call-report.ts';
export { type Caller, CallerError } from './caller.ts';
export type { PlaceCall } from './place-call.ts';
export type { SimulatedCall } from './simulated-call.ts';

export interface SimulatedTwilioOptions extends Partial<StreamKnobs> {
  /** Starts with AC. */
  accountSid: string;
  authToken: string;
  /** Whether a stream may be `ws://`; Twilio wants `wss://`. Default: true, for loopback. */
  allowInsecureStream?: boolean;
  /** How the upgrade is signed. */
  signUpgrade?: 'plain' | 'trailingSlash' | 'wrong' | 'none';
  /** Repeats identifiers, timestamps and losses. */
  seed?: number;
  /** Answers a REST request in Twilio's place. */
  restFault?: (method: string, path: string) => RestFault | undefined;
}

export interface SimulatedTwilio {
  /** In place of `https://api.twilio.com`. */
  readonly restUrl: string;
  /** Calls that are up. */
  readonly calls: ReadonlyMap<string, SimulatedCall>;
  placeCall(options: PlaceCall): SimulatedCall;
  /** Hangs up every call and waits for their ends. */
  close(): Promise<void>;
}

export async function startSimulatedTwilio(
  options: SimulatedTwilioOptions,
): Promise<SimulatedTwilio> {
  const calls = new Map<string, SimulatedCall>();
  /** Calls that are over, which REST tells from those that never were. */
  const past = new Set<string>();
  const clock = new FrameClock();
  const webhooks = new WebhookClient(options.authToken);
  const rest = await RestEndpoint.start({
    accountSid: options.accountSid,
    authToken: options.authToken,
    find: (callSid) => calls.get(callSid) ?? (past.has(callSid) ? PAST_CALL : undefined),
    fault: options.restFault,
  });
  const surroundings: CallSurroundings = {
    accountSid: options.accountSid,
    clock,
    webhooks,
    random: new SeededRandom(options.seed),
    knobs: knobsOf(options),
    signUpgrade: options.signUpgrade ?? 'plain',
    allowInsecureStream: options.allowInsecureStream ?? true,
    onEnded(call) {
      calls.delete(call.callSid);
      past.add(call.callSid);
      if (past.size > PAST_LIMIT) past.delete(past.values().next().value!);
    },
  };
  return {
    restUrl: rest.url,
    calls,
    placeCall(place) {
      const call = new SimulatedCall(place, surroundings);
      calls.set(call.callSid, call);
      return call;
    },
    async close() {
      const ends = [...calls.values()].map((call) => {
        call.interrupt({ type: 'hangUp', by: 'simulator' });
        return call.ended;
      });
      await Promise.all(ends);
      clock.stop();
      webhooks.close();
      await rest.close();
    },
  };
}

const PAST_LIMIT = 10_000;
const PAST_CALL = { status: 'completed', interrupt() {} };

function knobsOf(options: Partial<StreamKnobs>): StreamKnobs {
  return {
    markBehaviour: options.markBehaviour ?? 'afterPlayout',
    dropFrames: options.dropFrames ?? 0,
    firstTimestampMs: options.firstTimestampMs,
    onServerClose: options.onServerClose ?? 'discard',
    closeCode: options.closeCode ?? 1000,
  };
}

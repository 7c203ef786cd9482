/**
 * A Twilio to run against without an account: it places calls to a server's webhook, runs the TwiML
 * that it answers, streams both voices in real time, and serves the REST requests that place calls,
 * change live ones, and show the account. What Twilio does not document is a setting here.
 */
import type { Callees, OutboundRequest } from './callee.ts';
import { FrameClock } from './frame-clock.ts';
import type { OutboundLeg, PlaceCall } from './place-call.ts';
import { newAccount, type SimulatedAccount } from './rest-account.ts';
import { type RestCall, RestEndpoint, type RestFault } from './rest-endpoint.ts';
import { SeededRandom } from './seeded-random.ts';
import { type CallSurroundings, SimulatedCall } from './simulated-call.ts';
import type { StreamKnobs } from './simulated-stream.ts';
import type { SocketLoss } from './twiml-runner.ts';
import { WebhookClient } from './webhook-client.ts';
import { WebhookCopies } from './webhook-copies.ts';

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
  /**
   * The most often that a webhook with news arrives (status, detection, what came of Dial and Record):
   * each once to so often, in any order. Default: 1.
   */
  webhookCopies?: number;
  /** What becomes of a call whose stream's connection breaks; Twilio does not say. Default: redirect at once. */
  onSocketLost?: SocketLoss;
  /** Answers a REST request in Twilio's place. */
  restFault?: (method: string, path: string) => RestFault | undefined;
  /** What REST shows of the account; by default it is active, and has no number. */
  account?: Partial<SimulatedAccount>;
}

export interface SimulatedTwilio {
  /** In place of `https://api.twilio.com`. */
  readonly restUrl: string;
  /** To be changed at will. */
  readonly account: SimulatedAccount;
  /** Calls that are up. */
  readonly calls: ReadonlyMap<string, SimulatedCall>;
  placeCall(options: PlaceCall): SimulatedCall;
  /** From now on calls that are placed by REST are answered so; without it, none can be placed. */
  answerCalls(callees: Callees): void;
  /** Hangs up every call and waits for their ends. */
  close(): Promise<void>;
}

export async function startSimulatedTwilio(
  options: SimulatedTwilioOptions,
): Promise<SimulatedTwilio> {
  const calls = new Map<string, SimulatedCall>();
  /** Calls that are over, which REST tells from those that never were. */
  const past = new Map<string, RestCall>();
  let callees: Callees | undefined;
  const clock = new FrameClock();
  const webhooks = new WebhookClient(options.authToken);
  const random = new SeededRandom(options.seed);
  const account = newAccount(options.account);
  const rest = await RestEndpoint.start({
    accountSid: options.accountSid,
    authToken: options.authToken,
    account,
    find: (callSid) => calls.get(callSid) ?? past.get(callSid),
    place: (request) => callees && start(outboundCall(request, callees)),
    fault: options.restFault,
  });
  const surroundings: CallSurroundings = {
    accountSid: options.accountSid,
    clock,
    webhooks,
    random,
    copies: new WebhookCopies(options.webhookCopies ?? 1, random),
    knobs: knobsOf(options),
    signUpgrade: options.signUpgrade ?? 'plain',
    allowInsecureStream: options.allowInsecureStream ?? true,
    onSocketLost: options.onSocketLost ?? { leadsTo: 'redirect', afterMs: 0 },
    onEnded(call) {
      calls.delete(call.callSid);
      past.set(call.callSid, { status: call.status, direction: call.direction, interrupt() {} });
      if (past.size > PAST_LIMIT) past.delete(past.keys().next().value!);
    },
  };
  const start = (place: PlaceCall & { outbound?: OutboundLeg }) => {
    const call = new SimulatedCall(place, surroundings);
    calls.set(call.callSid, call);
    return call;
  };
  return {
    restUrl: rest.url,
    account,
    calls,
    placeCall: start,
    answerCalls(given) {
      callees = given;
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

function outboundCall(
  request: OutboundRequest,
  callees: Callees,
): PlaceCall & { outbound: OutboundLeg } {
  const callee = callees.answer(request);
  const { webhookUrl, publicUrl } = callees;
  const { url, to, from, fallbackUrl, asyncAmdCallback, timeLimitS } = request;
  return {
    webhookUrl,
    ...(publicUrl !== undefined && { publicUrl }),
    to,
    from,
    caller: callee.caller ?? ((caller) => caller.hungUp(LONG_MS)),
    outbound: { url, callee, asyncAmdCallback },
    ...(fallbackUrl && { fallbackUrl }),
    ...(request.statusCallback && { statusCallbackUrl: request.statusCallback }),
    statusCallbackEvents: request.statusCallbackEvents,
    ...(timeLimitS && { maxMs: timeLimitS * 1000 }),
  };
}

/** Longer than any call: whoever is called waits for us to hang up. */
const LONG_MS = 24 * 3_600_000;

function knobsOf(options: Partial<StreamKnobs>): StreamKnobs {
  return {
    markBehaviour: options.markBehaviour ?? 'afterPlayout',
    dropFrames: options.dropFrames ?? 0,
    firstTimestampMs: options.firstTimestampMs,
    onServerClose: options.onServerClose ?? 'discard',
    closeCode: options.closeCode ?? 1000,
  };
}

/** The REST requests that calls need: end one, give it new TwiML, place one. */
import { createRequire } from 'node:module';
import type Twilio from 'twilio/lib/rest/Twilio.js';

/**
 * - `ended`: the call is over or unknown, so there is nothing to redirect.
 * - `refused`: Twilio answered with another error; `status` and `code` are Twilio's.
 * - `unreachable`: no answer in time, or no connection.
 */
export type TwilioRestProblem = 'ended' | 'refused' | 'unreachable';

export class TwilioRestError extends Error {
  override name = 'TwilioRestError';
  readonly kind: TwilioRestProblem;
  /** HTTP status. */
  readonly status: number | undefined;
  /** Twilio's error code, such as 20404. */
  readonly code: number | undefined;

  constructor(kind: TwilioRestProblem, what: string, cause: unknown) {
    const known = answerOf(cause);
    const answer = known ? `HTTP ${known.status}, code ${known.code ?? 'none'}` : 'no answer';
    super(`expected Twilio to ${what}, got ${answer}`, { cause });
    this.kind = kind;
    this.status = known?.status;
    this.code = known?.code;
  }
}

export interface OutboundCall {
  /** E.164. */
  to: string;
  from: string;
  /** Asked for TwiML when somebody answers. */
  url: string;
  fallbackUrl?: string;
  /** Told how the call ended, whether or not somebody answered. */
  statusCallbackUrl: string;
  /** Told whether a person or a machine answered, while the call goes on. */
  asyncAmd: { callbackUrl: string } | undefined;
  /** How long it rings; Twilio adds five seconds of its own. */
  timeoutS: number;
  /** How long the whole call may last. */
  timeLimitS: number;
}

/** Over the official SDK. Only `placeCall` is not safe to repeat. */
export class TwilioRest {
  readonly #options: TwilioRestOptions;
  #loaded: Twilio['calls'] | undefined;

  constructor(options: TwilioRestOptions) {
    this.#options = options;
  }

  /** The SDK takes some 200 ms to load, in which nothing else runs: neither at a start nor in a call. */
  load(): void {
    void this.#calls;
  }

  /** Ends the call. A call that has ended already, or that Twilio does not know, counts as done. */
  async hangUp(callSid: string): Promise<void> {
    try {
      await this.#calls(callSid).update({ status: 'completed' });
    } catch (cause) {
      const error = problem('end the call', cause);
      if (error.kind !== 'ended') throw error;
    }
  }

  /** Replaces what the call is doing: its stream is closed and the document runs. */
  async redirect(callSid: string, twiml: string): Promise<void> {
    try {
      await this.#calls(callSid).update({ twiml });
    } catch (cause) {
      throw problem('redirect the call', cause);
    }
  }

  /**
   * Calls somebody.
   * @returns the CallSid
   * @throws {TwilioRestError} `unreachable`: it may have been placed, so it is not tried again
   */
  async placeCall(call: OutboundCall): Promise<string> {
    const { asyncAmd, fallbackUrl } = call;
    try {
      const { sid } = await this.#calls.create({
        to: call.to,
        from: call.from,
        url: call.url,
        method: 'POST',
        ...(fallbackUrl && { fallbackUrl, fallbackMethod: 'POST' }),
        statusCallback: call.statusCallbackUrl,
        statusCallbackEvent: ['completed'],
        statusCallbackMethod: 'POST',
        ...(asyncAmd && {
          machineDetection: 'Enable',
          asyncAmd: 'true',
          asyncAmdStatusCallback: asyncAmd.callbackUrl,
          asyncAmdStatusCallbackMethod: 'POST',
        }),
        timeout: call.timeoutS,
        timeLimit: call.timeLimitS,
      });
      return sid;
    } catch (cause) {
      const kind = answerOf(cause) ? 'refused' : 'unreachable';
      throw new TwilioRestError(kind, 'place a call', cause);
    }
  }

  get #calls(): Twilio['calls'] {
    this.#loaded ??= callsOf(this.#options);
    return this.#loaded;
  }
}

export interface TwilioRestOptions {
  accountSid: string;
  authToken: string;
  /** A stand-in for `https://api.twilio.com`. */
  baseUrl?: string;
}

/** The SDK's own default is 30 s: a caller would wait in silence for all of it. */
const TIMEOUT_MS = 5000;

function callsOf({ accountSid, authToken, baseUrl }: TwilioRestOptions): Twilio['calls'] {
  const load = createRequire(import.meta.url);
  const Client = load('twilio/lib/rest/Twilio.js') as typeof Twilio;
  const client = new Client(accountSid, authToken, { timeout: TIMEOUT_MS });
  if (baseUrl) client.api.baseUrl = baseUrl.replace(/\/+$/, '');
  // Loads the rest of it: its parts come when they are first touched.
  return client.api.v2010.account.calls;
}

const NOT_FOUND = 20404;
const NOT_IN_PROGRESS = 21220;

function problem(what: string, cause: unknown): TwilioRestError {
  const answer = answerOf(cause);
  if (!answer) return new TwilioRestError('unreachable', what, cause);
  const ended = answer.code === NOT_FOUND || answer.code === NOT_IN_PROGRESS;
  return new TwilioRestError(ended ? 'ended' : 'refused', what, cause);
}

/** The SDK has two classes for Twilio's two shapes of an error; both have these, others do not. */
function answerOf(cause: unknown): { status: number; code: number | undefined } | undefined {
  if (!(cause instanceof Error) || !('status' in cause) || typeof cause.status !== 'number') {
    return undefined;
  }
  const code = 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined;
  return { status: cause.status, code };
}

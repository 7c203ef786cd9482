import type { Caller } from './caller.ts';
import type { DialStatus } from './twiml-runner.ts';

/** A call to be placed: to whom, and what the caller does. */
export interface PlaceCall {
  /** Where the server really listens, such as `http://127.0.0.1:5000/`. */
  webhookUrl: string;
  /** Where Twilio believes it to be; signatures are made over this. Default: the real origin. */
  publicUrl?: string;
  /** E.164. */
  from?: string;
  to?: string;
  /** Starts with the first stream. When it returns, the caller hangs up if the call is still up. */
  caller: (caller: Caller) => Promise<void>;
  /** After which the call is cut. */
  maxMs?: number;
  /** How a `<Dial>` goes. */
  dial?: DialStatus;
  /** Asked for TwiML when a webhook fails; a public URL. */
  fallbackUrl?: string;
  /** Told of the call's end; a public URL. */
  statusCallbackUrl?: string;
}

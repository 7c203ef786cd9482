import type { Callee } from './callee.ts';
import type { Caller } from './caller.ts';
import type { DialStatus } from './dial-verb.ts';
import type { EchoPath } from './line-echo.ts';

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
  /** Given the agent's sound as it is played: mu-law, 20 ms at a time, shorter or empty where there is none. */
  onHeard?: (mulaw: Uint8Array) => void;
  /** How the caller's telephone sends the agent's sound back. Default: it does not. */
  echo?: EchoPath;
  /** After which the call is cut. */
  maxMs?: number;
  /** How a `<Dial>` goes. */
  dial?: DialStatus;
  /** How long a message the caller leaves in a `<Record>`; 0: says nothing. Default: 4 s. */
  messageS?: number;
  /** Hangs up in the midst of this verb. */
  hangUpDuring?: 'Dial' | 'Record';
  /** Asked for TwiML when a webhook fails; a public URL. */
  fallbackUrl?: string;
  /** Told of the call's progress; a public URL. */
  statusCallbackUrl?: string;
  /** Of `initiated`, `ringing`, `answered` and `completed`. Default: the last. */
  statusCallbackEvents?: readonly string[];
}

/** A call the other way: asked for by REST, and answered by somebody. */
export interface OutboundLeg {
  /** Asked for TwiML when somebody answers; a public URL. */
  url: string;
  callee: Callee;
  /** Told who answered; a public URL. */
  asyncAmdCallback: string | undefined;
}

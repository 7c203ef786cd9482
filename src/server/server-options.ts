import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { CallPage, CallQuery, WholeCall } from '../journal/call-list.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { TakenOver } from '../journal/lives.ts';
import type { Recording } from '../journal/recordings.ts';
import type { StreamTokens } from '../twilio/stream-token.ts';
import type { FeedSocket } from '../visualiser/feed-viewer.ts';
import type { CallDecision } from './call-decision.ts';
import type { Exposition, ServerWatch } from './metrics.ts';
import type { Access } from './viewer.ts';

/** Why no call can be taken now. */
export type Refusal = 'draining' | 'full' | 'engine' | 'load';

/** Who answered an outbound call, as far as Twilio can hear. */
export type Answerer = 'human' | 'machine' | 'fax' | 'unknown';

/** Somebody who can be dialled now. */
export interface Staff {
  /** As the profile calls them. */
  name: string;
  /** E.164. */
  number: string;
}

/** What is said to callers when the agent does not speak itself; each is one or more sentences. */
export interface Sayings {
  /** The assistant cannot take the call. */
  busy: string;
  /** It could, but it broke. */
  somethingWrong: string;
  callAgainLater: string;
  /** Before a person is dialled. */
  connecting: string;
  /** Before the tone. */
  leaveMessage: string;
  /** The same, of somebody whom nobody has served: the message says who is to be called back. */
  leaveCallBack: string;
  /** The person who was dialled did not answer. */
  nobodyAnswers: string;
  thanksForMessage: string;
}

/** Everything that the server needs of the rest of the process. */
export interface ServerOptions {
  /** As Twilio sees us, without a slash at its end. */
  publicUrl: string;
  authToken: string;
  /** Of `/calls` and of viewers from elsewhere; undefined: they are off. */
  apiToken: string | undefined;
  calls: {
    readonly active: number;
    readonly full: boolean;
    /** @param socket An upgraded and signed socket; the call's own token comes in its first messages. */
    open(socket: WebSocket): unknown;
  };
  tokens: Pick<StreamTokens, 'issue'>;
  refusal(): Refusal | undefined;
  /** As `refusal`, for a call that is there: one that is taken counts until its stream has come. */
  admit(callSid: string): Refusal | undefined;
  engineState(): string;
  /** Undefined for a call that is not known. May reject. */
  decisionOf(callSid: string): Promise<CallDecision | undefined>;
  /**
   * A call whose stream broke may go on with another one: whoever had it cannot write for it any more,
   * and the stream that follows is taken whatever the load. `ended`: it has an outcome. `unknown`: nobody
   * knows it. `elsewhere`: this process is about to end. May reject.
   */
  takeOver(callSid: string): Promise<TakenOver | 'ended' | 'unknown' | 'elsewhere'>;
  /**
   * Who can be dialled now, under this name of the staff or by default. Every number that is dialled
   * comes from here. Undefined: nobody, for now or ever.
   */
  staffNumber(name: string | undefined): Staff | undefined;
  /** Who answered an outbound call. True when the call lives here. Told again without harm. */
  answeredBy(callSid: string, who: Answerer): boolean;
  /** Ends a call by REST; one that is over counts as done. May reject. */
  hangUp(callSid: string): Promise<void>;
  journal: {
    /** @returns False: it is lost. */
    write(entry: JournalEntry): boolean;
    /** Whether all that was written before would survive this process; false after this time. */
    kept(withinMs: number): Promise<boolean>;
  };
  /** What the records hold in place of a number: nothing for a withheld one. */
  callerKey(number: string): { key?: string | undefined; last4?: string | undefined };
  sayings(language: string): Sayings;
  /** The language in which calls begin, such as `de` or `en-GB`. */
  language: string;
  /** What is written down of calls. Both may reject; `list` with a `CursorError`. */
  records: {
    list(query: CallQuery): Promise<CallPage>;
    one(callSid: string): Promise<WholeCall | undefined>;
  };
  /**
   * Calls a number and returns the CallSid; undefined: outbound calls are off.
   * @throws {DestinationRefusedError} and `TwilioRestError`
   */
  dial: ((to: string) => Promise<string>) | undefined;
  visualiser: VisualiserOptions;
  /** Figures for Prometheus; undefined: there is no `/metrics`. May reject. */
  metrics?: () => Promise<Exposition>;
  watch?: ServerWatch;
  log: Logger;
}

/** Whole days, as the people of a time zone count them. */
export interface AnalysisPeriod {
  /** The first and the last day, such as `2026-11-30`. */
  from: string;
  to: string;
  /** Such as `Europe/Berlin`. */
  zone: string;
}

export interface VisualiserOptions {
  access: Access;
  feed: {
    /** @returns what ends it; undefined when there are too many viewers already */
    join(viewer: FeedSocket): (() => void) | undefined;
  };
  /** Which softphones must name. */
  accountSid: string;
  /** The call's states one by one, as JSON. May reject. */
  moments(call: WholeCall): Promise<unknown>;
  /** Undefined for a call that was not recorded here. May reject. */
  recording(callSid: string): Promise<Recording | undefined>;
  /** Figures of all calls of a period, as JSON. May reject. */
  analysis(period: AnalysisPeriod): Promise<unknown>;
}

/** What a simulated call leaves behind. */

export interface TimelineEntry {
  /** `performance.now()` of this process. */
  atMs: number;
  type:
    | 'webhook'
    | 'answered'
    | 'twiml'
    | 'started'
    | 'media'
    | 'mark'
    | 'clear'
    | 'agentAudible'
    | 'agentQuiet'
    | 'said'
    | 'pressed'
    | 'stopped'
    | 'callback'
    | 'dialled'
    | 'whispered'
    | 'recorded'
    | 'ended';
  /**
   * Of `twiml` the verb, of `dialled` the number, of `whispered` the words, of `callback` the event,
   * of `mark` its name.
   */
  name?: string;
  /** Of `dialled`: how it went. Of `twiml` the words of a `Say`. */
  detail?: string;
  /** Of `media`: its length; of `said`: what was said. */
  bytes?: number;
  /** Of `media`: what then waits to be played. Of `clear`: what was dropped. */
  bufferedMs?: number;
  /** Of `mark`: true when it goes back to the server. */
  echoed?: boolean;
  /** Of `webhook` and `callback`: the HTTP status, 0 for none. */
  status?: number;
  /** Of `webhook`: how long the answer took. Of `said`: from its first to its last frame. */
  tookMs?: number;
  /** Position in the tracks. */
  trackMs?: number;
}

export type CallOutcome =
  | 'completed'
  | 'busy'
  | 'rejected'
  | 'application-error'
  // Only of calls that were placed by REST.
  | 'no-answer'
  | 'failed'
  | 'canceled';

export interface CallReport {
  callSid: string;
  outcome: CallOutcome;
  endedBy: 'caller' | 'document' | 'rest' | 'duration' | 'error' | 'simulator';
  timeline: TimelineEntry[];
  /** Mu-law, what the caller said, from the answer to the end; silence in between. */
  callerTrack: Uint8Array;
  /** Mu-law, what the caller heard: as long as `callerTrack`. */
  agentTrack: Uint8Array;
  /** What Twilio would warn of, and what must never happen; empty for a good server. */
  violations: string[];
  /** The TwiML verbs that ran, in order. */
  verbs: string[];
  /** What the people who were dialled heard before they were connected. */
  whispers: string[];
  /** What was posted to status callbacks, each once and without the fields that every webhook has. */
  callbacks: Array<Record<string, string>>;
  /** What the caller's script threw. */
  scriptError?: unknown;
}

/** What is said between the call machine, its three actors, and whoever runs it. */

/** Sentences rendered to audio when the server starts, so that they can be said without a delay. */
export const CLIP_NAMES = [
  'greeting',
  'filler',
  'checking',
  'patience',
  'apology',
  'reprompt',
  'goodbye',
  'outOfTime',
  'farewell',
  'handoff',
  'nobodyThere',
  'cutOff',
  'cutOffYou',
  'movingOn',
] as const;
export type ClipName = (typeof CLIP_NAMES)[number];

export type TimeoutReason =
  | 'idle'
  | 'inactivity'
  | 'unattended'
  | 'callCap'
  | 'turns'
  | 'engine'
  | 'shutdown';

/** How a call ended, as far as this process is concerned. Each call has exactly one in the end. */
export type CallOutcome =
  | 'completed' // the caller hung up after a conversation
  | 'abandoned' // the caller hung up before the first answer
  | 'timedOut' // a limit ended it, after words
  | 'handedOff' // a person takes over
  | 'voicemail' // the caller may leave a message
  | 'machine' // an answering machine took our call
  | 'continued' // not over: it was given to another process, which concludes it
  | 'lost' // the stream broke without a word from Twilio
  | 'refused' // the first messages did not come, or were not ours
  | 'failed'; // an error of our own

export interface CallLimits {
  firstMessagesMs: number;
  callMs: number;
  inactivityMs: number;
  /** Silence of both sides before the caller is asked. */
  idleMs: number;
  /** How often a silent caller is asked before goodbye is said. */
  reprompts: number;
  /** Answers in one call. */
  turns: number;
  /** The longest turn of the caller, pauses included. */
  callerTurnMs: number;
  /** The longest that the agent may hold the floor. */
  agentTurnMs: number;
  /** Silence before a filler, counted from the end of the caller's turn. */
  fillerMs: number;
  /** How long a tool may work in silence. */
  toolFillerMs: number;
  /** From the filler to the words that ask for patience. */
  apologyMs: number;
  /** From the end of the caller's turn until an answer counts as failed. */
  giveUpMs: number;
  /** How long an interruption may stay undecided. */
  bargeInMs: number;
  /** The longest announcement before a call ends. */
  announcementMs: number;
  /** Failed answers in a row before a person takes over. */
  failures: number;
  /** How long a call that is to move to another process may go on until its next pause. */
  handOverMs: number;
}

/** What the stream before broke off. */
export type CutOff =
  | 'agent' // words of the agent: what was not heard is owed
  | 'answer' // the silence before an answer: it is owed
  | 'caller' // words of the caller
  | 'handoff' // the way to a person
  | 'nothing'; // silence

/** What a call brings along that goes on after its stream broke. */
export interface Continued {
  cutOff: CutOff;
  /** Since the call began. */
  elapsedMs: number;
  /** Answers that were heard, if only in part. */
  turns: number;
}

export interface CallInput {
  limits: CallLimits;
  /** Is there somebody to whom the call can be given? */
  personReachable: boolean;
}

export interface CallOutput {
  outcome: CallOutcome;
  reason: TimeoutReason | null;
  /** Who was asked for, by a name of the profile; null: whoever takes over usually. */
  destination: string | null;
  turns: number;
}

export type CallEvent =
  /** Only the stream's first messages tell which call it is, and whether it goes on. */
  | { type: 'line.started'; continued?: Continued }
  | { type: 'line.refused' }
  | { type: 'line.lost' }
  | { type: 'line.answeredByMachine' }
  /** What speaks there is no person: hold music, a recording, words without end. */
  | { type: 'line.unattended' }
  | { type: 'caller.hungUp' }
  | { type: 'caller.pressed'; digit: string }
  | { type: 'caller.spoke' }
  | { type: 'caller.paused' }
  | { type: 'caller.resumed' }
  | { type: 'caller.finished' }
  | { type: 'caller.interrupted' }
  | { type: 'caller.ignored' }
  | { type: 'agent.audible' }
  | { type: 'agent.finished' }
  | { type: 'agent.failed' }
  /** A tool works, and nothing is being said. */
  | { type: 'agent.consulting' }
  /** It has finished; its answer is being put into words. */
  | { type: 'agent.consulted' }
  /** The model gives the call to somebody; `destination` was checked against the profile. */
  | { type: 'agent.transferred'; destination: string }
  /** The model ends the call. */
  | { type: 'agent.concluded' }
  | { type: 'limit.call' }
  | { type: 'limit.inactivity' }
  | { type: 'limit.silence' }
  | { type: 'limit.handOver' }
  | { type: 'operator.shutdown' }
  /** The call is to move to another process, at its next pause. */
  | { type: 'operator.handOver' };

export interface LineInput {
  firstMessagesMs: number;
}
/** The line is not told anything: it ends with the call. */
export type LineCommand = { type: 'none' };

export type EarsCommand =
  | { type: 'attend'; to: 'listening' | 'thinking' | 'speaking' | 'interrupted' }
  | { type: 'rest' };

export type AgentCommand =
  | { type: 'play'; clip: ClipName } // say this now; tells agent.finished
  | { type: 'fill'; clip: ClipName } // say this into the silence; tells nothing
  | { type: 'prepare' } // think about the turn so far; hold the reply back
  | { type: 'reply' } // the turn is over: say the reply, prepared or not
  | { type: 'hush' } // stop sound at once, remember where
  | { type: 'resume' } // go on from there
  | { type: 'yield' }; // be silent, forget what is prepared or unheard, keep what was heard

export interface CallContext {
  limits: CallLimits;
  personReachable: boolean;
  /** Until what was owed is said, or the caller has the floor; null in a call's first life. */
  cutOff: CutOff | null;
  /** What the call had used up when this life of it began. */
  elapsedMs: number;
  turns: number;
  reprompts: number;
  failures: number;
  /** A finished turn of the caller has not been answered audibly yet. */
  unanswered: boolean;
  /** Goodbye is being said, unless the caller has something to add. */
  leaving: boolean;
  /** The next pause is used to give the call to another process. */
  movingOn: boolean;
  destination: string | null;
  reason: TimeoutReason | null;
  outcome: CallOutcome | null;
}

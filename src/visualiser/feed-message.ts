/**
 * What the feed carries: one JSON object a frame.
 *
 * Messages of type `@xstate.*` have the shape that Stately's inspector reads. Ours have types of
 * their own, which it passes over. Contexts are filtered: no limits, no numbers, nobody's words.
 * Every call is an actor system of its own, so `sessionId` is made unique over the process. What the
 * inspector also sends with each actor, its machine's definition, is `docs/call.json` and
 * `docs/engine.json`: as large as a hundred other messages, and always the same.
 */
export type FeedMessage =
  | WelcomeMessage
  | ActorMessage
  | EventMessage
  | SnapshotMessage
  | CallMessage
  | WordsMessage
  | AnsweredMessage
  | EndedMessage
  | QueueMessage
  | DroppedMessage;

/** The first message, and again after messages were dropped: what was known before is out of date. */
export interface WelcomeMessage {
  type: 'visualiser.welcome';
  /** The server's clock, ms since 1970. */
  now: number;
  program: string;
  maxCalls: number;
}

export interface ActorMessage {
  type: '@xstate.actor';
  name: 'call' | 'engine';
  sessionId: string;
  rootId: string;
  snapshot: FeedSnapshot;
  /** ms since 1970, as a decimal text: the inspector's form. */
  createdAt: string;
  id: null;
  _version: string;
}

export interface EventMessage {
  type: '@xstate.event';
  event: { type: string };
  sessionId: string;
  rootId: string;
  createdAt: string;
  id: null;
  _version: string;
}

export interface SnapshotMessage {
  type: '@xstate.snapshot';
  event: { type: string };
  snapshot: FeedSnapshot;
  sessionId: string;
  rootId: string;
  createdAt: string;
  id: null;
  _version: string;
}

export interface FeedSnapshot {
  status: 'active' | 'done' | 'error' | 'stopped';
  value: unknown;
  /** Counters, reasons and outcomes. */
  context: Readonly<Record<string, string | number | boolean | null>>;
  tags: readonly string[];
  children: Record<string, never>;
  historyValue: Record<string, never>;
}

/** Which call a session is; follows its actor message once the stream has started. */
export interface CallMessage {
  type: 'visualiser.call';
  sessionId: string;
  callSid: string;
  startedAt: number;
  language: string;
  /** The last four digits of the caller's number; null where it is withheld. */
  callerLast4: string | null;
}

/** A turn of the history, as heard; told again when it changes, as when it has been transcribed. */
export interface WordsMessage {
  type: 'visualiser.words';
  sessionId: string;
  turn: number;
  at: number;
  speaker: 'caller' | 'agent' | 'tool';
  /** Null: not written down yet. Of a tool: JSON of its name, arguments and result. */
  text: string | null;
}

/** An answer has become audible. */
export interface AnsweredMessage {
  type: 'visualiser.answered';
  sessionId: string;
  at: number;
  /** ms by stage, as in the records: endpoint, queue, firstToken, voice, wire, response. */
  stages: Readonly<Record<string, number>>;
}

export interface EndedMessage {
  type: 'visualiser.ended';
  sessionId: string;
  at: number;
  outcome: string;
  reason: string | null;
  durationMs: number;
}

/** The line in front of the engine, when it changes, at most some times a second. */
export interface QueueMessage {
  type: 'visualiser.queue';
  at: number;
  depth: number;
  inSlot: number;
  streaming: number;
  predictedWaitMs: number;
  entries: readonly QueueEntryView[];
}

export interface QueueEntryView {
  id: string;
  callSid: string | null;
  priority: 'waiting' | 'speculative' | 'background';
  stage: 'line' | 'slot' | 'streaming';
  /** How long it has been there. */
  sinceMs: number;
}

/** The viewer could not follow; a new welcome and the state of all calls come next. */
export interface DroppedMessage {
  type: 'visualiser.dropped';
  messages: number;
}

/** One machine that runs, as the feed tells of it. Moments are the server's, ms since 1970. */
import { statePath } from '../../../machines/state-path.ts';
import type { ActorMessage, FeedSnapshot, SnapshotMessage } from '../feed-message.ts';

const MAX_TRAIL = 8;

export interface Transition {
  at: number;
  eventType: string;
  from: string;
  to: string;
}

export interface LastWords {
  turn: number;
  speaker: 'caller' | 'agent' | 'tool';
  /** What a caller or the agent said, or a tool's name. Null: not written down yet. */
  text: string | null;
}

export interface LiveMachine {
  sessionId: string;
  path: string;
  /** When it came into this state. */
  since: number;
  tags: readonly string[];
  context: FeedSnapshot['context'];
  /** The newest last. */
  trail: Transition[];
}

export interface LiveCall extends LiveMachine {
  /** Null until the stream has started. */
  callSid: string | null;
  startedAt: number;
  language: string | null;
  callerLast4: string | null;
  words: LastWords | null;
  /** ms from the caller's last sound to the answer's first; the newest last. */
  responses: number[];
  /** When the newest of these was. */
  answeredAt: number;
  ended: { at: number; outcome: string; reason: string | null } | null;
}

/** The message's moment is that since which the machine is in its state. */
export function newMachine({ sessionId, snapshot, createdAt }: ActorMessage): LiveMachine {
  const { value, tags, context } = snapshot;
  return { sessionId, path: pathOf(value), since: Number(createdAt), tags, context, trail: [] };
}

export function newCall(message: ActorMessage): LiveCall {
  return {
    ...newMachine(message),
    callSid: null,
    startedAt: Number(message.createdAt),
    language: null,
    callerLast4: null,
    words: null,
    responses: [],
    answeredAt: 0,
    ended: null,
  };
}

/** @returns the transition, where the machine has come to another state */
export function moveMachine(
  machine: LiveMachine,
  { snapshot, event, createdAt }: SnapshotMessage,
): Transition | undefined {
  machine.tags = snapshot.tags;
  machine.context = snapshot.context;
  const to = pathOf(snapshot.value);
  if (to === machine.path) return undefined;
  const transition = { at: Number(createdAt), eventType: event.type, from: machine.path, to };
  machine.trail.push(transition);
  if (machine.trail.length > MAX_TRAIL) machine.trail.shift();
  machine.path = to;
  machine.since = transition.at;
  return transition;
}

/** The feed's snapshots are of machines of ours, whose values are texts and objects of these. */
function pathOf(value: unknown): string {
  return statePath(value as Parameters<typeof statePath>[0]);
}

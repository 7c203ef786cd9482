/**
 * What the page knows of all live calls, the engine and its queue, from the feed's messages.
 * Pure: moments are the server's and come with the messages.
 */
import { statePath } from '../../../machines/state-path.ts';
import type {
  ActorMessage,
  AnsweredMessage,
  CallMessage,
  EndedMessage,
  FeedMessage,
  QueueMessage,
  SnapshotMessage,
  WordsMessage,
} from '../feed-message.ts';
import { RecentValues } from './recent-values.ts';

/** A call that has ended is still shown for so long. */
export const LINGER_MS = 8000;
/** Over which dwell times and answers are summed up. */
export const WINDOW_MS = 5 * 60_000;
/** More calls than any server takes; beyond it calls are not shown. */
const MAX_CALLS = 2000;
const MAX_STATES = 200;
const MAX_DWELLS = 256;
const MAX_ANSWERS = 2048;
const MAX_RESPONSES = 12;
const MAX_TRAIL = 8;
/** A row shows two lines of it; the whole is in the call's own view. */
const MAX_WORDS = 300;

/** What has to be drawn anew. */
export type Change =
  | { of: 'all' }
  | { of: 'call'; sessionId: string }
  | { of: 'engine' }
  | { of: 'queue' }
  | undefined;

export interface Transition {
  at: number;
  eventType: string;
  from: string;
  to: string;
}

export interface LastWords {
  turn: number;
  speaker: 'caller' | 'agent' | 'tool';
  /** Null: not written down yet. */
  text: string | null;
}

export interface LiveMachine {
  sessionId: string;
  path: string;
  /** When it came into this state. */
  since: number;
  tags: readonly string[];
  context: SnapshotMessage['snapshot']['context'];
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
  ended: { at: number; outcome: string; reason: string | null } | null;
}

export interface StateCrowd {
  path: string;
  count: number;
  /** Of those that are there. */
  longestMs: number;
  /** Of those that left in the last minutes. */
  p95Ms: number | undefined;
}

export class LiveCalls {
  maxCalls: number | undefined;
  program = '';
  engine: LiveMachine | undefined;
  queue: QueueMessage | undefined;
  readonly #calls = new Map<string, LiveCall>();
  /** By CallSid, what was known before the feed began anew. */
  #before = new Map<string, LiveCall>();
  readonly #dwells = new Map<string, RecentValues>();
  readonly #responses = new RecentValues(WINDOW_MS, MAX_ANSWERS);

  /** In the order in which they came. */
  get calls(): ReadonlyMap<string, LiveCall> {
    return this.#calls;
  }

  bySid(callSid: string): LiveCall | undefined {
    for (const call of this.#calls.values()) if (call.callSid === callSid) return call;
    return undefined;
  }

  push(message: FeedMessage): Change {
    switch (message.type) {
      case 'visualiser.welcome':
        return this.#begin(message);
      case '@xstate.actor':
        return this.#appear(message);
      case '@xstate.snapshot':
        return this.#move(message);
      case 'visualiser.call':
        return this.#name(message);
      case 'visualiser.words':
        return this.#hear(message);
      case 'visualiser.answered':
        return this.#time(message);
      case 'visualiser.ended':
        return this.#end(message);
      case 'visualiser.queue':
        this.queue = message;
        return { of: 'queue' };
      default:
        return undefined;
    }
  }

  /** Lets go of calls that ended a while ago. @returns their sessions */
  sweep(now: number): string[] {
    const gone = [...this.#calls.values()]
      .filter(({ ended }) => ended && now - ended.at >= LINGER_MS)
      .map(({ sessionId }) => sessionId);
    for (const sessionId of gone) this.#calls.delete(sessionId);
    return gone;
  }

  /** How many live calls are in each state, the states around theirs counted in. */
  countByPath(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { path, ended } of this.#calls.values()) {
      if (ended) continue;
      for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
        const around = path.slice(0, end);
        counts.set(around, (counts.get(around) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** The innermost states in which calls are or lately were; the fullest first. */
  crowds(now: number): StateCrowd[] {
    const crowds = new Map<string, StateCrowd>();
    for (const [path, dwells] of this.#dwells) {
      const p95Ms = dwells.percentile(0.95, now);
      if (p95Ms !== undefined) crowds.set(path, { path, count: 0, longestMs: 0, p95Ms });
    }
    for (const { path, since, ended } of this.#calls.values()) {
      if (ended) continue;
      const crowd = crowds.get(path) ?? { path, count: 0, longestMs: 0, p95Ms: undefined };
      crowd.count++;
      crowd.longestMs = Math.max(crowd.longestMs, now - since);
      crowds.set(path, crowd);
    }
    return [...crowds.values()].sort(
      (a, b) => b.count - a.count || (a.path < b.path ? -1 : 1),
    );
  }

  /** Of all answers of the last minutes, in ms. */
  response(share: number, now: number): number | undefined {
    return this.#responses.percentile(share, now);
  }

  #begin({ maxCalls, program }: FeedMessage & { type: 'visualiser.welcome' }): Change {
    this.maxCalls = maxCalls;
    this.program = program;
    this.#before = new Map();
    for (const call of this.#calls.values()) {
      if (call.callSid && !call.ended) this.#before.set(call.callSid, call);
    }
    this.#calls.clear();
    this.engine = undefined;
    this.queue = undefined;
    return { of: 'all' };
  }

  #appear({ name, sessionId, snapshot, createdAt }: ActorMessage): Change {
    const machine: LiveMachine = {
      sessionId,
      path: pathOf(snapshot.value),
      since: Number(createdAt),
      tags: snapshot.tags,
      context: snapshot.context,
      trail: [],
    };
    if (name === 'engine') {
      this.engine = machine;
      return { of: 'engine' };
    }
    if (this.#calls.size >= MAX_CALLS) return undefined;
    this.#calls.set(sessionId, {
      ...machine,
      callSid: null,
      startedAt: Number(createdAt),
      language: null,
      callerLast4: null,
      words: null,
      responses: [],
      ended: null,
    });
    return { of: 'call', sessionId };
  }

  #move({ sessionId, snapshot, event, createdAt }: SnapshotMessage): Change {
    const isEngine = this.engine?.sessionId === sessionId;
    const machine = isEngine ? this.engine : this.#calls.get(sessionId);
    if (!machine) return undefined;
    const at = Number(createdAt);
    const path = pathOf(snapshot.value);
    machine.tags = snapshot.tags;
    machine.context = snapshot.context;
    if (path !== machine.path) {
      if (!isEngine) this.#noteDwell(machine.path, at - machine.since, at);
      machine.trail.push({ at, eventType: event.type, from: machine.path, to: path });
      if (machine.trail.length > MAX_TRAIL) machine.trail.shift();
      machine.path = path;
      machine.since = at;
    }
    return isEngine ? { of: 'engine' } : { of: 'call', sessionId };
  }

  #name({ sessionId, callSid, startedAt, language, callerLast4 }: CallMessage): Change {
    const call = this.#calls.get(sessionId);
    if (!call) return undefined;
    Object.assign(call, { callSid, startedAt, language, callerLast4 });
    const before = this.#before.get(callSid);
    if (before) {
      this.#before.delete(callSid);
      call.words ??= before.words;
      call.responses = before.responses;
      call.trail = before.trail;
      if (before.path === call.path) call.since = Math.min(call.since, before.since);
    }
    return { of: 'call', sessionId };
  }

  #hear({ sessionId, turn, speaker, text }: WordsMessage): Change {
    const call = this.#calls.get(sessionId);
    // A turn is told again when it has been written down, which may be after the next one.
    if (!call || turn < (call.words?.turn ?? 0)) return undefined;
    call.words = { turn, speaker, text: text === null ? null : beginning(text) };
    return { of: 'call', sessionId };
  }

  #time({ sessionId, at, stages }: AnsweredMessage): Change {
    const call = this.#calls.get(sessionId);
    const { response } = stages;
    if (!call || response === undefined) return undefined;
    this.#responses.push(response, at);
    call.responses.push(response);
    if (call.responses.length > MAX_RESPONSES) call.responses.shift();
    return { of: 'call', sessionId };
  }

  #end({ sessionId, at, outcome, reason }: EndedMessage): Change {
    // Nobody may be looking who would call it: calls that ended must not pile up.
    this.sweep(at);
    const call = this.#calls.get(sessionId);
    if (!call) return undefined;
    call.ended = { at, outcome, reason };
    return { of: 'call', sessionId };
  }

  #noteDwell(path: string, dwellMs: number, at: number): void {
    let dwells = this.#dwells.get(path);
    if (!dwells) {
      if (this.#dwells.size >= MAX_STATES) return;
      dwells = new RecentValues(WINDOW_MS, MAX_DWELLS);
      this.#dwells.set(path, dwells);
    }
    dwells.push(dwellMs, at);
  }
}

/** The feed's snapshots are of machines of ours, whose values are texts and objects of these. */
function pathOf(value: unknown): string {
  return statePath(value as Parameters<typeof statePath>[0]);
}

/** Never ends in the midst of a character of two units. */
function beginning(text: string): string {
  return text.slice(0, MAX_WORDS).replace(/[\uD800-\uDBFF]$/, '');
}

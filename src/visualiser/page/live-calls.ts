/**
 * What the page knows of all live calls, the engine and its queue, from the feed's messages.
 * Pure: moments are the server's and come with the messages.
 */
import type {
  ActorMessage,
  AnsweredMessage,
  CallMessage,
  EndedMessage,
  FeedMessage,
  QueueMessage,
  SnapshotMessage,
  WelcomeMessage,
  WordsMessage,
} from '../feed-message.ts';
import { type LiveCall, type LiveMachine, moveMachine, newCall, newMachine } from './live-call.ts';
import { RecentValues } from './recent-values.ts';
import { countByPath, type StateCrowd, StateCrowds, WINDOW_MS } from './state-crowds.ts';

/** A call that has ended is still shown for so long. */
export const LINGER_MS = 8000;
/** More calls than any server takes; beyond it calls are not shown. */
const MAX_CALLS = 2000;
const MAX_ANSWERS = 2048;
const MAX_RESPONSES = 12;
/** A row shows two lines of it; the whole is in the call's own view. */
const MAX_WORDS = 300;

/** What has to be drawn anew. */
export type Change =
  | { of: 'all' }
  | { of: 'call'; sessionId: string }
  | { of: 'engine' }
  | { of: 'queue' }
  | undefined;

export class LiveCalls {
  maxCalls: number | undefined;
  engine: LiveMachine | undefined;
  queue: QueueMessage | undefined;
  readonly #calls = new Map<string, LiveCall>();
  /** By CallSid, what was known before the feed began anew. */
  #before = new Map<string, LiveCall>();
  readonly #crowds = new StateCrowds();
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

  /** Lets go of calls that ended a while ago. */
  sweep(now: number): void {
    for (const { sessionId, ended } of this.#calls.values()) {
      if (ended && now - ended.at >= LINGER_MS) this.#calls.delete(sessionId);
    }
  }

  /** How many live calls are in each state, the states around theirs counted in. */
  countByPath(): Map<string, number> {
    return countByPath(this.#calls.values());
  }

  crowds(now: number): StateCrowd[] {
    return this.#crowds.of(this.#calls.values(), now);
  }

  /** Of all answers of the last minutes, in ms. */
  response(share: number, now: number): number | undefined {
    return this.#responses.percentile(share, now);
  }

  #begin({ maxCalls }: WelcomeMessage): Change {
    this.maxCalls = maxCalls;
    this.#before = new Map();
    for (const call of this.#calls.values()) {
      if (call.callSid && !call.ended) this.#before.set(call.callSid, call);
    }
    this.#calls.clear();
    this.engine = undefined;
    this.queue = undefined;
    return { of: 'all' };
  }

  #appear(message: ActorMessage): Change {
    const { name, sessionId } = message;
    if (name === 'engine') {
      this.engine = newMachine(message);
      return { of: 'engine' };
    }
    if (this.#calls.size >= MAX_CALLS) return undefined;
    this.#calls.set(sessionId, newCall(message));
    return { of: 'call', sessionId };
  }

  #move(message: SnapshotMessage): Change {
    const { sessionId } = message;
    if (this.engine?.sessionId === sessionId) {
      moveMachine(this.engine, message);
      return { of: 'engine' };
    }
    const call = this.#calls.get(sessionId);
    if (!call) return undefined;
    const { since } = call;
    const left = moveMachine(call, message);
    if (left) this.#crowds.noteDwell(left.from, left.at - since, left.at);
    return { of: 'call', sessionId };
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
      call.answeredAt = before.answeredAt;
      call.trail = before.trail;
      if (before.path === call.path) call.since = Math.min(call.since, before.since);
    }
    return { of: 'call', sessionId };
  }

  #hear({ sessionId, turn, speaker, text }: WordsMessage): Change {
    const call = this.#calls.get(sessionId);
    // A turn is told again when it has been written down, which may be after the next one.
    if (!call || turn < (call.words?.turn ?? 0)) return undefined;
    call.words = { turn, speaker, text: speaker === 'tool' ? toolName(text) : beginning(text) };
    return { of: 'call', sessionId };
  }

  #time({ sessionId, at, stages }: AnsweredMessage): Change {
    const call = this.#calls.get(sessionId);
    const { response } = stages;
    // The last answer is told again when the feed begins anew.
    if (!call || response === undefined || at <= call.answeredAt) return undefined;
    call.answeredAt = at;
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
}

/** Never ends in the midst of a character of two units. */
function beginning(text: string | null): string | null {
  return text?.slice(0, MAX_WORDS).replace(/[\uD800-\uDBFF]$/, '') ?? null;
}

/** Null where the text was too long to have stayed JSON. */
function toolName(text: string | null): string | null {
  return beginning(/^\{"name":"([^"\\]*)"/.exec(text ?? '')?.[1] ?? null);
}

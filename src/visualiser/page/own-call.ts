/** What the feed tells of the softphone's own call. Pure. */
import type { FeedMessage, WordsMessage } from '../feed-message.ts';
import type { LiveCall } from './live-call.ts';
import { LiveCalls } from './live-calls.ts';

/** Of a call's turns, more than a call may have. */
const MAX_WORDS = 400;

export class OwnCall {
  readonly callSid: string;
  readonly #store = new LiveCalls();
  readonly #words = new Map<number, WordsMessage>();
  #live: LiveCall | undefined;

  constructor(callSid: string) {
    this.callSid = callSid;
  }

  /** Undefined until its stream has started; stays when it is over. */
  get live(): LiveCall | undefined {
    return this.#live;
  }

  /** In the order in which they were said. */
  get words(): readonly WordsMessage[] {
    return [...this.#words.values()].toSorted((a, b) => a.turn - b.turn);
  }

  /** @returns does it tell of this call? */
  push(message: FeedMessage): boolean {
    if (this.#isAboutOthers(message)) return false;
    const change = this.#store.push(message);
    this.#live = this.#store.bySid(this.callSid) ?? this.#live;
    if (message.type === 'visualiser.words' && message.sessionId === this.#live?.sessionId) {
      const isKnown = this.#words.has(message.turn);
      if (isKnown || this.#words.size < MAX_WORDS) this.#words.set(message.turn, message);
      return true;
    }
    return change?.of === 'call' && change.sessionId === this.#live?.sessionId;
  }

  /** Until ours is known any may be it; where the feed begins anew, the store must know. */
  #isAboutOthers(message: FeedMessage): boolean {
    if (!this.#live || message.type === 'visualiser.welcome') return false;
    return !('sessionId' in message) || message.sessionId !== this.#live.sessionId;
  }
}

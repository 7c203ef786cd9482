import assert from 'node:assert/strict';
import type { StateValue } from 'xstate';
import { statePath } from '../../machines/state-path.ts';
import type { EndedMessage, FeedMessage } from '../../src/visualiser/feed-message.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { inTime } from '../support/twilio-hand.ts';

type SessionMessage = Extract<FeedMessage, { sessionId: string }>;

/** Longer than any step takes, on a machine that has much else to do. */
const PATIENCE_MS = 30_000;

/**
 * A call, or the engine, as a viewer of the feed is told of it. What was told is read event by
 * event, so that nothing is missed that comes fast, and nothing passed over that was not expected.
 */
export class ToldSession {
  readonly id: string;
  /** Path of the state after the last event that was read. */
  state = '';
  context: Readonly<Record<string, unknown>> = {};
  readonly #settled: () => Promise<void>;
  readonly #told: SessionMessage[] = [];
  #read = 0;
  #wake = Promise.withResolvers<void>();

  /** @param settled resolves when all has come that the server has sent until now */
  constructor(id: string, settled: () => Promise<void>) {
    this.id = id;
    this.#settled = settled;
  }

  take(message: SessionMessage): void {
    this.#told.push(message);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** Messages so far. */
  get length(): number {
    return this.#told.length;
  }

  /**
   * Reads on to the next event of this type, come or to come, and to the state that it led to.
   * @throws an AssertionError when another event changes the state before
   */
  async until(eventType: string): Promise<void> {
    const what = `the feed to tell ${eventType} in ${this.state || 'the first state'}`;
    await inTime(this.#find(eventType), what, PATIENCE_MS);
    await this.#settled();
    // Told in one turn with its event, if it changed anything; words may come between them.
    for (let at = this.#read; this.#told[at] && this.#told[at]?.type !== '@xstate.event'; at++) {
      const message = this.#told[at]!;
      if (message.type !== '@xstate.snapshot') continue;
      this.#see(message);
      this.#read = at + 1;
    }
  }

  /** Resolves when there is such an event at or after this message; nothing is read. */
  async tells(eventType: string, since: number): Promise<void> {
    const find = async () => {
      for (let at = since; ; at++) {
        const message = await this.#at(at);
        if (message.type === '@xstate.event' && message.event.type === eventType) return;
      }
    };
    await inTime(find(), `the feed to tell ${eventType}`, PATIENCE_MS);
  }

  /** Reads to the end. */
  async ended(): Promise<EndedMessage> {
    const find = async () => {
      for (let at = this.#read; ; at++) {
        const message = await this.#at(at);
        if (message.type === '@xstate.snapshot') this.#see(message);
        if (message.type === 'visualiser.ended') return message;
      }
    };
    return inTime(find(), 'the feed to tell the end', PATIENCE_MS);
  }

  async #find(eventType: string): Promise<void> {
    for (;;) {
      const message = await this.#at(this.#read);
      this.#read++;
      if (message.type === '@xstate.event' && message.event.type === eventType) return;
      if (message.type === '@xstate.actor') this.#see(message);
      if (message.type !== '@xstate.snapshot') continue;
      const before = this.state;
      this.#see(message);
      const what = `${message.event.type} led from ${before} to ${this.state}`;
      assert.equal(this.state, before, `expected ${eventType}, but ${what}`);
    }
  }

  async #at(index: number): Promise<SessionMessage> {
    for (;;) {
      const message = this.#told[index];
      if (message) return message;
      await this.#wake.promise;
    }
  }

  #see({ snapshot }: Extract<SessionMessage, { snapshot: unknown }>): void {
    this.state = statePath(snapshot.value as StateValue);
    this.context = snapshot.context;
  }
}

/** All that a viewer is told, by session. */
export class ToldSessions {
  readonly #viewer: FeedClient;
  readonly #sessions = new Map<string, ToldSession>();
  readonly #calls: ToldSession[] = [];
  #wake = Promise.withResolvers<void>();
  #given = 0;

  /** @param viewer that has been told nothing yet */
  constructor(viewer: FeedClient) {
    this.#viewer = viewer;
    viewer.socket.on('message', () => this.#take(viewer.seen.at(-1)!));
  }

  /** The engine's. */
  get engine(): ToldSession {
    return this.#of('engine');
  }

  /** The next call that nobody has asked for yet. */
  async nextCall(): Promise<ToldSession> {
    const find = async () => {
      while (this.#calls.length <= this.#given) await this.#wake.promise;
      return this.#calls[this.#given++]!;
    };
    return inTime(find(), 'the feed to tell of a call', PATIENCE_MS);
  }

  #take(message: FeedMessage): void {
    if (message.type === 'visualiser.dropped') throw new Error('expected a viewer that keeps up');
    if (!('sessionId' in message)) return;
    const isNew = !this.#sessions.has(message.sessionId);
    const session = this.#of(message.sessionId);
    session.take(message);
    if (!isNew || message.type !== '@xstate.actor' || message.name !== 'call') return;
    this.#calls.push(session);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  #of(id: string): ToldSession {
    const known = this.#sessions.get(id) ?? new ToldSession(id, () => this.#viewer.settled());
    this.#sessions.set(id, known);
    return known;
  }
}

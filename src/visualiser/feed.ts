/**
 * Tells viewers what happens: takes what calls and the engine report, gives JSON messages. Nothing
 * that goes wrong in it reaches whoever reports, and while nobody looks it makes no message.
 */
import type { InspectionEvent } from 'xstate';
import type {
  AnsweredMessage,
  CallMessage,
  EndedMessage,
  FeedMessage,
  WelcomeMessage,
  WordsMessage,
} from './feed-message.ts';
import { FeedQueue, type QueueReading } from './feed-queue.ts';
import { FeedSession } from './feed-session.ts';
import type { MachineState } from './feed-snapshot.ts';
import { feedText } from './feed-text.ts';
import { type FeedSocket, type FeedSource, FeedViewer } from './feed-viewer.ts';

export interface FeedOptions {
  /** The version of this program. */
  program: string;
  maxCalls: number;
  /** The line in front of the engine. Asked some times a second while somebody looks. */
  readQueue(): QueueReading;
  /** Nothing is told while it is: of what viewers miss, they get the outcome later. */
  isBehind?(): boolean;
  /** So many messages were not told. */
  onShed?(messages: number): void;
  /** Something went wrong in the feed. Called each time, with how often it has been. */
  onFault?(error: unknown, count: number): void;
}

export const ENGINE_SESSION = 'engine';
export const MAX_VIEWERS = 20;
const TICK_MS = 250;

export class Feed {
  readonly #options: FeedOptions;
  /** Live ones, in the order in which they began; the engine among them. */
  readonly #sessions = new Map<string, FeedSession>();
  readonly #queue: FeedQueue;
  readonly #viewers = new Set<FeedViewer>();
  #timer: NodeJS.Timeout | undefined;
  #faults = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#queue = new FeedQueue(options.readQueue);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * What XState reports. Of an actor system only the root is shown.
   * @param sessionId of the root, unique over the process; `ENGINE_SESSION`, or a call's
   */
  inspected(sessionId: string, event: InspectionEvent): void {
    if (event.actorRef.sessionId !== event.rootId) return;
    if (event.type === '@xstate.event') this.#happened(sessionId, event.event.type);
    if (event.type === '@xstate.actor') {
      const name = sessionId === ENGINE_SESSION ? 'engine' : 'call';
      this.#sessions.set(sessionId, new FeedSession(sessionId, name));
    }
    if (event.type !== '@xstate.snapshot') return;
    this.#moved(sessionId, event.snapshot as unknown as MachineState, event.event.type);
  }

  /** The stream has started: it is known which call a session is. */
  started(sessionId: string, call: Omit<CallMessage, 'type' | 'sessionId'>): void {
    this.#tellOf(sessionId, (session) => session.started(call));
  }

  /** A turn of the history, as it is written down. */
  words(sessionId: string, words: Omit<WordsMessage, 'type' | 'sessionId'>): void {
    this.#tellOf(sessionId, (session) => {
      return session.said({ ...words, text: feedText(words.speaker, words.text) });
    });
  }

  answered(sessionId: string, answer: Omit<AnsweredMessage, 'type' | 'sessionId'>): void {
    this.#tellOf(sessionId, (session) => session.answered(answer));
  }

  /** Nothing is told of the session after this. */
  ended(sessionId: string, end: Omit<EndedMessage, 'type' | 'sessionId'>): void {
    this.#tellOf(sessionId, () => ({ type: 'visualiser.ended', sessionId, ...end }));
    const session = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    if (session) for (const viewer of this.#viewers) viewer.forget(session);
  }

  /** @returns what ends it; undefined when there are too many viewers already */
  join(socket: FeedSocket): (() => void) | undefined {
    if (this.#viewers.size >= MAX_VIEWERS) return undefined;
    const viewer = new FeedViewer(socket, () => this.#opening());
    // The others first: what this one is told of the line must be no news that they miss.
    this.#tellQueue();
    this.#viewers.add(viewer);
    if (!this.#isBehind) this.#safely(() => viewer.catchUp());
    this.#timer ??= this.#nextTick();
    return () => this.#viewers.delete(viewer);
  }

  close(): void {
    this.#viewers.clear();
    clearTimeout(this.#timer);
  }

  #happened(sessionId: string, eventType: string): void {
    if (this.#viewers.size === 0) return;
    this.#tellOf(sessionId, (session) =>
      this.#isBehind ? this.#shed(session) : session.eventMessage(eventType),
    );
  }

  #moved(sessionId: string, machine: MachineState, eventType: string): void {
    this.#tellOf(sessionId, (session) => {
      const hadBegun = session.hasBegun;
      session.move(machine);
      if (this.#viewers.size === 0 || this.#isBehind) return this.#shed(session);
      return hadBegun ? session.snapshotMessage(eventType) : session.actorMessage();
    });
  }

  #tellOf(sessionId: string, messageOf: (session: FeedSession) => FeedMessage | undefined): void {
    this.#safely(() => {
      const session = this.#sessions.get(sessionId);
      const message = session && messageOf(session);
      if (!message || this.#viewers.size === 0) return;
      if (this.#isBehind) this.#shed(session);
      else this.#tell(JSON.stringify(message), session);
    });
  }

  get #isBehind(): boolean {
    return this.#options.isBehind?.() ?? false;
  }

  /** A message that is not even made. */
  #shed(source: FeedSource): undefined {
    let messages = 0;
    for (const viewer of this.#viewers) messages += viewer.miss(source);
    if (messages > 0) this.#options.onShed?.(messages);
  }

  #tell(text: string, source: FeedSource): void {
    for (const viewer of this.#viewers) this.#safely(() => viewer.tell(text, source));
  }

  #tellQueue(): void {
    if (this.#isBehind) return;
    this.#safely(() => {
      const change = this.#queue.change();
      if (change) this.#tell(change, this.#queue);
    });
  }

  #opening(): { welcome: string; sources: FeedSource[] } {
    const { program, maxCalls } = this.#options;
    const now = Date.now();
    const welcome: WelcomeMessage = { type: 'visualiser.welcome', now, program, maxCalls };
    const engine = this.#sessions.get(ENGINE_SESSION);
    const calls = [...this.#sessions.values()].filter((session) => session !== engine);
    const sources = [...(engine ? [engine] : []), ...calls, this.#queue];
    return { welcome: JSON.stringify(welcome), sources };
  }

  #nextTick(): NodeJS.Timeout {
    return setTimeout(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    this.#timer = this.#viewers.size > 0 ? this.#nextTick() : undefined;
    if (this.#isBehind) return;
    if (this.#viewers.size > 0) this.#tellQueue();
    for (const viewer of this.#viewers) this.#safely(() => viewer.catchUp());
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFault?.(error, ++this.#faults);
    }
  }
}

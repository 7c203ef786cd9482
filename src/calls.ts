import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { CallOutcome } from '../machines/call-protocol.ts';
import type { CallRecord } from './call/call-record.ts';
import type { CallServices } from './call/call-services.ts';
import { epochOf } from './call/earlier-life.ts';
import { Call } from './call.ts';

/** How long it is remembered what a call decided: Twilio asks within seconds of the stream's end. */
const DECISION_LIFE_MS = 10 * 60_000;
/** The words with which a call moves on, after its last pause: `movingOn` of the slowest voice. */
const MOVING_ON_MS = 4000;
/** Summaries of the last calls are not worth more of a shutdown. */
const AFTER_CALLS_MS = 10_000;

/** What a call decided when its stream ended. */
export interface Decision {
  outcome: CallOutcome;
  /** A name of the profile's staff. */
  destination?: string;
  /** One sentence for the person who takes over. */
  brief?: string;
  language: string;
}

/** All live calls of this process: how many may be, which end, what each of them decided. */
export class Calls {
  readonly #services: CallServices;
  readonly #maxCalls: number;
  readonly #handsOver: boolean;
  readonly #log: Logger;
  readonly #live = new Set<Call>();
  /** Over, but their words are still being written down. */
  readonly #unsettled = new Set<Promise<void>>();
  readonly #decisions = new Map<string, Decision & { until: number }>();
  readonly #closing = new AbortController();
  #draining = false;
  /** Live calls are being told goodbye: one that came now would never be. */
  #closed = false;
  #emptied: (() => void) | undefined;

  /** @param options.handsOver there may be another process that goes on with our calls when we go */
  constructor(
    services: Omit<CallServices, 'closing'>,
    maxCalls: number,
    { handsOver = false }: { handsOver?: boolean } = {},
  ) {
    this.#services = {
      ...services,
      closing: this.#closing.signal,
      verify: (start) => {
        const live = this.#liveCall(start.callSid);
        const isNew = !live || (live.epoch ?? 0) < epochOf(start);
        if (!isNew || !services.verify(start)) return false;
        live?.supersede();
        return true;
      },
    };
    this.#maxCalls = maxCalls;
    this.#handsOver = handsOver;
    this.#log = services.log;
  }

  get active(): number {
    return this.#live.size;
  }

  /** Of all live calls. */
  get oldestMarkAgeMs(): number {
    let oldestMs = 0;
    for (const call of this.#live) oldestMs = Math.max(oldestMs, call.oldestMarkAgeMs);
    return oldestMs;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Not one more: too many are live, or those that are have been told goodbye. */
  get full(): boolean {
    return this.#closed || this.#live.size >= this.#maxCalls;
  }

  /** @param socket An upgraded and signed socket; the call's own token comes in its first messages. */
  open(socket: WebSocket): Call {
    const call = new Call(socket, this.#services);
    this.#live.add(call);
    void call.ended.then((record) => {
      this.#live.delete(call);
      this.#remember(record);
      if (this.#live.size === 0) this.#emptied?.();
    });
    const settled = call.settled.finally(() => this.#unsettled.delete(settled));
    this.#unsettled.add(settled);
    return call;
  }

  /** What a call decided when it ended; undefined when it is not known here. */
  decisionOf(callSid: string): Decision | undefined {
    return this.#decisions.get(callSid);
  }

  /** True when the call is live here. */
  answeredByMachine(callSid: string): boolean {
    const call = this.#liveCall(callSid);
    call?.answeredByMachine();
    return call !== undefined;
  }

  /** Resolves when all that is to be done for the calls that are over has been done. */
  async settled(): Promise<void> {
    await Promise.all(this.#unsettled);
  }

  /**
   * No new calls; the live ones may finish. When the grace period ends, the rest is given to another
   * process at their next pause; where there is none, and who does not come to one, is told goodbye.
   */
  async drain(graceMs: number, farewellMs = 15_000): Promise<void> {
    this.#draining = true;
    this.#log.info({ active: this.active, graceMs }, 'draining');
    await this.#empty(graceMs);
    this.#closed = true;
    if (this.#handsOver) {
      for (const call of this.#live) call.handOver();
      await this.#empty(this.#services.limits.handOverMs + MOVING_ON_MS);
    }
    for (const call of this.#live) call.shutdown();
    await this.#empty(farewellMs);
    const timer = setTimeout(() => this.#closing.abort(), graceMs > 0 ? AFTER_CALLS_MS : 0);
    await this.settled();
    clearTimeout(timer);
  }

  #empty(withinMs: number): Promise<void> {
    if (this.#live.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    this.#emptied = resolve;
    return promise.finally(() => clearTimeout(timer));
  }

  /** One stream a call: a second one with a copied token must not take it over, a later life's does. */
  #liveCall(callSid: string): Call | undefined {
    for (const call of this.#live) if (call.callSid === callSid) return call;
    return undefined;
  }

  #remember({ callSid, outcome, destination, brief, language }: CallRecord): void {
    if (!callSid) return;
    const now = performance.now();
    // Entries are in order of time: the oldest are dropped first.
    for (const [sid, { until }] of this.#decisions) {
      if (until > now) break;
      this.#decisions.delete(sid);
    }
    this.#decisions.delete(callSid);
    this.#decisions.set(callSid, {
      outcome,
      language,
      ...(destination && { destination }),
      ...(brief && { brief }),
      until: now + DECISION_LIFE_MS,
    });
  }
}

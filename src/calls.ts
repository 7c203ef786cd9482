import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { CallOutcome } from '../machines/call-protocol.ts';
import { Call, type CallServices } from './call.ts';

/** How long it is remembered what a call decided: Twilio asks within seconds of the stream's end. */
const DECISION_LIFE_MS = 10 * 60_000;

/** All live calls of this process: how many may be, which end, what each of them decided. */
export class Calls {
  readonly #services: CallServices;
  readonly #maxCalls: number;
  readonly #log: Logger;
  readonly #live = new Set<Call>();
  readonly #decisions = new Map<string, { outcome: CallOutcome; until: number }>();
  #draining = false;
  /** Live calls are being told goodbye: one that came now would never be. */
  #closed = false;
  #emptied: (() => void) | undefined;

  constructor(services: CallServices, maxCalls: number) {
    this.#services = {
      ...services,
      verify: (start) => this.#isNew(start.callSid) && services.verify(start),
    };
    this.#maxCalls = maxCalls;
    this.#log = services.log;
  }

  get active(): number {
    return this.#live.size;
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
      if (record.callSid) this.#remember(record.callSid, record.outcome);
      if (this.#live.size === 0) this.#emptied?.();
    });
    return call;
  }

  /** What a call decided when it ended; undefined when it is not known here. */
  decisionOf(callSid: string): CallOutcome | undefined {
    return this.#decisions.get(callSid)?.outcome;
  }

  /** No new calls; the live ones may finish, the rest is told goodbye when the grace period ends. */
  async drain(graceMs: number, farewellMs = 15_000): Promise<void> {
    this.#draining = true;
    this.#log.info({ active: this.active, graceMs }, 'draining');
    await this.#empty(graceMs);
    this.#closed = true;
    for (const call of this.#live) call.shutdown();
    await this.#empty(farewellMs);
  }

  #empty(withinMs: number): Promise<void> {
    if (this.#live.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    this.#emptied = resolve;
    return promise.finally(() => clearTimeout(timer));
  }

  /** One stream a call: a second one with a copied token must not take it over. */
  #isNew(callSid: string): boolean {
    for (const call of this.#live) if (call.callSid === callSid) return false;
    return true;
  }

  #remember(callSid: string, outcome: CallOutcome): void {
    const now = performance.now();
    // Entries are in order of time: the oldest are dropped first.
    for (const [sid, { until }] of this.#decisions) {
      if (until > now) break;
      this.#decisions.delete(sid);
    }
    this.#decisions.delete(callSid);
    this.#decisions.set(callSid, { outcome, until: now + DECISION_LIFE_MS });
  }
}

/** Which calls are taken: by what is live, what was promised, and what the engine can bear. */
import type { CallObserver } from '../call/call-services.ts';
import type { Call } from '../call.ts';
import type { Calls } from '../calls.ts';
import type { Config } from '../config.ts';
import type { Engine } from '../engine.ts';
import type { Refusal } from '../server/server-options.ts';
import { Admission, type EngineLoad } from './admission.ts';
import { PromisedCalls } from './promised-calls.ts';

/**
 * A call is asked about once, at its webhook, and then promised: the stream that follows is taken
 * wherever it arrives, whatever the load is by then. Only the hard bound (`MAX_CALLS`) and a process
 * that is going refuse a socket. So a replica may have a few calls more than it would have admitted;
 * its next webhooks make up for them.
 */
export class CallGate {
  readonly #config: Pick<Config, 'MAX_CALLS'>;
  readonly #engine: Pick<Engine, 'takesCalls'>;
  readonly #admission: Admission;
  readonly #promised = new PromisedCalls();
  /** Calls whose stream has started: those that may ask the engine. */
  readonly #talking = new Set<Call>();
  #calls: Pick<Calls, 'active' | 'full' | 'draining'> | undefined;

  constructor(config: Config, engine: Pick<Engine, 'takesCalls' | 'queue'>) {
    this.#config = config;
    this.#engine = engine;
    this.#admission = new Admission({
      slots: config.ENGINE_CONCURRENCY,
      streams: config.ENGINE_MAX_STREAMS,
      maxWaitMs: config.ENGINE_MAX_WAIT_SECONDS * 1000,
      maxUtilisation: config.ENGINE_MAX_UTILISATION,
    });
    engine.queue.watch({
      onServed: ({ priority, part, gaveWay, ms }) => {
        // Gives way to callers: they do not wait for it.
        if (priority !== 'background' && !gaveWay) this.#admission.push({ type: part, ms });
      },
    });
  }

  /** Looks on at every call. */
  readonly observer: CallObserver = {
    onStarted: (call, { callSid }) => {
      this.#promised.keep(callSid);
      this.#talking.add(call);
      this.#count();
    },
    onEnded: (call) => {
      if (this.#talking.delete(call)) this.#count();
    },
  };

  /** Before that no call is refused for what is live. */
  guard(calls: Pick<Calls, 'active' | 'full' | 'draining'>): void {
    this.#calls = calls;
  }

  /** What one more call would meet. */
  get load(): EngineLoad {
    return this.#admission.assess(this.#coming, performance.now());
  }

  /** Why no call can be taken now. */
  refusal(): Refusal | undefined {
    if (this.#calls?.draining) return 'draining';
    if (this.#calls?.full || this.#coming >= this.#config.MAX_CALLS) return 'full';
    if (!this.#engine.takesCalls) return 'engine';
    return this.load.takesCalls ? undefined : 'load';
  }

  /** As `refusal`; a call that is taken counts from now on, and one that was is not refused again. */
  admit(callSid: string): Refusal | undefined {
    const refusal = this.#promised.has(callSid) ? undefined : this.refusal();
    if (!refusal) this.promise(callSid);
    return refusal;
  }

  /** A call that goes on counts from now on; it was taken before, and is not refused for the load. */
  promise(callSid: string): void {
    this.#promised.add(callSid);
  }

  /** Live ones and promised ones; a socket that has not said which call it is may be one of these. */
  get #coming(): number {
    return Math.max(this.#calls?.active ?? 0, this.#talking.size + this.#promised.count);
  }

  #count(): void {
    const atMs = performance.now();
    this.#admission.push({ type: 'calls', calls: this.#talking.size, atMs });
  }
}

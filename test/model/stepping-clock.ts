import type { AnyActorRef } from 'xstate';
import type { PendingTimer } from './machine-model.ts';

interface Timer extends PendingTimer {
  run(): void;
}

/**
 * The clock of one actor. It goes from deadline to deadline, so that of timers that set one another
 * none is late, and it knows which event a timer brings.
 */
export class SteppingClock {
  nowMs = 0;
  #timers: Timer[] = [];
  #actor: AnyActorRef | undefined;

  /** Whose clock it is. Before the actor starts. */
  of(actor: AnyActorRef): this {
    this.#actor = actor;
    return this;
  }

  readonly setTimeout = (run: () => void, delayMs: number): Timer => {
    const timer = { ...this.#newest(), dueMs: this.nowMs + delayMs, run };
    const later = this.#timers.findIndex(({ dueMs }) => dueMs > timer.dueMs);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return timer;
  };

  readonly clearTimeout = (timer: Timer): void => {
    this.#timers = this.#timers.filter((other) => other !== timer);
  };

  /** Due soonest first; of those due at once, the one that was set first. */
  get pending(): readonly PendingTimer[] {
    return this.#timers;
  }

  /**
   * Time passes until this timer fires. Timers that are due before it are late then: an order that
   * no clock brings about, but that a machine must survive.
   */
  fire(type: string): void {
    const timer = this.#timers.find((pending) => pending.type === type);
    if (!timer) throw new Error(`expected a timer for ${type}, got none`);
    this.clearTimeout(timer);
    this.nowMs = Math.max(this.nowMs, timer.dueMs);
    timer.run();
  }

  /** XState has written down what it schedules by the time it asks for the timer. */
  #newest(): Pick<PendingTimer, 'id' | 'type'> {
    const scheduled = Object.values(this.#actor?.system.getSnapshot()._scheduledEvents ?? {});
    const known = new Set(this.#timers.map(({ id }) => id));
    const newest = scheduled.find(({ id }) => !known.has(id));
    // Under an id that is pending already, the old timer is lost sight of: it can never be cleared.
    return { id: newest?.id ?? 'lost', type: newest?.event.type ?? 'lost' };
  }
}

/** The telephone's clock: one timer for all calls, each of which moves on by 20 ms at a time. */

export const FRAME_MS = 20;

export interface ClockMember {
  /** One frame has passed. */
  tick(): void;
}

/**
 * Ticks at absolute deadlines, so that a call's audio keeps time however late the timer is; what
 * was missed is made up at once, as a network delivers what it has delayed. Calls are spread over
 * the frame, as real ones are: a hundred frames in the same millisecond would test something else.
 */
export class FrameClock {
  readonly #phases: Array<Set<ClockMember>> = Array.from({ length: PHASES }, () => new Set());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #startedMs = 0;
  /** Phases that have passed since the clock started. */
  #passed = 0;

  add(member: ClockMember): void {
    const emptiest = this.#phases.reduce((a, b) => (b.size < a.size ? b : a));
    emptiest.add(member);
    if (this.#timer) return;
    this.#startedMs = performance.now();
    this.#passed = 0;
    this.#arm();
  }

  remove(member: ClockMember): void {
    for (const phase of this.#phases) phase.delete(member);
    if (this.#phases.every((phase) => phase.size === 0)) this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const dueMs = this.#startedMs + (this.#passed + 1) * PHASE_MS;
    this.#timer = setTimeout(this.#run, Math.max(0, Math.ceil(dueMs - performance.now())));
  }

  readonly #run = (): void => {
    const due = Math.floor((performance.now() - this.#startedMs) / PHASE_MS);
    while (this.#passed < due && this.#timer) {
      for (const member of this.#phases[this.#passed % PHASES]!) member.tick();
      this.#passed++;
    }
    if (this.#timer) this.#arm();
  };
}

const PHASES = 4;
const PHASE_MS = FRAME_MS / PHASES;

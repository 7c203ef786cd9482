import type { MachineEvent } from './machine-run.ts';
import {
  type AnswerScript,
  type AnswerStep,
  median,
  type RecordedAgent,
  usualAnswer,
} from './recorded-agent.ts';

/** A prepared sentence that the recorded call never played to its end, where it played none. */
const CLIP_MS = 2000;

interface Saying {
  /** What is still to come; the first of them is next. */
  steps: readonly AnswerStep[];
  nextMs: number;
  hasBegun: boolean;
}

/**
 * Our side of a call that goes otherwise than it was recorded: it does what it is told as the agent
 * does, with the times of the record. The k-th answer takes as long as the k-th did; an answer that
 * nobody came to hear is asked for again. Pure: the time is passed in.
 */
export class ModelledAgent {
  readonly #recorded: RecordedAgent;
  readonly #usual: AnswerScript;
  readonly #usualClipMs: number;
  #answered = 0;
  #askedMs: number | undefined;
  #saying: Saying | undefined;
  #fillerEndMs = 0;
  #hushedMs: number | undefined;

  constructor(recorded: RecordedAgent) {
    this.#recorded = recorded;
    this.#usual = usualAnswer(recorded.answers);
    this.#usualClipMs = median([...recorded.clipMs.values()]) ?? CLIP_MS;
  }

  /** Answers that have begun to be heard, or to be worked on by a tool. */
  get answered(): number {
    return this.#answered;
  }

  /** When it next tells something, unless it is told otherwise; Infinity: not at all. */
  get nextMs(): number {
    return this.#hushedMs === undefined ? (this.#saying?.nextMs ?? Infinity) : Infinity;
  }

  /** @param told as the machine's outputs name it: `play greeting` */
  tell(told: string, nowMs: number): void {
    const [command, clip = ''] = told.split(' ');
    if (command === 'prepare') this.#askedMs = nowMs;
    else if (command === 'reply') this.#release(nowMs);
    else if (command === 'fill') this.#fill(clip, nowMs);
    else if (command === 'hush') this.#hushedMs = nowMs;
    else if (command === 'resume') this.#resume(nowMs);
    else this.#yield(nowMs);
    if (command !== 'play') return;
    const steps = [{ type: 'agent.finished', afterMs: this.#clipMs(clip) }];
    this.#saying = { steps, nextMs: nowMs + this.#clipMs(clip), hasBegun: true };
  }

  /** What it tells at `nextMs`. */
  take(): MachineEvent | undefined {
    const saying = this.#saying;
    const [step, following] = saying?.steps ?? [];
    if (!saying || !step) return undefined;
    if (!saying.hasBegun) this.#answered += 1;
    const nextMs = following ? this.#after(saying.nextMs + following.afterMs, following) : 0;
    this.#saying = following && { steps: saying.steps.slice(1), nextMs, hasBegun: true };
    const { type, destination } = step;
    return destination === undefined ? { type } : { type, destination };
  }

  #release(nowMs: number): void {
    const askedMs = this.#askedMs ?? nowMs;
    this.#askedMs = undefined;
    // A second word to go on is none to begin.
    if (this.#saying) return;
    const { steps } = this.#recorded.answers[this.#answered] ?? this.#usual;
    const [first] = steps;
    if (!first) return;
    const readyMs = Math.max(nowMs, askedMs + first.afterMs);
    this.#saying = { steps, nextMs: this.#after(readyMs, first), hasBegun: false };
  }

  #fill(clip: string, nowMs: number): void {
    if (nowMs < this.#fillerEndMs) return;
    this.#fillerEndMs = nowMs + this.#clipMs(clip);
    const [next] = this.#saying?.steps ?? [];
    if (this.#saying && next) this.#saying.nextMs = this.#after(this.#saying.nextMs, next);
  }

  /** No answer is heard before the filler is over. */
  #after(ms: number, { type }: AnswerStep): number {
    return type === 'agent.audible' ? Math.max(ms, this.#fillerEndMs) : ms;
  }

  /** Where nothing is left to be said, that is said at once. */
  #resume(nowMs: number): void {
    if (!this.#saying) {
      const steps = [{ type: 'agent.finished', afterMs: 0 }];
      this.#saying = { steps, nextMs: nowMs, hasBegun: true };
    } else if (this.#hushedMs !== undefined) this.#saying.nextMs += nowMs - this.#hushedMs;
    this.#hushedMs = undefined;
  }

  #yield(nowMs: number): void {
    this.#saying = undefined;
    this.#askedMs = undefined;
    this.#hushedMs = undefined;
    this.#fillerEndMs = nowMs;
  }

  #clipMs(clip: string): number {
    return this.#recorded.clipMs.get(clip) ?? this.#usualClipMs;
  }
}

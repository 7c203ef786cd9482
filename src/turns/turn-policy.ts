/**
 * When the caller's turn begins, pauses and ends, and whether a sound over the agent is an
 * interruption. Pure: windows in, events out. The only clock is the position in the audio.
 */
import { type SpeechRun, SpeechRuns } from './speech-runs.ts';
import { TURN_THRESHOLDS, type TurnThresholds } from './thresholds.ts';
import type { SpeechWindow } from './voice-activity.ts';

/** What the agent is doing. `interrupted`: its sound has just been stopped because of `spoke`. */
export type TurnMode = 'speaking' | 'listening' | 'thinking' | 'interrupted';

/** What the agent has just asked for. */
export type Expectation = 'open' | 'yesNo' | 'number' | 'name';

export type TurnEvent =
  /** Speech has begun; the onset is dated back to where it began to rise. */
  | { type: 'spoke'; onsetMs: number }
  /** A short pause: a reply may be prepared, but the turn is not over. */
  | { type: 'paused'; speechEndMs: number }
  | { type: 'resumed'; onsetMs: number }
  /** The turn is over. `reason` names the threshold that decided, for the log. */
  | { type: 'finished'; speechEndMs: number; speechMs: number; reason: string }
  /** What is said over the agent is a real interruption; the segment goes on. */
  | { type: 'interrupted'; speechMs: number }
  /** A cough, a click, a "mhm": the segment is dropped. */
  | { type: 'ignored'; speechMs: number };

/**
 * Every `spoke` is followed by exactly one of `finished` and `ignored` once the caller has been
 * silent for long enough; `interrupted` comes between, at most once. The exception is a change to
 * mode `speaking` within a segment: the agent has taken the floor, the segment is forgotten, and
 * speech that goes on is announced by a new `spoke`.
 */
export class TurnPolicy {
  #thresholds: TurnThresholds;
  #mode: TurnMode = 'listening';
  #expecting: Expectation = 'open';
  #runs: SpeechRuns;
  #segment: Segment | undefined;

  constructor(thresholds: TurnThresholds = TURN_THRESHOLDS) {
    this.#thresholds = thresholds;
    this.#runs = new SpeechRuns(thresholds.edges);
  }

  /** Takes effect from the next window on; a segment that has begun goes on by the new rules. */
  attend(mode: TurnMode, expecting: Expectation = 'open'): void {
    if (mode === 'speaking' && this.#mode !== 'speaking') {
      this.#segment = undefined;
      this.#runs.cut();
    }
    this.#mode = mode;
    this.#expecting = expecting;
  }

  push(window: SpeechWindow): TurnEvent[] {
    const run = this.#runs.push(window, this.#thresholds.modes[this.#mode]);
    if (!this.#segment) return run ? this.#begin(run) : [];
    const events = run ? this.#extend(this.#segment, run) : [];
    events.push(...this.#judge(this.#segment, window.endMs, run !== undefined));
    return events;
  }

  #begin(run: SpeechRun): TurnEvent[] {
    if (!this.#isConfirmed(run)) return [];
    this.#segment = {
      speechEndMs: run.endMs,
      speechMs: run.endMs - run.startMs,
      sincePauseMs: run.endMs - run.startMs,
      pauses: 0,
      paused: false,
      interrupted: false,
    };
    return [{ type: 'spoke', onsetMs: run.onsetMs }];
  }

  #extend(segment: Segment, run: SpeechRun): TurnEvent[] {
    const resumes = segment.paused && this.#isConfirmed(run);
    // After a pause a lone voiced window is a click more often than a word.
    if (segment.paused && !resumes) return [];
    if (resumes) {
      segment.paused = false;
      segment.pauses++;
      segment.sincePauseMs = 0;
    }
    const addedMs = Math.max(0, run.endMs - Math.max(segment.speechEndMs, run.startMs));
    segment.speechMs += addedMs;
    segment.sincePauseMs += addedMs;
    segment.speechEndMs = Math.max(segment.speechEndMs, run.endMs);
    return resumes ? [{ type: 'resumed', onsetMs: run.onsetMs }] : [];
  }

  #judge(segment: Segment, nowMs: number, voiced: boolean): TurnEvent[] {
    const { interruptMs, ignoreMs, pauseMs } = this.#thresholds;
    const { speechMs, speechEndMs } = segment;
    if (this.#mode === 'interrupted' && !segment.interrupted && speechMs >= interruptMs) {
      segment.interrupted = true;
      return [{ type: 'interrupted', speechMs }];
    }
    if (voiced) return [];
    const silenceMs = nowMs - speechEndMs;
    if (!this.#isTurn(segment)) {
      return silenceMs < ignoreMs ? [] : this.#close({ type: 'ignored', speechMs });
    }
    const finish = this.#finish(segment);
    if (silenceMs >= finish.ms) {
      return this.#close({ type: 'finished', speechEndMs, speechMs, reason: finish.reason });
    }
    if (segment.paused || silenceMs < pauseMs) return [];
    segment.paused = true;
    return [{ type: 'paused', speechEndMs }];
  }

  #close(event: TurnEvent): TurnEvent[] {
    this.#segment = undefined;
    return [event];
  }

  #isConfirmed(run: SpeechRun): boolean {
    return run.voicedEndMs - run.startMs >= this.#thresholds.modes[this.#mode].confirmMs;
  }

  /** Whether the segment would be answered, if it ended now. */
  #isTurn({ speechMs, interrupted }: Segment): boolean {
    if (interrupted) return true;
    if (this.#mode === 'speaking' || this.#mode === 'interrupted') return false;
    return speechMs >= this.#thresholds.minSpeechMs;
  }

  /** The silence that ends the turn. */
  #finish({ speechMs, sincePauseMs, pauses }: Segment): { ms: number; reason: string } {
    const { finishMs, brief, hesitation } = this.#thresholds;
    const asked = this.#expecting;
    const isBrief = speechMs < brief.speechMs;
    const hesitates = pauses > 0 && sincePauseMs < hesitation.runMs;
    const briefMs = isBrief ? brief.extraMs[asked] : 0;
    const hesitationMs = hesitates ? hesitation.extraMs[asked] : 0;
    const ms = finishMs[asked] + Math.max(briefMs, hesitationMs);
    const why =
      hesitationMs > briefMs ? ' after hesitation' : briefMs > 0 ? ' after a brief word' : '';
    return { ms, reason: `${asked}: ${ms} ms of silence${why}` };
  }
}

/** From `spoke` to `finished` or `ignored`. */
interface Segment {
  speechEndMs: number;
  /** Voiced time so far, pauses and hangover left out. */
  speechMs: number;
  sincePauseMs: number;
  /** Pauses that the caller has come back from. */
  pauses: number;
  paused: boolean;
  interrupted: boolean;
}

/**
 * When the caller's turn begins, pauses and ends, and whether a sound over the agent is an
 * interruption. Pure: windows in, events out. The only clock is the position in the audio.
 */
import { CallPauses } from './call-pauses.ts';
import { type Endpoint, endpointOf } from './endpointing.ts';
import { Interruption } from './interruption.ts';
import { type Ending, Prosody } from './prosody.ts';
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
  /** A cough, a click, a "mhm", a recording that is repeated: the segment is dropped. */
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
  readonly #interruption: Interruption;
  readonly #prosody = new Prosody();
  readonly #pauses: CallPauses;
  /** Where the last turn ended, while the agent has not spoken since. */
  #finishedMs: number | undefined;

  constructor(thresholds: TurnThresholds = TURN_THRESHOLDS) {
    this.#thresholds = thresholds;
    this.#runs = new SpeechRuns(thresholds.edges);
    this.#interruption = new Interruption(thresholds.interruption);
    this.#pauses = new CallPauses(thresholds.endpoint.pauses.usualMs);
  }

  /** Takes effect from the next window on; a segment that has begun goes on by the new rules. */
  attend(mode: TurnMode, expecting: Expectation = 'open'): void {
    if (mode === 'speaking' && this.#mode !== 'speaking') {
      this.#segment = undefined;
      this.#finishedMs = undefined;
      this.#runs.cut();
      this.#interruption.forget();
    }
    this.#mode = mode;
    this.#expecting = expecting;
  }

  push(heard: SpeechWindow): TurnEvent[] {
    if (heard.kind === 'lost') return this.#miss(heard);
    const window = this.#interruption.own(heard, this.#mode);
    if (window.kind === 'recorded' && this.#segment) this.#segment.recorded = true;
    const run = this.#runs.push(window, this.#thresholds.modes[this.#mode]);
    this.#interruption.push(window, run !== undefined, this.#mode);
    // Over the agent the voice may be the agent's own.
    if (run && this.#mode !== 'speaking') this.#prosody.push(window);
    if (!this.#segment) return run ? this.#begin(run) : [];
    const events = run ? this.#extend(this.#segment, run) : [];
    events.push(...this.#judge(this.#segment, window.endMs, run !== undefined));
    return events;
  }

  /** Nothing is decided by what did not reach us: it is no pause. */
  #miss(window: SpeechWindow): TurnEvent[] {
    const lostMs = this.#runs.miss(window);
    if (this.#segment) this.#segment.lostMs += lostMs;
    return [];
  }

  /**
   * The turn model has listened to the turn so far.
   * @param complete 0 to 1: that it is over. It counts until the caller goes on.
   */
  believe(complete: number): void {
    if (this.#segment?.paused) this.#segment.complete = complete;
  }

  #begin(run: SpeechRun): TurnEvent[] {
    if (!this.#isConfirmed(run)) return [];
    this.#prosody.begin(run.startMs);
    // It was over too soon: that was a pause.
    if (this.#finishedMs !== undefined) this.#pauses.push(run.startMs - this.#finishedMs);
    this.#finishedMs = undefined;
    this.#segment = {
      speechEndMs: run.endMs,
      speechMs: run.endMs - run.startMs,
      paused: false,
      interrupted: false,
      recorded: false,
      lostMs: 0,
      ending: undefined,
      complete: undefined,
    };
    return [{ type: 'spoke', onsetMs: run.onsetMs }];
  }

  #extend(segment: Segment, run: SpeechRun): TurnEvent[] {
    const resumes = segment.paused && this.#isConfirmed(run);
    // After a pause a lone voiced window is a click more often than a word.
    if (segment.paused && !resumes) return [];
    if (resumes) {
      segment.paused = false;
      segment.recorded = false;
      segment.complete = undefined;
      this.#pauses.push(run.startMs - segment.speechEndMs - segment.lostMs);
    }
    segment.ending = undefined;
    const addedMs = Math.max(0, run.endMs - Math.max(segment.speechEndMs, run.startMs));
    segment.speechMs += addedMs;
    if (run.endMs > segment.speechEndMs) {
      segment.speechEndMs = run.endMs;
      segment.lostMs = 0;
    }
    return resumes ? [{ type: 'resumed', onsetMs: run.onsetMs }] : [];
  }

  #judge(segment: Segment, nowMs: number, voiced: boolean): TurnEvent[] {
    const { interruptMs, ignoreMs, pauseMs } = this.#thresholds;
    const { speechMs, speechEndMs } = segment;
    const mayInterrupt = this.#mode === 'interrupted' && !segment.interrupted;
    if (mayInterrupt && this.#interruption.isReal(speechMs, interruptMs)) {
      segment.interrupted = true;
      return [{ type: 'interrupted', speechMs }];
    }
    if (voiced) return [];
    const silenceMs = nowMs - speechEndMs - segment.lostMs;
    if (!this.#isTurn(segment)) {
      return silenceMs < ignoreMs ? [] : this.#close({ type: 'ignored', speechMs });
    }
    const finish = this.#finish(segment);
    if (silenceMs >= finish.silenceMs) {
      if (segment.recorded) return this.#close({ type: 'ignored', speechMs });
      this.#finishedMs = speechEndMs;
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
  #finish(segment: Segment): Endpoint {
    const { finishMs, endpoint } = this.#thresholds;
    segment.ending ??= this.#prosody.ending();
    const { speechMs, ending, complete } = segment;
    const callPauseMs = this.#pauses.typicalMs;
    const evidence = { expecting: this.#expecting, speechMs, ending, callPauseMs, complete };
    return endpointOf(evidence, finishMs, endpoint);
  }
}

/** From `spoke` to `finished` or `ignored`. */
interface Segment {
  speechEndMs: number;
  /** Voiced time so far, pauses and hangover left out. */
  speechMs: number;
  paused: boolean;
  interrupted: boolean;
  /** It is the repetition of a recording: nobody waits for an answer to it. */
  recorded: boolean;
  /** What did not reach us since the end of its speech. */
  lostMs: number;
  /** How it sounds where it stopped; undefined while it goes on. */
  ending: Ending | undefined;
  /** What the turn model has said of it. */
  complete: number | undefined;
}

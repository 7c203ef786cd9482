/**
 * Turns windows into runs of unbroken speech: hysteresis on the probability, the onset dated back to
 * where the probability began to rise, the end dated back to where the sound stopped.
 */
import { NoiseFloor } from './noise-floor.ts';
import type { SpeechWindow } from './voice-activity.ts';

export interface SpeechRun {
  /** Where it began to rise. */
  onsetMs: number;
  /** Start of its first voiced window. */
  startMs: number;
  /** End of its last voiced window. */
  voicedEndMs: number;
  /** End of its last window with sound; Silero itself stays on for about 80 ms longer. */
  endMs: number;
}

export interface RunThresholds {
  /** Speech begins at a window of this probability. */
  onProbability: number;
  /** Speech goes on until a window falls below this. */
  offProbability: number;
}

export interface EdgeThresholds {
  /** An onset moves back along windows of at least this probability. */
  riseProbability: number;
  /** By how much it may move. */
  maxRiseMs: number;
  /** A window is sound when it is this far above the noise floor. */
  soundAboveFloorDb: number;
  /** How much of a run's end may be taken for Silero's hangover. */
  maxHangoverMs: number;
}

export class SpeechRuns {
  #edges: EdgeThresholds;
  #floor = new NoiseFloor();
  #run: SpeechRun | undefined;
  #risingSinceMs: number | undefined;
  #previousEndMs: number | undefined;
  /** The window before was one that did not reach us. */
  #missed = false;

  constructor(edges: EdgeThresholds) {
    this.#edges = edges;
  }

  /** The run that this window belongs to; undefined in silence. */
  push(window: SpeechWindow, thresholds: RunThresholds): SpeechRun | undefined {
    const { probability, levelDb, endMs } = window;
    const startMs = this.#previousEndMs ?? Math.max(0, endMs - FIRST_WINDOW_MS);
    this.#previousEndMs = endMs;
    this.#missed = false;

    if (probability < this.#edges.riseProbability) this.#risingSinceMs = undefined;
    else this.#risingSinceMs ??= startMs;

    const { onProbability, offProbability } = thresholds;
    const voiced = probability >= (this.#run ? offProbability : onProbability);
    this.#floor.push(levelDb, voiced, endMs - startMs);
    if (!voiced) {
      this.#run = undefined;
      return undefined;
    }
    const sound = levelDb >= this.#floor.db + this.#edges.soundAboveFloorDb;
    this.#run = this.#extend(this.#run ?? this.#begin(startMs), endMs, sound);
    return this.#run;
  }

  /**
   * The window did not reach us. One is bridged; more of them end the run.
   * @returns its length in ms
   */
  miss({ endMs }: SpeechWindow): number {
    const startMs = this.#previousEndMs ?? Math.max(0, endMs - FIRST_WINDOW_MS);
    this.#previousEndMs = endMs;
    if (this.#missed) this.cut();
    this.#missed = true;
    return endMs - startMs;
  }

  /** Forgets the run: speech that goes on begins a new one. */
  cut(): void {
    this.#run = undefined;
    this.#risingSinceMs = undefined;
  }

  #begin(startMs: number): SpeechRun {
    const earliestMs = startMs - this.#edges.maxRiseMs;
    const onsetMs = Math.max(this.#risingSinceMs ?? startMs, earliestMs);
    return { onsetMs, startMs, voicedEndMs: startMs, endMs: startMs };
  }

  #extend(run: SpeechRun, voicedEndMs: number, sound: boolean): SpeechRun {
    const heardMs = sound ? voicedEndMs : run.endMs;
    const endMs = Math.max(heardMs, voicedEndMs - this.#edges.maxHangoverMs);
    return { ...run, voicedEndMs, endMs };
  }
}

const FIRST_WINDOW_MS = 32;

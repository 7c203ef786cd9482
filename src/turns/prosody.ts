/**
 * How the caller's speech sounds where it stops, against how this caller speaks: a sentence that is
 * over falls in pitch and in loudness, one that goes on is held.
 */
import { RunningQuantile } from './running-quantile.ts';
import type { SpeechWindow } from './voice-activity.ts';
import { WINDOW_MS } from './window-size.ts';

/** The end of what has been said so far. */
export interface Ending {
  /** The last pitch above the caller's usual one, in semitones; undefined where none was found. */
  pitchSt: number | undefined;
  /** For how long the usual one has been heard. */
  usualPitchMs: number;
  /** By how much the last syllable is softer than the caller's loud windows, in dB; 0 at least. */
  dropDb: number;
  /** For how long the last sound has been held at one pitch and level: "uhhh". */
  heldMs: number;
}

export class Prosody {
  readonly #usualPitch = new RunningQuantile(0, PITCH_SPAN_ST, 0.25);
  readonly #usualLevel = new RunningQuantile(-96, 0, 1);
  /** The last windows of speech, pauses left out. */
  #recent: Heard[] = [];
  #lastMs = -Infinity;

  /** A window of the caller's speech; what is between two of them is a pause. */
  push({ endMs, levelDb, pitchHz }: SpeechWindow): void {
    const before = endMs - this.#lastMs > WINDOW_MS ? undefined : this.#recent.at(-1);
    this.#lastMs = endMs;
    const heard: Heard = { endMs, levelDb, st: semitones(pitchHz), isSure: false };
    this.#recent.push(heard);
    if (this.#recent.length > RECENT_WINDOWS) this.#recent.shift();
    this.#usualLevel.push(levelDb);
    if (heard.st === undefined || before?.st === undefined) return;
    if (Math.abs(heard.st - before.st) > SAME_VOICE_ST) return;
    for (const each of before.isSure ? [heard] : [before, heard]) this.#trust(each);
  }

  /** A turn begins here: what was said before it is not its end. */
  begin(startMs: number): void {
    this.#recent = this.#recent.filter(({ endMs }) => endMs > startMs);
  }

  ending(): Ending {
    const loudDb = this.#loudDb;
    const levels = this.#recent.map(({ levelDb }) => levelDb - loudDb);
    const peak = peaksOf(levels).at(-1);
    return {
      pitchSt: this.#pitchSt(),
      usualPitchMs: this.#usualPitch.count * WINDOW_MS,
      dropDb: peak === undefined ? SOFT_DB : Math.max(0, -(levels[peak] ?? 0)),
      heldMs: heldWindows(this.#recent) * WINDOW_MS,
    };
  }

  /** A pitch counts where its neighbour agrees and the sound is no mere remnant of a syllable. */
  #trust(heard: Heard): void {
    if (heard.st === undefined || heard.levelDb < this.#loudDb - REMNANT_DB) return;
    heard.isSure = true;
    this.#usualPitch.push(heard.st);
  }

  #pitchSt(): number | undefined {
    const usual = this.#usualPitch.at(0.5);
    if (usual === undefined || this.#usualPitch.count < FEWEST) return undefined;
    const last = this.#recent
      .slice(-ENDING_WINDOWS)
      .flatMap(({ st, isSure }) => (isSure && st !== undefined ? st - usual : []))
      // Twice or half the true pitch, as hissing and creaking are heard.
      .filter((st) => Math.abs(st) < OCTAVE_ERROR_ST)
      .slice(-3)
      .sort((a, b) => a - b);
    return last[Math.floor(last.length / 2)];
  }

  get #loudDb(): number {
    return this.#usualLevel.at(0.75) ?? 0;
  }
}

interface Heard {
  endMs: number;
  levelDb: number;
  /** Above 60 Hz; undefined without pitch. */
  st: number | undefined;
  isSure: boolean;
}

const LOWEST_HZ = 60;
const PITCH_SPAN_ST = 34;
const RECENT_WINDOWS = 32;
/** The last 640 ms of speech. */
const ENDING_WINDOWS = 20;
/** Within 32 ms a voice moves no further. */
const SAME_VOICE_ST = 3;
const OCTAVE_ERROR_ST = 10;
const REMNANT_DB = 25;
/** Windows with a sure pitch, before there is a usual one. */
const FEWEST = 4;
/** Below the loud windows a peak is no syllable any more. */
const SOFT_DB = 20;
const FEWEST_BETWEEN_PEAKS = 4;
const HELD_ST = 0.8;
const HELD_DB = 5;

function semitones(hz: number): number | undefined {
  return hz > 0 ? 12 * Math.log2(hz / LOWEST_HZ) : undefined;
}

/** Where the syllables are loudest. @param levels dB against the caller's loud windows */
function peaksOf(levels: readonly number[]): number[] {
  const peaks: number[] = [];
  levels.forEach((level, i) => {
    const isPeak = level >= (levels[i - 1] ?? -Infinity) && level > (levels[i + 1] ?? -Infinity);
    if (!isPeak || level < -SOFT_DB) return;
    const last = peaks.at(-1);
    if (last === undefined || i - last >= FEWEST_BETWEEN_PEAKS) peaks.push(i);
    else if (level > (levels[last] ?? 0)) peaks[peaks.length - 1] = i;
  });
  return peaks;
}

/** How many windows at the end, but for what dies away, are one held sound. */
function heldWindows(recent: readonly Heard[]): number {
  const last = recent.findLastIndex(({ isSure }) => isSure);
  const end = recent[last];
  if (end?.st === undefined) return 0;
  const { st, levelDb } = end;
  let count = 0;
  for (let i = last; i >= 0; i--) {
    const each = recent[i];
    if (each?.st === undefined || Math.abs(each.st - st) > HELD_ST) break;
    if (Math.abs(each.levelDb - levelDb) > HELD_DB) break;
    count++;
  }
  return count;
}

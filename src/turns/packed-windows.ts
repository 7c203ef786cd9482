/**
 * Windows of voice activity in four bytes each, for the records. The ears judge what the bytes say
 * and not the finer numbers behind them, so that a call can be judged again from its records.
 */

import type { SpeechWindow, WindowKind } from './voice-activity.ts';
import { WINDOW_MS } from './window-size.ts';

/** All thresholds of the turn policy are whole steps. */
const PROBABILITY_STEPS = 200;
const STEPS_PER_DB = 2;
/** A third of a semitone for a deep voice. */
const HZ_PER_STEP = 2;
const ECHO_STEPS = 200;
/** In place of the probability, of which there are 200 steps. */
const KIND_BYTES = { lost: 255, recorded: 254 } as const satisfies Record<WindowKind, number>;

/** Text of four bytes a window begins so, which base64 never does; older text has two bytes. */
const FOUR_BYTES = '4:';

/**
 * The window as its bytes hold it: probability and echo to 0.005, level to 0.5 dB, pitch to 2 Hz. One
 * that is not somebody's has no probability.
 */
export function roundWindow(window: SpeechWindow): SpeechWindow {
  return windowOf(window.endMs, bytesOf(window));
}

/** @returns text: of each window probability, level, pitch, echo */
export function packWindows(windows: readonly SpeechWindow[]): string {
  return FOUR_BYTES + Buffer.from(windows.flatMap(bytesOf)).toString('base64');
}

/**
 * Of records that are older than pitch and echo, both are 0.
 *
 * @param endMs of the last window
 * @throws {RangeError} where the text is not what `packWindows` gives
 */
export function unpackWindows(packed: string, endMs: number): SpeechWindow[] {
  const size = packed.startsWith(FOUR_BYTES) ? 4 : 2;
  const text = size === 4 ? packed.slice(FOUR_BYTES.length) : packed;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % size !== 0 || bytes.toString('base64') !== text) {
    throw new RangeError(`expected base64 of ${size} bytes a window, got something else`);
  }
  const count = bytes.length / size;
  return Array.from({ length: count }, (_, i) =>
    windowOf(endMs - (count - 1 - i) * WINDOW_MS, bytes.subarray(i * size, (i + 1) * size)),
  );
}

function bytesOf({ probability, levelDb, pitchHz, echo, kind }: SpeechWindow): number[] {
  return [
    kind ? KIND_BYTES[kind] : steps(probability, PROBABILITY_STEPS, PROBABILITY_STEPS),
    steps(-levelDb, STEPS_PER_DB, 255),
    steps(pitchHz, 1 / HZ_PER_STEP, 255),
    steps(echo, ECHO_STEPS, ECHO_STEPS),
  ];
}

function windowOf(endMs: number, bytes: ArrayLike<number>): SpeechWindow {
  const first = bytes[0] ?? 0;
  const kind = first === KIND_BYTES.lost ? 'lost' : first === KIND_BYTES.recorded ? 'recorded' : '';
  return {
    endMs,
    ...(kind && { kind }),
    probability: kind ? 0 : first / PROBABILITY_STEPS,
    levelDb: -(bytes[1] ?? 0) / STEPS_PER_DB,
    pitchHz: (bytes[2] ?? 0) * HZ_PER_STEP,
    echo: (bytes[3] ?? 0) / ECHO_STEPS,
  };
}

function steps(value: number, perUnit: number, most: number): number {
  return Math.round(Math.min(most, Math.max(0, value * perUnit)));
}

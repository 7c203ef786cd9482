/**
 * Windows of voice activity in two bytes each, for the records. The ears judge what the bytes say
 * and not the finer numbers behind them, so that a call can be judged again from its records.
 */

import type { SpeechWindow } from './voice-activity.ts';
import { WINDOW_MS } from './window-size.ts';

/** All thresholds of the turn policy are whole steps. */
const PROBABILITY_STEPS = 200;
const STEPS_PER_DB = 2;

/** The window as its two bytes hold it: probability to 0.005, level to 0.5 dB. */
export function roundWindow({ endMs, probability, levelDb }: SpeechWindow): SpeechWindow {
  return {
    endMs,
    probability: probabilityByte(probability) / PROBABILITY_STEPS,
    levelDb: -levelByte(levelDb) / STEPS_PER_DB,
  };
}

/** @returns base64, two bytes a window: steps of probability, half decibels below full scale */
export function packWindows(windows: readonly SpeechWindow[]): string {
  const bytes = windows.flatMap(({ probability, levelDb }) => [
    probabilityByte(probability),
    levelByte(levelDb),
  ]);
  return Buffer.from(bytes).toString('base64');
}

/**
 * @param endMs of the last window
 * @throws {RangeError} where the text is not what `packWindows` gives
 */
export function unpackWindows(packed: string, endMs: number): SpeechWindow[] {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length % 2 !== 0 || bytes.toString('base64') !== packed) {
    throw new RangeError('expected base64 of two bytes a window, got something else');
  }
  const count = bytes.length / 2;
  return Array.from({ length: count }, (_, i) => ({
    endMs: endMs - (count - 1 - i) * WINDOW_MS,
    probability: (bytes[2 * i] ?? 0) / PROBABILITY_STEPS,
    levelDb: -(bytes[2 * i + 1] ?? 0) / STEPS_PER_DB,
  }));
}

function probabilityByte(probability: number): number {
  return Math.round(Math.min(1, Math.max(0, probability)) * PROBABILITY_STEPS);
}

function levelByte(levelDb: number): number {
  return Math.round(Math.min(127.5, Math.max(0, -levelDb)) * STEPS_PER_DB);
}

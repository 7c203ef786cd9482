import { percentile } from '../percentile.ts';
import type { TurnTiming } from './turn-clock.ts';

/** How long each part of an answer took, in ms. Parts overlap where a reply was prepared early. */
export interface TurnStages {
  /** From the caller's last sample to the decision that the turn is over. */
  endpoint: number;
  /** In line for the engine. */
  queue: number;
  /** From the engine's start on it to its first token. */
  firstToken: number;
  /** From the first clause to its first sound. */
  voice: number;
  /** From when it could have been sent, to the first byte on the wire. */
  wire: number;
  /** From the caller's last sample to the first byte of the answer on the wire. */
  response: number;
}

export const STAGES = ['endpoint', 'queue', 'firstToken', 'voice', 'wire', 'response'] as const;

export function stagesOf(timing: TurnTiming): TurnStages {
  return {
    endpoint: timing.finishedMs,
    queue: tenths(timing.startedMs - timing.askedMs),
    firstToken: tenths(timing.firstTokenMs - timing.startedMs),
    voice: tenths(timing.firstSoundMs - timing.firstClauseMs),
    wire: tenths(timing.audibleMs - Math.max(timing.finishedMs, timing.firstSoundMs)),
    response: timing.audibleMs,
  };
}

export type Spread = { p50: number; p95: number; max: number };

/** For each stage, how its times were spread over a call's answers; nothing where there was none. */
export function latenciesOf(
  answers: readonly TurnStages[],
): Partial<Record<keyof TurnStages, Spread>> {
  if (answers.length === 0) return {};
  return Object.fromEntries(
    STAGES.map((stage) => [stage, spreadOf(answers.map((answer) => answer[stage]))]),
  );
}

function spreadOf(values: readonly number[]): Spread {
  const at = (share: number) => Math.round(percentile(values, share));
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** A difference of two numbers with one decimal has one, too, but for the machine's own. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

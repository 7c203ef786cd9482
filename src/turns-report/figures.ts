/** What all tables count alike. */
import { percentile } from '../percentile.ts';
import { TURN_THRESHOLDS, type TurnThresholds } from '../turns/thresholds.ts';
import type { Expectation } from '../turns/turn-policy.ts';
import type { HeardClip } from './hear-clip.ts';
import { type ClipScore, scoreTurns, type TurnScore } from './turn-score.ts';

export function scoreAll(
  heard: readonly HeardClip[],
  thresholds: TurnThresholds = TURN_THRESHOLDS,
  expecting: Expectation = 'open',
): ClipScore[] {
  return heard.map(({ clip, windows }) => scoreTurns(clip, windows, thresholds, expecting));
}

/** Cut-ins, delays from the labelled end to the decision, and responses, in ms. */
export function turnFigures(turns: readonly TurnScore[]) {
  const after = turns.flatMap(({ finishedAfterMs }) => finishedAfterMs ?? []);
  const responses = turns.flatMap(({ responseMs }) => responseMs ?? []);
  const pauses = total(turns, (turn) => turn.pauses);
  const cutIns = total(turns, (turn) => turn.cutIns);
  return {
    turns: turns.length,
    missed: turns.filter(({ found }) => !found).length,
    pauses,
    cutIns,
    cutInShare: pauses > 0 ? `${((100 * cutIns) / pauses).toFixed(1)} %` : '',
    delayP50: rounded(after, 0.5),
    delayP90: rounded(after, 0.9),
    delayP95: rounded(after, 0.95),
    responseP50: rounded(responses, 0.5),
    responseP95: rounded(responses, 0.95),
  };
}

export function total<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

/** Undefined where there is nothing. */
export function rounded(values: readonly number[], share: number): number | undefined {
  return values.length === 0 ? undefined : Math.round(percentile(values, share));
}

/** When speech is found to begin and to end, and where it is found though nobody speaks. */
import { TURN_THRESHOLDS, type TurnThresholds } from '../turns/thresholds.ts';
import { rounded, scoreAll, total } from './figures.ts';
import type { HeardClip } from './hear-clip.ts';
import type { ClipScore, TurnScore } from './turn-score.ts';

/** Positions against the labels, by how the labels were made; ms, negative is early. */
export function edgeRows(turns: readonly TurnScore[]) {
  const rows = Object.entries(Object.groupBy(turns, ({ confidence }) => confidence));
  return rows.map(([labels, some = []]) => {
    const onset = some.flatMap(({ onsetErrorMs }) => onsetErrorMs ?? []);
    const spoke = some.flatMap(({ spokeAfterMs }) => spokeAfterMs ?? []);
    const end = some.flatMap(({ endErrorMs }) => endErrorMs ?? []);
    const close = onset.filter((error) => Math.abs(error) <= 120).length;
    return {
      labels,
      turns: some.length,
      onsetP50: rounded(onset, 0.5),
      onsetP95: rounded(onset.map(Math.abs), 0.95),
      onsetWithin120: `${((100 * close) / some.length).toFixed(1)} %`,
      spokeAfterP50: rounded(spoke, 0.5),
      spokeAfterP95: rounded(spoke, 0.95),
      endP50: rounded(end, 0.5),
      endP95: rounded(end.map(Math.abs), 0.95),
    };
  });
}

export function falseStartRows(scores: readonly ClipScore[]) {
  const silent = scores.filter(({ clip }) => clip.speech.length === 0);
  return Object.entries(Object.groupBy(silent, ({ clip }) => clip.category)).map(
    ([category, some = []]) => {
      const minutes = total(some, ({ clip }) => clip.duration_ms) / 60_000;
      const falseStarts = total(some, (score) => score.falseStarts);
      const fired = some.filter((score) => score.falseStarts > 0);
      return {
        category,
        minutes: Number(minutes.toFixed(2)),
        falseStarts,
        perMinute: Number((falseStarts / minutes).toFixed(2)),
        answered: total(some, ({ falseTurns }) => falseTurns),
        by: fired.map((score) => `${score.clip.id} ${score.falseStarts}`).join(', '),
      };
    },
  );
}

/** What announces speech: each window of confirmation costs 32 ms. */
export function onsetRows(heard: readonly HeardClip[], thresholds: TurnThresholds) {
  const trusted = heard.filter(({ clip }) => clip.label_confidence !== 'human');
  return [0.5, 0.6, 0.7].flatMap((onProbability) =>
    [32, 64, 96].map((confirmMs) => {
      const listening = { ...TURN_THRESHOLDS.modes.listening, onProbability, confirmMs };
      const modes = { ...thresholds.modes, listening };
      const scores = scoreAll(trusted, { ...thresholds, modes });
      const after = scores.flatMap(({ turns }) => turns.flatMap((turn) => turn.spokeAfterMs ?? []));
      const falseStartsBy = (category: string) =>
        total(scores, ({ clip, falseStarts }) => (clip.category === category ? falseStarts : 0));
      return {
        onProbability,
        confirmMs,
        spokeAfterP50: rounded(after, 0.5),
        spokeAfterP95: rounded(after, 0.95),
        falseStartsOnNoise: falseStartsBy('noise'),
        falseStartsOnEcho: falseStartsBy('echo'),
      };
    }),
  );
}

/** When turns are taken for finished: cut-ins at pauses within a sentence against waiting. */
import type { TurnThresholds } from '../turns/thresholds.ts';
import type { Expectation } from '../turns/turn-policy.ts';
import { rounded, scoreAll, total, turnFigures } from './figures.ts';
import type { HeardClip } from './hear-clip.ts';
import { halfOf } from './labelled-clips.ts';
import type { ClipScore } from './turn-score.ts';

/** What a single caller says who reads or thinks aloud: the pauses here are within sentences. */
export const SENTENCES: readonly string[] = ['clean', 'thinking-pause'];

export function turnRows(scores: readonly ClipScore[]) {
  const turns = scores.flatMap((score) => score.turns);
  const rows = Object.entries(Object.groupBy(turns, ({ category }) => category));
  return [...rows, ['all', turns] as const].map(([category, some = []]) => ({
    category,
    ...turnFigures(some),
  }));
}

/** What is found on one half of the recordings has to hold on the other. */
export function halfRows(heard: readonly HeardClip[], thresholds: TurnThresholds) {
  const some = heard.filter(({ clip }) => SENTENCES.includes(clip.category));
  const parts: [string, HeardClip[]][] = [
    ['first', some.filter(({ clip }) => halfOf(clip) === 0)],
    ['second', some.filter(({ clip }) => halfOf(clip) === 1)],
    ['both', some],
  ];
  return parts.map(([half, clips]) => ({
    half,
    ...turnFigures(scoreAll(clips, thresholds).flatMap((score) => score.turns)),
  }));
}

/** Each piece of evidence left out, and all of them. */
export function evidenceRows(heard: readonly HeardClip[], thresholds: TurnThresholds) {
  const some = heard.filter(({ clip }) => SENTENCES.includes(clip.category));
  const { endpoint, finishMs } = thresholds;
  const { pitch, energy, spoken, pauses, voiceShare } = endpoint;
  const cases: [string, Partial<TurnThresholds['endpoint']>][] = [
    ['all', {}],
    [
      'without pitch',
      { pitch: { ...pitch, levelPoints: 0, pointsPerStFallen: 0, pointsPerStRisen: 0 } },
    ],
    ['without energy', { energy: { ...energy, pointsPerDb: 0 } }],
    ['without how much was said', { spoken: { ...spoken, pointsPerDoubling: 0 } }],
    ["without the call's pauses", { pauses: { ...pauses, pointsPerDoubling: 0 } }],
    [
      'silence alone',
      {
        voiceShare: { ...voiceShare, open: 0 },
        pauses: { ...pauses, pointsPerDoubling: 0 },
        held: { ...endpoint.held, points: 0 },
      },
    ],
  ];
  return cases.map(([evidence, change]) => {
    const changed = { ...thresholds, finishMs, endpoint: { ...endpoint, ...change } };
    const turns = scoreAll(some, changed).flatMap((score) => score.turns);
    return { evidence, ...turnFigures(turns) };
  });
}

export function expectationRows(heard: readonly HeardClip[], thresholds: TurnThresholds) {
  const cases: [string, Expectation][] = [
    ['backchannel', 'open'],
    ['backchannel', 'yesNo'],
    ['shortword', 'open'],
    ['digits', 'open'],
    ['digits', 'number'],
    ['thinking-pause', 'open'],
    ['thinking-pause', 'name'],
  ];
  return cases.map(([category, asked]) => {
    const some = heard.filter(({ clip }) => clip.category === category);
    const turns = scoreAll(some, thresholds, asked).flatMap((score) => score.turns);
    return { category, asked, ...turnFigures(turns) };
  });
}

/** A reply is prepared at each pause; it is used where the turn ends there. */
export function pauseRows(heard: readonly HeardClip[], thresholds: TurnThresholds) {
  const speaking = heard.filter(({ clip }) => clip.speech.length > 0);
  return [96, 120, 160, 200, 256, 320].map((pauseMs) => {
    const scores = scoreAll(speaking, { ...thresholds, pauseMs });
    const prepared = total(scores, ({ pauses }) => pauses);
    const dropped = total(scores, ({ pausesResumed }) => pausesResumed);
    const responses = scores.flatMap(({ turns }) => turns.flatMap((t) => t.responseMs ?? []));
    return {
      pauseMs,
      prepared,
      dropped,
      used: `${Math.round(100 - (100 * dropped) / prepared)} %`,
      responseP50: rounded(responses, 0.5),
    };
  });
}

/** The cut-ins one by one: where, and what decided. */
export function cutInLines(scores: readonly ClipScore[]): string[] {
  return scores.flatMap(({ clip, turns }) =>
    turns.flatMap(({ cutInsAt }) =>
      cutInsAt.map(({ atMs, reason }) => `${clip.category} ${clip.id} at ${atMs} ms, ${reason}`),
    ),
  );
}

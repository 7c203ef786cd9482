/** Cutting in against waiting, over the whole range of patience. */
import type { TurnThresholds } from '../turns/thresholds.ts';
import { SENTENCES } from './endpointing-tables.ts';
import { rounded, scoreAll, total } from './figures.ts';
import type { HeardClip } from './hear-clip.ts';

export interface TradeOffPoint {
  /** The usual silence of this point, ms. */
  silenceMs: number;
  cutIns: number;
  /** Of the pauses within sentences, in percent. */
  cutInPercent: number;
  responseP50: number;
  responseP90: number;
  responseP95: number;
}

export interface TradeOffCurve {
  name: string;
  points: TradeOffPoint[];
}

/** The policy as it is, more or less patient; the same with a longest silence of 3 s; and silence alone. */
export function tradeOff(heard: readonly HeardClip[], thresholds: TurnThresholds): TradeOffCurve[] {
  const some = heard.filter(({ clip }) => SENTENCES.includes(clip.category));
  const { finishMs, endpoint } = thresholds;
  const all = (open: number, latestMs: number): TurnThresholds => ({
    ...thresholds,
    finishMs: { ...finishMs, open },
    endpoint: { ...endpoint, latestMs: { ...endpoint.latestMs, open: latestMs } },
  });
  const alone = (open: number): TurnThresholds => {
    const always = { open, yesNo: open, number: open, name: open };
    const fixed = { ...endpoint, soonestMs: always, latestMs: always };
    return { ...thresholds, finishMs: always, endpoint: fixed };
  };
  const { open: latestMs } = endpoint.latestMs;
  return [
    { name: 'silence alone', points: STEPS.map((ms) => pointOf(some, ms, alone(ms))) },
    {
      name: `all evidence, ${latestMs} ms at most`,
      points: STEPS.map((ms) => pointOf(some, ms, all(ms, latestMs))),
    },
    {
      name: 'all evidence, 3000 ms at most',
      points: STEPS.map((ms) => pointOf(some, ms, all(ms, 3000))),
    },
  ];
}

const STEPS = [300, 360, 420, 460, 520, 580, 640, 720, 800, 900, 1000, 1200, 1400, 1700, 2000];

function pointOf(
  heard: readonly HeardClip[],
  silenceMs: number,
  thresholds: TurnThresholds,
): TradeOffPoint {
  const turns = scoreAll(heard, thresholds).flatMap((score) => score.turns);
  const responses = turns.flatMap(({ responseMs }) => responseMs ?? []);
  const cutIns = total(turns, (turn) => turn.cutIns);
  const pauses = total(turns, (turn) => turn.pauses);
  return {
    silenceMs,
    cutIns,
    cutInPercent: pauses > 0 ? Math.round((1000 * cutIns) / pauses) / 10 : 0,
    responseP50: rounded(responses, 0.5) ?? 0,
    responseP90: rounded(responses, 0.9) ?? 0,
    responseP95: rounded(responses, 0.95) ?? 0,
  };
}

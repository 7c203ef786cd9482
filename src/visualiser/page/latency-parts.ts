/** What one answer's time was made of, as bars on one scale. Pure. */
import type { Payload } from './payload.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';
import type { ReplySpan, ToolSpan } from './timeline.ts';
import type { TimeRange } from './zoom.ts';

/** One answer: ms from the caller's last sample; stages may overlap, and begin before the decision. */
export interface Answer {
  /** When it became audible, ms from the call's beginning. */
  atMs: number;
  turn: number;
  /** Which rule decided that the caller had finished. */
  reason: string;
  responseMs: number;
  parts: readonly LatencyPart[];
}

export interface LatencyPart extends TimeRange {
  stage: Stage;
}

export type Stage = 'endpoint' | 'queue' | 'firstToken' | 'tool' | 'voice' | 'wire';

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  endpoint: 'End of turn',
  queue: 'Queue',
  firstToken: 'First token',
  tool: 'Tool',
  voice: 'Voice',
  wire: 'Wire',
};

/** @returns undefined where the payload is not of an answer, or no longer kept */
export function readAnswer(payload: Payload, atMs: number): Answer | undefined {
  const ms = (name: string) => payload.number(`${name}Ms`);
  const audibleMs = ms('audible');
  const finishedMs = ms('finished');
  if (audibleMs === undefined || finishedMs === undefined) return undefined;
  const firstSoundMs = ms('firstSound');
  const sendableMs = firstSoundMs === undefined ? undefined : Math.max(finishedMs, firstSoundMs);
  return {
    atMs,
    turn: payload.number('turn') ?? 0,
    reason: payload.text('endpointReason') ?? '',
    responseMs: audibleMs,
    parts: [
      part('endpoint', 0, finishedMs),
      part('queue', ms('asked'), ms('started')),
      part('firstToken', ms('started'), ms('firstToken')),
      part('voice', ms('firstClause'), firstSoundMs),
      part('wire', sendableMs, audibleMs),
    ].flat(),
  };
}

/** The tools that an answer waited for, and the requests that called them, belong to its time. */
export function withTools(
  answer: Answer,
  replies: readonly ReplySpan[],
  tools: readonly ToolSpan[],
): Answer {
  const originMs = answer.atMs - answer.responseMs;
  const since = (ms: number | undefined) => (ms === undefined ? undefined : ms - originMs);
  const used = tools
    .filter(({ fromMs, toMs }) => fromMs >= originMs && toMs <= answer.atMs)
    .flatMap(({ fromMs, toMs }) => part('tool', since(fromMs), since(toMs)));
  const firstToolMs = used[0]?.fromMs;
  if (firstToolMs === undefined) return answer;
  const asking = replies.filter(({ askedMs, how }) => {
    return how === 'completed' && askedMs >= originMs && askedMs - originMs <= firstToolMs;
  });
  const asked = asking.flatMap(({ askedMs, startedMs, firstTokenMs }) => [
    ...part('queue', since(askedMs), since(startedMs)),
    ...part('firstToken', since(startedMs), since(firstTokenMs)),
  ]);
  return { ...answer, parts: [...asked, ...used, ...answer.parts] };
}

/** From where to where all of these answers fit, with the line of a natural answer in it. */
export function latencyScale(answers: readonly Answer[]): TimeRange {
  const parts = answers.flatMap((answer) => answer.parts);
  const longest = Math.max(RESPONSE_LIMIT_MS, ...answers.map(({ responseMs }) => responseMs));
  const fromMs = Math.min(0, ...parts.map((part) => part.fromMs));
  return { fromMs, toMs: Math.ceil((longest * 1.08) / 100) * 100 };
}

/** Round moments on it, at most six. */
export function latencyTicks({ fromMs, toMs }: TimeRange): number[] {
  const step = [100, 200, 500, 1000, 2000, 5000, 10_000].find((ms) => (toMs - fromMs) / ms <= 6);
  const ticks: number[] = [];
  for (let ms = 0; step !== undefined && ms <= toMs; ms += step) ticks.push(ms);
  return ticks;
}

function part(stage: Stage, fromMs: number | undefined, toMs: number | undefined): LatencyPart[] {
  if (fromMs === undefined || toMs === undefined) return [];
  return [{ stage, fromMs, toMs: Math.max(fromMs, toMs) }];
}

/** When each turn of a conversation was said: the records tell only when it became history. Pure. */
import type { TurnJson } from './call-json.ts';
import type { PlayoutSpan } from './playout-span.ts';
import type { TimeRange } from './zoom.ts';

export interface SidesOfCall {
  ticks: readonly { atMs: number; type: string }[];
  playouts: readonly PlayoutSpan[];
  /** When the agent was told to say something into the silence: that is nobody's turn. */
  fills: readonly number[];
  tools: readonly TimeRange[];
}

/** Between what happened and its being written down as history. */
const LATE_MS = 250;

export function turnSpans(
  conversation: readonly TurnJson[],
  startedAt: number,
  sides: SidesOfCall,
): (TimeRange | undefined)[] {
  const speeches = sides.playouts.filter(({ fromMs }) => !isFilled(fromMs, sides.fills));
  const tools = sides.tools.values();
  const since = { caller: Number.NEGATIVE_INFINITY, agent: Number.NEGATIVE_INFINITY };
  return conversation.map(({ speaker, at }) => {
    const untilMs = Date.parse(at) - startedAt;
    if (speaker === 'tool') {
      const tool = tools.next().value;
      return tool && { fromMs: tool.fromMs, toMs: tool.toMs };
    }
    const span =
      speaker === 'caller'
        ? spokenSpan(sides.ticks, since.caller, untilMs)
        : heardSpan(speeches, since.agent, untilMs + LATE_MS);
    since[speaker] = untilMs;
    return span;
  });
}

/** How much of an agent's turn was cut, ms of sound: of the last time that it was played. */
export function unheardMs(playouts: readonly PlayoutSpan[], span: TimeRange | undefined): number {
  const last =
    span && playouts.findLast(({ fromMs, toMs }) => fromMs >= span.fromMs && toMs <= span.toMs);
  if (last?.how !== 'cleared') return 0;
  return Math.max(0, last.writtenMs - last.heardMs);
}

/** A fill plays at once, where it plays at all. */
function isFilled(fromMs: number, fills: readonly number[]): boolean {
  return fills.some((toldMs) => fromMs >= toldMs && fromMs - toldMs < LATE_MS);
}

/**
 * The turn's history begins when its answer is audible: it was said before that. A cough is no part
 * of it, unless it came after the turn was over.
 */
function spokenSpan(
  ticks: SidesOfCall['ticks'],
  sinceMs: number,
  untilMs: number,
): TimeRange | undefined {
  let fromMs: number | undefined;
  let toMs: number | undefined;
  for (const { atMs, type } of ticks) {
    if (atMs <= sinceMs || atMs > untilMs) continue;
    if (type === 'caller.spoke') fromMs ??= atMs;
    if (type === 'caller.ignored' && toMs === undefined) fromMs = undefined;
    if (type === 'caller.paused' || type === 'caller.finished') toMs = atMs;
  }
  if (fromMs === undefined) return undefined;
  return { fromMs, toMs: Math.max(fromMs, toMs ?? untilMs) };
}

/** It may have been stopped and taken up again. */
function heardSpan(
  speeches: readonly PlayoutSpan[],
  sinceMs: number,
  untilMs: number,
): TimeRange | undefined {
  const parts = speeches.filter(
    ({ toMs, fromMs }) => fromMs >= sinceMs - LATE_MS && toMs <= untilMs,
  );
  const first = parts[0];
  const last = parts.at(-1);
  return first && last && { fromMs: first.fromMs, toMs: last.toMs };
}

/** One generation of the agent's sound: when it was sent, played, heard and cut. Pure. */
import type { Payload } from './payload.ts';
import type { TimeRange } from './zoom.ts';

export interface PlayoutSpan extends TimeRange {
  how: string;
  writtenMs: number;
  heardMs: number;
  /** Of what was sent, as it plays on the telephone, what the caller heard. */
  heard: readonly TimeRange[];
  /** The rest of it. */
  unheard: readonly TimeRange[];
  marks: readonly { sentMs: number; echoedMs: number | null }[];
}

/** A silence shorter than this is a rounding of the clock. */
const JITTER_MS = 30;

export function readPlayout(
  payload: Payload,
  _atMs: number,
  startedAt: number,
): PlayoutSpan | undefined {
  const beganAt = payload.number('beganAt');
  const endedAt = payload.number('endedAt');
  if (beganAt === undefined || endedAt === undefined) return undefined;
  const heardMs = payload.number('heardMs') ?? 0;
  const messages = payload.rows('sent').flatMap(([at, ms]) => {
    return typeof at === 'number' && typeof ms === 'number' ? [{ atMs: at - startedAt, ms }] : [];
  });
  const sent = playedSpans(messages);
  return {
    fromMs: sent[0]?.fromMs ?? beganAt - startedAt,
    toMs: endedAt - startedAt,
    how: payload.text('how') ?? '',
    writtenMs: payload.number('writtenMs') ?? 0,
    heardMs,
    ...splitAfter(sent, heardMs),
    marks: payload.rows('marks').flatMap(([, sentAt, echoedAt]) => {
      if (typeof sentAt !== 'number') return [];
      const echoedMs = typeof echoedAt === 'number' ? echoedAt - startedAt : null;
      return [{ sentMs: sentAt - startedAt, echoedMs }];
    }),
  };
}

/** Messages are sent ahead of time and played one after the other; late ones leave a gap. */
export function playedSpans(messages: readonly { atMs: number; ms: number }[]): TimeRange[] {
  const spans: TimeRange[] = [];
  for (const { atMs, ms } of messages) {
    const last = spans.at(-1);
    if (last && atMs <= last.toMs + JITTER_MS) last.toMs += ms;
    else spans.push({ fromMs: atMs, toMs: atMs + ms });
  }
  return spans;
}

/** The first so many ms of these spans, and what is left of them. */
export function splitAfter(
  spans: readonly TimeRange[],
  ms: number,
): { heard: TimeRange[]; unheard: TimeRange[] } {
  let leftMs = ms;
  const heard: TimeRange[] = [];
  const unheard: TimeRange[] = [];
  for (const { fromMs, toMs } of spans) {
    const cutMs = Math.min(toMs, fromMs + Math.max(0, leftMs));
    if (cutMs > fromMs) heard.push({ fromMs, toMs: cutMs });
    if (cutMs < toMs) unheard.push({ fromMs: cutMs, toMs });
    leftMs -= toMs - fromMs;
  }
  return { heard, unheard };
}

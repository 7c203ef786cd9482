/** One generation of the agent's sound: when it was sent, played, heard and cut. Pure. */
import type { Payload } from './payload.ts';
import type { TimeRange } from './zoom.ts';

export interface PlayoutSpan extends TimeRange {
  how: string;
  writtenMs: number;
  heardMs: number;
  /** As it plays on the telephone: message after message. */
  sent: readonly TimeRange[];
  /** As much of that as the caller heard. */
  heard: readonly TimeRange[];
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
    sent,
    heard: firstOf(sent, heardMs),
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

/** The first so many ms of these spans. */
export function firstOf(spans: readonly TimeRange[], ms: number): TimeRange[] {
  let left = ms;
  const taken: TimeRange[] = [];
  for (const { fromMs, toMs } of spans) {
    if (left <= 0) break;
    taken.push({ fromMs, toMs: Math.min(toMs, fromMs + left) });
    left -= toMs - fromMs;
  }
  return taken;
}

/** Compares what the turn policy heard in a labelled recording with its labels. Pure. */
import type { TurnThresholds } from '../turns/thresholds.ts';
import { type Expectation, type TurnEvent, TurnPolicy } from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import type { LabelledClip } from './labelled-clips.ts';

export interface TurnScore {
  category: string;
  confidence: string;
  /** Some segment that was answered overlaps the turn. */
  found: boolean;
  /** Dated-back onset against the label; negative is early. Undefined when not found. */
  onsetErrorMs?: number;
  /** When `spoke` was emitted, after the labelled start. */
  spokeAfterMs?: number;
  /** End of speech against the label. Undefined when the turn ran into the next. */
  endErrorMs?: number;
  /** When `finished` was emitted, after the labelled end. */
  finishedAfterMs?: number;
  /** From the labelled end to the first sound of an answer that was prepared at the pause before. */
  responseMs?: number;
  /** Why it was declared finished. */
  reason?: string;
  /** The labelled pauses within it. */
  pauses: number;
  /** Turns that were declared finished while the label goes on. */
  cutIns: number;
  cutInsAt: { atMs: number; reason: string }[];
  /** Those after which the caller was heard again within 300 ms: the reply is not yet audible. */
  cutInsCaught: number;
}

export interface ClipScore {
  clip: LabelledClip;
  turns: TurnScore[];
  /** In a recording without speech: how often speech was announced, and how often answered. */
  falseStarts: number;
  falseTurns: number;
  /** Pauses at which a reply would be prepared, and those after which the caller went on. */
  pauses: number;
  pausesResumed: number;
}

/** What came of a sound over the agent. */
export interface OverAgentScore {
  id: string;
  outcome: 'unheard' | 'ignored' | 'interrupted';
  /** From the labelled start of the caller's speech; negative when something fired before it. */
  stoppedAfterMs?: number;
  decidedAfterMs?: number;
}

/** Scores a recording that is heard in mode `listening`. */
export function scoreTurns(
  clip: LabelledClip,
  windows: readonly SpeechWindow[],
  thresholds: TurnThresholds,
  expecting: Expectation,
): ClipScore {
  const policy = new TurnPolicy(thresholds);
  policy.attend('listening', expecting);
  const events = windows.flatMap((window) =>
    policy.push(window).map((event): TimedEvent => ({ ...event, atMs: window.endMs })),
  );
  const speechless = clip.speech.length === 0;
  const count = (wanted: TurnEvent['type']) => events.filter(({ type }) => type === wanted).length;
  return {
    clip,
    turns: labelledTurns(clip).map((turn) => scoreTurn(clip, turn, events)),
    falseStarts: speechless ? count('spoke') : 0,
    falseTurns: speechless ? count('finished') : 0,
    pauses: count('paused'),
    pausesResumed: count('resumed'),
  };
}

/** Scores the first sound of a recording that is heard while the agent speaks. */
export function scoreOverAgent(
  clip: LabelledClip,
  windows: readonly SpeechWindow[],
  thresholds: TurnThresholds,
): OverAgentScore {
  const policy = new TurnPolicy(thresholds);
  policy.attend('speaking');
  const startMs = clip.speech[0]?.[0] ?? 0;
  let stoppedAfterMs: number | undefined;
  for (const window of windows) {
    const after = window.endMs - startMs;
    for (const { type } of policy.push(window)) {
      if (type === 'spoke') {
        stoppedAfterMs = after;
        policy.attend('interrupted');
      } else if (type === 'ignored' || type === 'interrupted') {
        return { id: clip.id, outcome: type, stoppedAfterMs, decidedAfterMs: after };
      }
    }
  }
  return { id: clip.id, outcome: 'unheard', stoppedAfterMs };
}

type TimedEvent = TurnEvent & { atMs: number };
interface Turn {
  startMs: number;
  endMs: number;
}
interface LabelledTurn extends Turn {
  pauses: number;
}

/** The caller is heard again this soon: the reply, if any, has not reached the telephone yet. */
const CAUGHT_MS = 300;
/** In a conversation the labels hold both speakers; a silence of this length divides their turns. */
const BETWEEN_SPEAKERS_MS = 700;

/** A clip is one turn with its pauses, except a conversation. */
export function labelledTurns(clip: LabelledClip): LabelledTurn[] {
  const divide = clip.category === 'conversation' ? BETWEEN_SPEAKERS_MS : Number.POSITIVE_INFINITY;
  const turns: LabelledTurn[] = [];
  for (const [startMs, endMs] of clip.speech) {
    const last = turns.at(-1);
    if (last && startMs - last.endMs < divide) {
      last.pauses += 1;
      last.endMs = Math.max(last.endMs, endMs);
    } else turns.push({ startMs, endMs, pauses: 0 });
  }
  return turns;
}

function scoreTurn(
  clip: LabelledClip,
  turn: LabelledTurn,
  events: readonly TimedEvent[],
): TurnScore {
  const answered = answeredSegments(events).filter(
    ({ startMs, endMs }) => startMs < turn.endMs && endMs > turn.startMs,
  );
  const onset = nearest(
    answered.flatMap(({ onsets }) => onsets),
    turn.startMs,
  );
  const finishes = answered.flatMap(({ finish }) => finish ?? []);
  const cutIns = finishes.filter(({ atMs }) => atMs < turn.endMs);
  const last = finishes.find(({ atMs }) => atMs >= turn.endMs);
  const ownLast = last && last.speechEndMs < turn.endMs + BETWEEN_SPEAKERS_MS ? last : undefined;
  return {
    category: clip.category,
    confidence: clip.label_confidence,
    found: answered.length > 0,
    onsetErrorMs: onset && onset.onsetMs - turn.startMs,
    spokeAfterMs: onset && onset.atMs - turn.startMs,
    endErrorMs: ownLast && ownLast.speechEndMs - turn.endMs,
    finishedAfterMs: ownLast && ownLast.atMs - turn.endMs,
    responseMs: ownLast && answeredAtMs(ownLast, events) - turn.endMs,
    reason: ownLast?.reason,
    pauses: turn.pauses,
    cutIns: cutIns.length,
    cutInsAt: cutIns.map(({ atMs, reason }) => ({ atMs, reason })),
    cutInsCaught: cutIns.filter((cut) => isCaught(cut, events)).length,
  };
}

/** The answer is asked for at the pause, and waits for the decision or is waited for. */
function answeredAtMs(finish: Finish, events: readonly TimedEvent[]): number {
  const pause = events.findLast(({ type, atMs }) => type === 'paused' && atMs <= finish.atMs);
  return Math.max(finish.atMs, (pause ?? finish).atMs + PREPARATION_MS);
}

/** First token 150 ms, a clause of five tokens at 75 a second, first sound of the voice 90 ms, our own 10. */
export const PREPARATION_MS = 150 + Math.round(5000 / 75) + 90 + 10;

type Onset = Extract<TimedEvent, { type: 'spoke' | 'resumed' }>;
type Finish = Extract<TimedEvent, { type: 'finished' }>;
interface AnsweredSegment extends Turn {
  onsets: Onset[];
  /** Undefined when the recording ended first. */
  finish: Finish | undefined;
}

function answeredSegments(events: readonly TimedEvent[]): AnsweredSegment[] {
  const segments: AnsweredSegment[] = [];
  let onsets: Onset[] = [];
  const close = (endMs: number, finish?: Finish) => {
    const startMs = onsets[0]?.onsetMs;
    if (startMs !== undefined) segments.push({ startMs, endMs, onsets, finish });
    onsets = [];
  };
  for (const event of events) {
    if (event.type === 'spoke' || event.type === 'resumed') onsets.push(event);
    else if (event.type === 'finished') close(event.speechEndMs, event);
    else if (event.type === 'ignored') onsets = [];
  }
  close(Number.POSITIVE_INFINITY);
  return segments;
}

function nearest(onsets: readonly Onset[], toMs: number): Onset | undefined {
  const distance = ({ onsetMs }: Onset) => Math.abs(onsetMs - toMs);
  return onsets.toSorted((a, b) => distance(a) - distance(b))[0];
}

function isCaught(cut: Finish, events: readonly TimedEvent[]): boolean {
  const next = events.find(({ type, atMs }) => type === 'spoke' && atMs > cut.atMs);
  return next !== undefined && next.atMs - cut.atMs <= CAUGHT_MS;
}

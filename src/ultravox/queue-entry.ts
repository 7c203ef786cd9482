/** A request in the queue, as the queue sees it. */
import type { EngineEvent } from './engine-client.ts';
import { engineMs, type Priority, type SubmitOptions, type TicketTiming } from './engine-ticket.ts';
import { EventBuffer } from './event-buffer.ts';

export interface Entry extends SubmitOptions {
  readonly id: string;
  /** `ended` also before the entry first joins the line. */
  stage: 'line' | 'slot' | 'streaming' | 'ended';
  /** Aborted when the entry leaves the line, the slot or its stream; p-queue listens to it too. */
  attempt: AbortController;
  readonly buffer: EventBuffer;
  readonly timing: TicketTiming;
  /** The engine's last event, once it has come. */
  finish?: Extract<EngineEvent, { type: 'finished' }>;
  /** A caller who waits has its place; for good, unless it is begun again. */
  gaveWay: boolean;
  /** The deadline, while in line. */
  timer: NodeJS.Timeout | undefined;
  freeSlot: () => void;
  /** By the ticket's owner, or by a reader that leaves. */
  readonly cancel: () => void;
  /** The owner's signal. */
  readonly onAbort: () => void;
}

/** A request in the queue, as others may see it. */
export interface QueueView {
  id: string;
  /** CallSid; null: not known. */
  callSid: string | null;
  priority: Priority;
  stage: 'line' | 'slot' | 'streaming';
  /** How long it has been at this stage. */
  sinceMs: number;
}

/** @param onLeave called when the owner wants no more of it */
export function newEntry(
  options: SubmitOptions,
  id: string,
  onLeave: (entry: Entry, reason: unknown) => void,
): Entry {
  const cancel = () => onLeave(entry, new DOMException('The request was cancelled', 'AbortError'));
  const entry: Entry = {
    ...options,
    id,
    stage: 'ended',
    attempt: new AbortController(),
    buffer: new EventBuffer(cancel),
    timing: { queuedAtMs: performance.now(), lostMs: 0 },
    gaveWay: false,
    timer: undefined,
    freeSlot: () => {},
    cancel,
    onAbort: () => onLeave(entry, options.signal.reason),
  };
  return entry;
}

/** p-queue's priorities: higher goes first. */
export const RANK: Readonly<Record<Priority, number>> = {
  waiting: 2,
  speculative: 1,
  background: 0,
};

/** Undefined: it is in the queue no more. */
export function viewOf({ id, owner, priority, stage, timing }: Entry): QueueView | undefined {
  if (stage === 'ended') return undefined;
  const { queuedAtMs, startedAtMs = queuedAtMs, firstTokenAtMs = startedAtMs } = timing;
  const since = { line: queuedAtMs, slot: startedAtMs, streaming: firstTokenAtMs }[stage];
  const sinceMs = Math.round(performance.now() - since);
  return { id, callSid: owner ?? null, priority, stage, sinceMs };
}

export function sinceStartMs(entry: Entry): number {
  return performance.now() - (entry.timing.startedAtMs ?? performance.now());
}

/** It is begun again later: nothing of this attempt is kept but what it cost. */
export function forgetAttempt(entry: Entry): void {
  const { buffer, timing } = entry;
  entry.gaveWay = false;
  timing.lostMs = engineMs(timing);
  for (const moment of ATTEMPT) delete timing[moment];
  buffer.clear();
}

const ATTEMPT = ['startedAtMs', 'sentAtMs', 'firstTokenAtMs', 'newestAtMs', 'endedAtMs'] as const;

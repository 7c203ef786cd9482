import type { Logger } from 'pino';
import { readSummary, summaryRequest } from '../ultravox/call-summary.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import type { EngineQueue } from '../ultravox/engine-queue.ts';
import type { Transcriber } from '../ultravox/transcriber.ts';
import type { CallNotes } from './call-notes.ts';
import type { CallRecord } from './call-record.ts';

export interface AfterCallOptions {
  conversation: Conversation;
  transcriber: Transcriber;
  queue: Pick<EngineQueue, 'submit'>;
  notes: CallNotes;
  record: CallRecord;
  log: Pick<Logger, 'warn'>;
  /** The server goes: what is not done by then stays undone. */
  signal: AbortSignal;
}

/** All of it, for one call; the engine has nothing better to do in between. */
const AFTER_CALL_MS = 120_000;
/** Above this the caller may have thought that the line was dead. */
const DEAD_AIR_MS = 2500;

/**
 * What is done for a call that is over, when nobody waits for the engine: the last turns are written
 * down, and the call is summed up and tagged. Never rejects; the record stands without it.
 */
export async function workAfterCall(options: AfterCallOptions): Promise<void> {
  const { record, notes, transcriber, log, signal } = options;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), AFTER_CALL_MS);
  const bounded = AbortSignal.any([signal, limit.signal]);
  let summary: ReturnType<typeof readSummary>;
  try {
    // The first may only join work that a failure is about to stop.
    for (let tries = 0; tries < 2 && options.conversation.nextToTranscribe(); tries++) {
      await transcriber.wake(bounded);
    }
    summary = await summarise(options, bounded);
  } catch (error) {
    // The words that the engine was given may stand in its errors: only their class is told.
    if (!signal.aborted) log.warn({ kind: (error as Error).name }, 'call not summarised');
  } finally {
    clearTimeout(timer);
  }
  notes.summarised(summary?.summary ?? null, [...(summary?.tags ?? []), ...countedTags(record)]);
}

async function summarise(options: AfterCallOptions, signal: AbortSignal) {
  const request = summaryRequest(options.conversation.turns);
  if (!request || signal.aborted) return undefined;
  const ticket = options.queue.submit({
    request,
    priority: 'background',
    deadlineMs: AFTER_CALL_MS,
    signal,
    owner: options.record.callSid,
  });
  let answer = '';
  for await (const event of ticket.events) if (event.type === 'text') answer += event.text;
  return readSummary(answer);
}

/** What the record knows for certain is not left to the model. */
function countedTags(record: CallRecord): string[] {
  const used = (tool: string) => (record.toolCalls[tool] ?? 0) > 0;
  return [
    ...(used('confirm_booking') ? ['reservation_made'] : []),
    ...(used('change_booking') ? ['reservation_changed'] : []),
    ...(used('cancel_booking') ? ['reservation_cancelled'] : []),
    ...(used('take_message') ? ['message_taken'] : []),
    ...(record.outcome === 'handedOff' ? ['handed_off'] : []),
    ...(record.deadAirMs > DEAD_AIR_MS ? ['dead_air'] : []),
    `language_${record.language}`,
  ];
}

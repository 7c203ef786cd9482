import type { MediaStream } from '../twilio/media-stream.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import type { Transcriber } from '../ultravox/transcriber.ts';
import { workAfterCall } from './after-call.ts';
import type { Agent } from './agent.ts';
import type { CallRecord } from './call-record.ts';
import type { CallServices } from './call-services.ts';
import type { CallWatch } from './call-watch.ts';

export interface SettleOptions {
  services: Pick<CallServices, 'queue' | 'journal' | 'closing'>;
  watch: CallWatch;
  conversation: Conversation;
  transcriber: Transcriber;
  agent: Agent | undefined;
  stream: MediaStream | undefined;
  record: CallRecord;
  /** As it is now: a tool may have ended after the call did. */
  wholeRecord(): CallRecord;
}

/** Of what was written down of a call, before Twilio asks what comes next. */
const FLUSH_MS = 1000;

/** The call has its outcome: a tool that has begun is waited for, and the words are written down. */
export async function settleCall(options: SettleOptions): Promise<void> {
  const { services, watch, conversation, transcriber, agent, stream, record } = options;
  const { notes, log } = watch;
  if (!notes) return stream?.close();
  notes.ended(record);
  // Twilio may ask another process: one that found no outcome would go on with a call that is over.
  await services.journal.flush?.(FLUSH_MS).catch(() => undefined);
  stream?.close();
  await Promise.all([agent?.close(), watch.recording?.close()]);
  // All that is left to do for it is done where it goes on.
  if (record.outcome === 'continued') return;
  const whole = options.wholeRecord();
  notes.ended({ ...record, toolCalls: whole.toolCalls, reservationIds: whole.reservationIds });
  const { queue, closing: signal } = services;
  await workAfterCall({ conversation, transcriber, queue, notes, record: whole, log, signal });
}

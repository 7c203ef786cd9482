/** Tells the traces what happens in calls and at the engine. */
import type { CallObserver } from '../call/call-services.ts';
import { momentOf } from '../call/moment.ts';
import { stagesOf } from '../call/turn-stages.ts';
import type { Call } from '../call.ts';
import type { ReplyNote } from '../journal/call-event.ts';
import type { CallTraces, TracedRequest } from '../tracing/call-traces.ts';
import type { Passage } from '../ultravox/queue-passage.ts';

export interface TracingFeed {
  readonly observer: CallObserver;
  onRequestEnded(passage: Passage): void;
}

export function tracingFeed(traces: CallTraces): TracingFeed {
  return {
    observer: callObserver(traces),
    onRequestEnded: (passage) => {
      if (passage.owner) traces.requested(passage.owner, requestOf(passage));
    },
  };
}

function callObserver(traces: CallTraces): CallObserver {
  const about =
    <Told extends unknown[]>(tell: (callSid: string, ...told: Told) => void) =>
    (call: Call, ...told: Told) => {
      if (call.callSid) tell(call.callSid, ...told);
    };
  return {
    onStarted: (_call, start) => traces.started(start),
    onState: turnFinder(traces),
    onTurn: about((callSid, timing) =>
      traces.turnAnswered(callSid, timing.endpointReason, { ...stagesOf(timing) }),
    ),
    onReply: about((callSid, note) => tellSpeech(traces, callSid, note)),
    onTool: about((callSid, { name, beganAt: startedAt, endedAt, accepted }) =>
      traces.toolUsed(callSid, { name, startedAt, endedAt, accepted }),
    ),
    onEnded: about((callSid, record) => traces.ended(callSid, record)),
  };
}

const HEARING = 'conversation.listening.hearing';
const WAITING = 'conversation.listening.waiting';

/** A turn is what the caller says and what is answered to it, until nobody speaks or both do. */
function turnFinder(traces: CallTraces): NonNullable<CallObserver['onState']> {
  const states = new WeakMap<Call, string>();
  return (call, to) => {
    const from = states.get(call) ?? '';
    states.set(call, to);
    const { callSid } = call;
    if (!callSid) return;
    if (to === WAITING) traces.turnEnded(callSid, false);
    // From thinking the caller goes on with the turn that is not answered yet.
    if (!to.startsWith(HEARING) || /^conversation\.(thinking|listening\.hearing)/.test(from))
      return;
    if (from === 'conversation.bargeIn') traces.turnEnded(callSid, true);
    traces.turnBegan(callSid);
  };
}

/** The voice's part of a reply: from its first clause to the end of both. */
function tellSpeech(traces: CallTraces, callSid: string, note: ReplyNote): void {
  const { firstClauseAt, firstSoundAt, endedAt, how } = note;
  if (firstClauseAt === null) return;
  traces.spoke(callSid, {
    startedAt: firstClauseAt,
    firstSoundAt: firstSoundAt ?? undefined,
    endedAt,
    outcome: how,
  });
}

function requestOf({ priority, timing, endedAtMs, how, failure, finish }: Passage): TracedRequest {
  const { reason, usage } = finish ?? {};
  return {
    priority,
    askedAt: momentOf(timing.queuedAtMs),
    startedAt: momentOf(timing.startedAtMs) ?? undefined,
    firstTokenAt: momentOf(timing.firstTokenAtMs) ?? undefined,
    endedAt: momentOf(endedAtMs),
    outcome: how,
    failure,
    // What the engine says is its own: of that, only what we know.
    finishReason: reason && (FINISH_REASONS.includes(reason) ? reason : 'other'),
    tokens: usage && { input: usage.promptTokens, output: usage.completionTokens },
  };
}

const FINISH_REASONS: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter'];

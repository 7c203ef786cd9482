/**
 * Calls as traces: one for each call, in it a span for each turn, and in that what the turn was made
 * of. Moments are ms since 1970. Nothing that anybody said, and no number, is given to it.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export interface StartedCall {
  callSid: string;
  language: string;
  startedAt: number;
}

export interface EndedCall {
  outcome: string;
  /** Which limit ended it; null: none. */
  reason: string | null;
  turns: number;
  deadAirMs: number;
}

export interface TracedRequest {
  priority: string;
  askedAt: number;
  /** When it got the slot; undefined: it never left the line. */
  startedAt: number | undefined;
  firstTokenAt: number | undefined;
  endedAt: number;
  outcome: 'completed' | 'cancelled' | 'failed';
  /** Of one that failed. */
  failure: string | undefined;
  finishReason: string | undefined;
  tokens: { input: number; output: number } | undefined;
}

export interface TracedSpeech {
  /** When it had its first words. */
  startedAt: number;
  firstSoundAt: number | undefined;
  endedAt: number;
  outcome: 'completed' | 'cancelled' | 'failed';
}

export interface TracedTool {
  name: string;
  startedAt: number;
  endedAt: number;
  accepted: boolean;
}

interface Live {
  root: Span;
  context: Context;
  turn: { span: Span; context: Context } | undefined;
  turns: number;
}

export class CallTraces {
  readonly #tracer: Tracer;
  readonly #model: string;
  readonly #live = new Map<string, Live>();
  /** Calls that are over, for which the engine may still write; the oldest first. */
  readonly #over = new Map<string, Context>();

  /** @param model the name under which the engine serves it */
  constructor(tracer: Tracer, model: string) {
    this.#tracer = tracer;
    this.#model = model;
  }

  started({ callSid, language, startedAt }: StartedCall): void {
    const attributes = {
      'gen_ai.conversation.id': callSid,
      'voice.call.sid': callSid,
      'voice.call.language': language,
    };
    const options = { kind: SpanKind.SERVER, startTime: startedAt, attributes };
    const root = this.#tracer.startSpan('call', options, ROOT_CONTEXT);
    const context = trace.setSpan(ROOT_CONTEXT, root);
    this.#live.set(callSid, { root, context, turn: undefined, turns: 0 });
  }

  /** The caller begins to speak; a turn that still goes on ends here. */
  turnBegan(callSid: string): void {
    const call = this.#live.get(callSid);
    if (!call) return;
    endTurn(call);
    call.turns += 1;
    const attributes = { 'voice.turn.number': call.turns };
    const span = this.#tracer.startSpan('turn', { attributes }, call.context);
    call.turn = { span, context: trace.setSpan(call.context, span) };
  }

  /** @param stages ms by stage */
  turnAnswered(
    callSid: string,
    endpointReason: string,
    stages: Readonly<Record<string, number>>,
  ): void {
    const span = this.#live.get(callSid)?.turn?.span;
    span?.addEvent('agent.audible');
    span?.setAttribute('voice.turn.endpoint_reason', endpointReason);
    for (const [stage, ms] of Object.entries(stages)) {
      span?.setAttribute(`voice.turn.${stage}_seconds`, ms / 1000);
    }
  }

  turnEnded(callSid: string, interrupted: boolean): void {
    const call = this.#live.get(callSid);
    call?.turn?.span.setAttribute('voice.turn.interrupted', interrupted);
    if (call) endTurn(call);
  }

  /** By OpenTelemetry's conventions for generative AI. */
  requested(callSid: string, request: TracedRequest): void {
    const { askedAt, startedAt, firstTokenAt, endedAt, failure } = request;
    const span = this.#begin(callSid, `chat ${this.#model}`, {
      kind: SpanKind.CLIENT,
      startTime: askedAt,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'vllm',
        'gen_ai.request.model': this.#model,
        'gen_ai.request.stream': true,
        'gen_ai.conversation.id': callSid,
        'voice.engine.priority': request.priority,
        'voice.engine.outcome': request.outcome,
        'voice.engine.queue_wait_seconds': ((startedAt ?? endedAt) - askedAt) / 1000,
        ...answerAttributes(request),
      },
    });
    if (startedAt !== undefined) span?.addEvent('slot.taken', startedAt);
    if (firstTokenAt !== undefined) span?.addEvent('first.token', firstTokenAt);
    if (failure !== undefined) fail(span, failure);
    span?.end(endedAt);
  }

  spoke(callSid: string, { startedAt, firstSoundAt, endedAt, outcome }: TracedSpeech): void {
    const span = this.#begin(callSid, 'speak', {
      kind: SpanKind.CLIENT,
      startTime: startedAt,
      attributes: {
        'gen_ai.output.type': 'speech',
        'voice.speech.outcome': outcome,
        ...(firstSoundAt !== undefined && {
          'voice.speech.first_sound_seconds': (firstSoundAt - startedAt) / 1000,
        }),
      },
    });
    if (firstSoundAt !== undefined) span?.addEvent('first.sound', firstSoundAt);
    if (outcome === 'failed') fail(span, 'failed');
    span?.end(endedAt);
  }

  toolUsed(callSid: string, { name, startedAt, endedAt, accepted }: TracedTool): void {
    const span = this.#begin(callSid, `execute_tool ${name}`, {
      startTime: startedAt,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': name,
        'gen_ai.conversation.id': callSid,
        'voice.tool.accepted': accepted,
      },
    });
    span?.end(endedAt);
  }

  ended(callSid: string, { outcome, reason, turns, deadAirMs }: EndedCall): void {
    const call = this.#live.get(callSid);
    if (!call) return;
    this.#live.delete(callSid);
    endTurn(call);
    call.root.setAttributes({
      'voice.call.outcome': outcome,
      'voice.call.turns': turns,
      'voice.call.dead_air_seconds': deadAirMs / 1000,
      ...(reason && { 'voice.call.reason': reason }),
    });
    if (outcome === 'failed') fail(call.root, 'failed');
    call.root.end();
    this.#over.set(callSid, call.context);
    const oldest = this.#over.keys().next().value;
    if (this.#over.size > MAX_OVER && oldest !== undefined) this.#over.delete(oldest);
  }

  /** In the turn that goes on, or in the call; nowhere, if it is not known. */
  #begin(
    callSid: string,
    name: string,
    options: { kind?: SpanKind; startTime: number; attributes: Attributes },
  ): Span | undefined {
    const call = this.#live.get(callSid);
    const context = call?.turn?.context ?? call?.context ?? this.#over.get(callSid);
    return context && this.#tracer.startSpan(name, options, context);
  }
}

/** Transcripts and summaries come within two minutes of a call's end. */
const MAX_OVER = 200;

function answerAttributes(request: TracedRequest): Attributes {
  const { startedAt, firstTokenAt, failure, finishReason, tokens } = request;
  return {
    ...(startedAt !== undefined &&
      firstTokenAt !== undefined && {
        'gen_ai.response.time_to_first_chunk': (firstTokenAt - startedAt) / 1000,
      }),
    ...(finishReason !== undefined && { 'gen_ai.response.finish_reasons': [finishReason] }),
    ...(tokens && {
      'gen_ai.usage.input_tokens': tokens.input,
      'gen_ai.usage.output_tokens': tokens.output,
    }),
    ...(failure !== undefined && { 'error.type': failure }),
  };
}

function endTurn(call: Live): void {
  call.turn?.span.end();
  call.turn = undefined;
}

/** Without a message: those of errors may hold what others wrote. */
function fail(span: Span | undefined, kind: string): void {
  span?.setAttribute('error.type', kind);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}
